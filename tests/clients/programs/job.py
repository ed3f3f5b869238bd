"""What every client is given, and what it gives back.

A program of this folder runs in an environment that holds the client's library
and nothing of kerasfg:

    python run_onnxruntime.py jobs.json answers.npz

Each job names a model `file` and `pictures`. The answers to job 3 are the array
`"3"`, float32 `(pictures, classes)`.
"""

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
    answers = {}
    for number, job in enumerate(jobs):
        predict = start(job)
        rows = [predict(read(path, job)) for path in job["pictures"]]
        answers[str(number)] = np.stack(rows).astype("float32")
    np.savez(sys.argv[2], **answers)


def read(path, job):
    """Opens a picture upright, in colours, enlarged if the job says so."""
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    picture.filename = path
    side = job.get("enlarge")
    if side:
        scale = side / min(picture.size)
        size = [round(length * scale) for length in picture.size]
        picture = picture.resize(size, Image.Resampling.BICUBIC)
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
