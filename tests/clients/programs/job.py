"""What every client is given, and what it gives back.

A program of this folder runs in an environment that holds the client's library
and nothing of kerasfg:

    python run_onnxruntime.py jobs.json answers.npz

Each job names a model `file` and `pictures`. The answers to job 3 are the array
`"3"`, float32 `(pictures, classes)`, or the text of the error.
"""

import functools
import json
import sys

import numpy as np
from PIL import Image
from PIL import ImageOps


def answer(start):
    """Reads the jobs, answers each picture, and writes the answers.

    Args:
        start: Function of a job that loads its model. It returns a function
            from a picture, a `PIL.Image.Image`, to its probabilities.
    """
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    answers = [[] for _ in jobs]
    predict = [_or_error(start, job) for job in jobs]
    # Picture by picture, so that each is read once for all jobs.
    for i in range(max(len(job["pictures"]) for job in jobs)):
        for n, job in enumerate(jobs):
            if isinstance(predict[n], str) or i >= len(job["pictures"]):
                continue
            picture = read(job["pictures"][i], job.get("enlarge"))
            row = _or_error(predict[n], picture)
            if isinstance(row, str):
                predict[n] = row
            else:
                answers[n].append(row)
    arrays = {
        str(n): np.array(
            predict[n] if isinstance(predict[n], str) else answers[n]
        )
        for n in range(len(jobs))
    }
    np.savez(sys.argv[2], **arrays)


def _or_error(function, value):
    try:
        return function(value)
    except Exception as error:  # of any library
        return f"{type(error).__name__}: {error}"


@functools.lru_cache(maxsize=1)
def read(path, enlarge=None):
    """Opens a picture upright and in colours.

    Args:
        path: File of the picture.
        enlarge: Length of the shorter side to resize it to. Defaults to
            `None`: as it is.
    """
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    if enlarge:
        scale = enlarge / min(picture.size)
        size = [round(length * scale) for length in picture.size]
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    picture.filename = path
    return picture


def square(picture):
    """Cuts out the largest centred square, as kerasfg does."""
    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    return picture.crop((left, top, left + side, top + side))


def pixels(picture, size):
    """Cuts a square out and resizes it by Pillow: uint8 `(size, size, 3)`."""
    resized = square(picture).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(resized)
