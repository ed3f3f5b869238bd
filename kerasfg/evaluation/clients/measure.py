"""Measures each file on the test pictures as each client prepares them."""

from __future__ import annotations

import contextlib
import functools
import itertools
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from kerasfg.data.progress import in_threads
from kerasfg.evaluation.clients import client as faults
from kerasfg.evaluation.clients import media_pipe
from kerasfg.evaluation.clients.all_clients import all_clients
from kerasfg.evaluation.clients.client import Client
from kerasfg.evaluation.clients.client_file import ClientFile
from kerasfg.evaluation.clients.difference import paired_difference
from kerasfg.evaluation.clients.findings import find_losses
from kerasfg.evaluation.clients.pictures import OriginalPictures
from kerasfg.evaluation.how_sure.intervals import wilson_interval

_BLOCK = 32  # pictures whose inputs are in memory, if these are small
_BLOCK_BYTES = 64e6  # of these inputs, one for every client
_READ_AT_ONCE = 32e6  # pixels of originals in memory, or one larger picture
_MEDIA_PIPE = "mediapipe"


def measure_clients(
    files: Sequence[ClientFile],
    pictures: OriginalPictures,
    clients: Sequence[Client] | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Measures what apps cost by how they make the input of a file.

    Each client makes of each original picture the input of each file. Where
    MediaPipe is installed, it runs the `.tflite` files too, on the original
    pictures as training cropped them.

    Args:
        files: `ClientFile`s.
        pictures: `OriginalPictures`.
        clients: `Client`s; the first prepares pictures as training did.
            Defaults to `None`: `all_clients`.
        progress: Whether to show a progress bar where stderr is a terminal.
            Defaults to `True`.

    Returns:
        Dict that is strict JSON:

        - `pictures`: how many were tested, `of`: of how many test pictures;
        - `crop`: what training took of a picture;
        - `files`: dicts of `file`, `takes` and `image_size`;
        - `clients`: dicts of `client`, `title`, `who`, `fault` and `files`,
          from the name of a file to a dict of `top_1`, `top_1_interval`
          (Wilson, 95 %), `difference` (to the same file with its input made as
          in training) and `difference_interval`; a file that the client cannot
          run is missing;
        - `findings`: the losses of more than two points, see `find_losses`.

    Raises:
        ValueError: If there is no picture.

    Example:

    ```python
    network = ClientFile("network", "pixels", 32, predict)
    found = measure_clients([network], pictures)
    found["clients"][0]["files"]["network"]["top_1"]
    ```
    """
    if not len(pictures):
        raise ValueError("At least one picture is needed. Received: 0 pictures")
    clients = all_clients(pictures.crop) if clients is None else list(clients)
    right = _answers(files, pictures, clients, progress)
    rows = [
        {
            "client": client.name,
            "title": client.title,
            "who": client.who,
            "fault": client.fault,
            "files": {
                file.name: _cell(right, clients[0].name, client.name, file.name)
                for file in files
                if (client.name, file.name) in right
            },
        }
        for client in [*clients, *_runners(right)]
    ]
    found = {
        "pictures": len(pictures),
        "of": pictures.found or len(pictures),
        "crop": pictures.crop,
        "files": [
            {
                "file": file.name,
                "takes": file.takes,
                "image_size": file.image_size,
            }
            for file in files
        ],
        "clients": rows,
    }
    return {**found, "findings": find_losses(found)}


def _runners(right):
    """Clients that ran files on their own."""
    if any(name == _MEDIA_PIPE for name, _ in right):
        title = media_pipe.TITLE
        yield Client(_MEDIA_PIPE, title, title, None, faults.ALIASED)


def _cell(right, training, client, file):
    found = right[client, file]
    before = right[training, file]
    difference, low, high = paired_difference(before, found)
    n = len(found)
    return {
        "top_1": float(found.mean()),
        "top_1_interval": list(wilson_interval(int(found.sum()), n)),
        "difference": difference,
        "difference_interval": [low, high],
    }


def _answers(files, pictures, clients, progress):
    """Returns `{(client, file): boolean array}`, whether it was right."""
    found, labels = {}, np.asarray(pictures.labels)
    sides = sorted({file.image_size for file in files})
    length = _block_length(sides, clients)
    console = Console(stderr=True)
    hidden = not (progress and console.is_terminal)
    with (
        contextlib.ExitStack() as stack,
        Progress(console=console, transient=True, disable=hidden) as bar,
    ):
        own = _media_pipe(files, stack)
        make = functools.partial(_inputs, pictures, clients, sides, bool(own))
        task = bar.add_task("Testing what apps do", total=len(pictures))
        for start in range(0, len(pictures), length):
            block = range(start, min(start + length, len(pictures)))
            inputs = []
            for made, square in _made(make, pictures.pixel_counts, block):
                inputs.append(made)
                for name, classifier in own.items():
                    given = found.setdefault((_MEDIA_PIPE, name), [])
                    given.append(classifier.top_class(square))
                square = None  # it may be large, and the next one as well
                bar.advance(task)
            for file in files:
                for client, given in _predict(file, inputs, clients).items():
                    found.setdefault((client, file.name), []).extend(given)
    return {key: np.array(given) == labels for key, given in found.items()}


def _block_length(sides, clients):
    """Returns the number of pictures whose inputs fit into memory."""
    size = len(clients) * sum(3 * side**2 for side in sides)
    return min(max(int(_BLOCK_BYTES / max(size, 1)), 1), _BLOCK)


def _made(make, pixel_counts, block):
    """Yields the result of `make` for each picture of a block, in order.

    Threads make as many at once as have `_READ_AT_ONCE` pixels together.
    """
    left = list(block)
    while left:
        count = 1
        if pixel_counts is not None:
            sums = np.cumsum(pixel_counts[left])
            count = max(int((sums <= _READ_AT_ONCE).sum()), 1)
        some, left = left[:count], left[count:]
        yield from in_threads(make, some, "", False, ahead=0)


def _media_pipe(files, stack):
    if not media_pipe.is_installed():
        return {}
    found = {}
    for file in files:
        if file.path is None or file.path.suffix != ".tflite":
            continue
        try:
            opened = media_pipe.MediaPipeClassifier(file.path)
        except ValueError as error:
            warnings.warn(str(error), stacklevel=4)
            continue
        found[file.name] = stack.enter_context(opened)
    return found


def _inputs(pictures, clients, sides, keep, index):
    """Returns `{(client, side): input}`, and the cropped picture to keep."""
    trained, other = pictures.pixels(index)
    made, shrunk = {}, {}
    for client, side in itertools.product(clients, sides):
        # Several clients shrink in the same way, and then change the result.
        how = client.shrink, client.other_crop, side
        if how not in shrunk:
            picture = other if client.other_crop else trained
            shrunk[how] = client.shrink(picture, side)
        made[client.name, side] = client.changed(shrunk[how])
    return made, trained if keep else None


def _predict(file, inputs, clients):
    """Returns `{client: top class of each picture}`.

    Equal inputs, as of pictures that have the right size, run only once.
    """
    side, places, different = file.image_size, {}, []
    asked = {client.name: [] for client in clients}
    for made in inputs:
        for name, rows in asked.items():
            key = made[name, side].tobytes()
            if key not in places:
                places[key] = len(different)
                different.append(made[name, side])
            rows.append(places[key])
    classes = np.asarray(file.predict(np.stack(different))).argmax(axis=1)
    return {name: classes[rows].tolist() for name, rows in asked.items()}
