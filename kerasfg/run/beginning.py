"""The inputs of a training, which a resumed one is compared with."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.config.first_weights import trained_model
from kerasfg.given_file import read_given

if TYPE_CHECKING:
    from kerasfg.config.recipe import Recipe
    from kerasfg.data.attributes import AttributeTable
    from kerasfg.data.pixels.cache import PixelCache
    from kerasfg.run.run_folder import RunFolder

FORMAT = 1
MOST_NAMED = 3
MAX_BYTES = 512 * 2**20


def write_beginning(
    run: RunFolder,
    recipe: Recipe,
    pixels: PixelCache,
    attributes: AttributeTable | None = None,
) -> None:
    """Writes `begun.json`, unless a training to resume has left it there.

    Args:
        run: The `RunFolder`.
        recipe: The `Recipe`.
        pixels: The `PixelCache` that is trained on.
        attributes: The `AttributeTable`. Defaults to `None`.
    """
    if not run.begun.exists():
        pictures = dict(zip(pixels.names, _pictures(pixels), strict=True))
        _write(
            run,
            {
                "format": FORMAT,
                "recipe": _values(run, recipe),
                "classes": list(pixels.class_names),
                "attributes": _attributes(attributes),
                "teacher": _teacher(recipe),
                "weights": _weights(recipe),
                "pictures": pictures,
                "not_finite": None,
            },
        )


def compare_beginning(
    run: RunFolder,
    recipe: Recipe,
    pixels: PixelCache,
    attributes: AttributeTable | None = None,
) -> None:
    """Compares the inputs of a resumed training with the original ones.

    A warning names each difference with which a training can continue: an
    edited recipe or table, another teacher, and pictures that were added or
    changed. Pictures that are gone are an error of `RunFolder.read_splits`.

    Args:
        run, recipe, pixels, attributes: See `write_beginning`.

    Raises:
        ValueError: If a picture is of another class.
    """
    begun = _read(run)
    if begun is None:
        return
    edited = _edited(begun["recipe"], _values(run, recipe), recipe)
    for line in edited.values():
        _warn(line)
    if begun["attributes"] != _attributes(attributes):
        _warn("The table of attributes was edited: it is used as it is now")
    if begun["teacher"] != _teacher(recipe):
        _warn("The teacher has changed: it is used as it is now")
    known = None, begun.get("weights")
    if not run.checkpoint.exists() and _weights(recipe) not in known:
        _warn("The initial weights have changed: they are used as they are now")
    # At another size, all pixels are others.
    options = type(recipe).options()
    resized = any(options[name].section == "data" for name in edited)
    _compare_pictures(begun["pictures"], pixels, resized)


def check_classes(run: RunFolder, class_names: tuple[str, ...]) -> None:
    """Checks that the pictures are of the classes that were trained.

    Args:
        run: The `RunFolder`.
        class_names: Names of the classes as they are now.

    Raises:
        ValueError: If the classes are others.
    """
    known = run.read_class_names() if run.labels.exists() else class_names
    before, now = set(known), set(class_names)
    new = [name for name in class_names if name not in before]
    gone = [name for name in known if name not in now]
    what = [f"new: {_listed(new)}"] * bool(new)
    what += [f"gone: {_listed(gone)}"] * bool(gone)
    if known != class_names:
        raise ValueError(
            "The pictures must have the classes of the training: restore them, "
            "or begin a new training in another folder. Received: "
            f"{'; '.join(what) or 'another order'}"
        )


def note_not_finite(run: RunFolder, recipe: Recipe, epoch: int) -> None:
    """Notes that the loss was not finite, for `check_resumable`.

    Args:
        run: The `RunFolder`.
        recipe: The `Recipe` of the training that ended.
        epoch: The epoch in which it was, from 1.
    """
    begun = _read(run)
    if begun is not None:
        noted = {"epoch": epoch, "recipe": _values(run, recipe)}
        _write(run, {**begun, "not_finite": noted})


def check_resumable(run: RunFolder, recipe: Recipe) -> None:
    """Checks that a training would not fail again in the same way.

    Args:
        run: The `RunFolder`.
        recipe: The `Recipe` as it is in the folder now.

    Raises:
        ValueError: If its loss was not finite and its recipe is the same.
    """
    begun = _read(run)
    noted = begun and begun["not_finite"]
    if noted and noted["recipe"] == _values(run, recipe):
        rate = recipe.training.of_optimizer("learning_rate")
        raise ValueError(
            "The loss of this training was not finite in epoch "
            f"{noted['epoch']}, and would fail again: lower learning_rate (now "
            f"{rate:g}) under [training] in {run.recipe}, then resume. "
            f"Received: run={str(run.path)!r}"
        )


def _values(run, recipe):
    """Returns the options; the folder has a copy of what `leave_out` names."""
    return {**run.movable(recipe).values(), "leave_out": ""}


def _edited(before, values, recipe):
    """Returns a line for each option that has another value, by its name."""
    options = type(recipe).options()
    return {
        name: (
            f"{options[name].in_a_file} of the recipe was {before[name]!r} and "
            f"is {value!r}: the training goes on with {value!r}"
        )
        for name, value in values.items()
        if name in before and before[name] != value
    }


def warn_of_added(names: Sequence[str]) -> None:
    """Warns of pictures, if any, that were added since a training began.

    Args:
        names: Their names.
    """
    if names:
        _warn(f"Added: {_named(names)}. Only a new training uses them")


def _compare_pictures(before, pixels, resized):
    now = dict(zip(pixels.names, _pictures(pixels), strict=True))
    both = [name for name in now if name in before]
    moved = [name for name in both if before[name][0] != now[name][0]]
    if moved:
        raise ValueError(
            "A picture must be of the class that it was trained as: give these "
            "back their class, or begin a new training. "
            f"Received: {_named(moved)}"
        )
    changed = [name for name in both if before[name] != now[name]]
    if changed and not resized:
        _warn(f"Changed: {_named(changed)}. They are used as they are now")
    warn_of_added([name for name in now if name not in before])


def _named(names):
    word = "picture" if len(names) == 1 else "pictures"
    return f"{len(names)} {word} ({_listed(names)})"


def _listed(names):
    more = ", ..." * (len(names) > MOST_NAMED)
    return ", ".join(map(repr, names[:MOST_NAMED])) + more


def _warn(line):
    warnings.warn(f"Since the training began: {line}.", stacklevel=3)


def _pictures(pixels):
    """Returns the label and a digest of the pixels of each picture."""
    return [
        [int(label), _digest(np.ascontiguousarray(image).data)]
        for label, image in zip(pixels.labels, pixels.images, strict=True)
    ]


def _attributes(table):
    if table is None:
        return None
    return _digest(json.dumps(table.by_class(), sort_keys=True).encode())


def _teacher(recipe):
    from kerasfg.run.run_folder import RunFolder

    if not recipe.teacher.run:
        return None
    return _digest(RunFolder(recipe.teacher.run).model.read_bytes())


def _weights(recipe):
    """Returns a digest of the trained model that it begins with, if any."""
    file = trained_model(recipe)
    return _digest(file.read_bytes()) if file and file.is_file() else None


def _digest(content):
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _write(run, begun):
    with replacing(run.begun) as temporary_path:
        temporary_path.write_text(json.dumps(begun), encoding="ascii")


def _read(run):
    """Returns the content of `begun.json`, `None` where it is missing."""
    if not run.begun.exists():
        return None
    try:
        begun = json.loads(read_given(run.begun, "begun.json", MAX_BYTES))
        if begun["format"] == FORMAT and _is_whole(begun):
            return begun
    except (ValueError, RecursionError, KeyError, TypeError):
        pass
    warnings.warn(
        f"{run.begun} is broken: the training is not compared with what it "
        "began with.",
        stacklevel=3,
    )
    return None


def _is_whole(begun):
    noted = begun["not_finite"]
    return (
        isinstance(begun["recipe"], dict)
        and isinstance(begun["pictures"], dict)
        and all(isinstance(name, str) for name in begun["classes"])
        and all(len(facts) == 2 for facts in begun["pictures"].values())
        and {"attributes", "teacher"} <= set(begun)
        and (noted is None or {"epoch", "recipe"} <= set(noted))
    )
