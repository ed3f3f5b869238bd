"""Description: what a user states about a model that does not store it."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Sequence
from typing import Any
from typing import Literal

from kerasfg.data.sources.class_names import class_name_of

MAX_BYTES = 16 * 2**20  # of a file of labels
# Why a crop is needed, the argument, and what to give.
CROP_QUESTION = (
    "Not all pictures are square, and the model does not show what it was "
    "trained on",
    "crop",
    "center for the square in the middle, or whole for the picture squeezed to "
    "a square, as Keras's image_dataset_from_directory does by default",
)
CROPS = ("center", "whole")
ORDERS = ("natural", "keras")


@dataclasses.dataclass(frozen=True)
class Description:
    """Facts that a model of any origin does not show.

    Attributes:
        input_range: Range of the numbers that it takes: `(0, 255)`, `(0, 1)`
            or `(-1, 1)`, or a string such as `"0,255"`. Defaults to `None`.
        output: `"probabilities"` or `"logits"`. Defaults to `None`.
        output_name: The output with the classes, if there are several.
            Defaults to `None`.
        image_size: Side of its pictures in pixels, if it takes any. Defaults
            to `None`.
        labels: Names of the classes in the order of its outputs, or a text
            file of them, one a line. Defaults to `None`.
        class_order: `"natural"` if its classes are in the order in which
            kerasfg lists the class folders (2 before 10), `"keras"` if in that
            of `keras.utils.image_dataset_from_directory` (10 before 2).
            Defaults to `None`.
        crop: `"center"` if it was trained on the square in the middle of a
            picture, `"whole"` if on the whole picture squeezed to a square, as
            `image_dataset_from_directory` does by default. Defaults to `None`.
        crop_fraction: Share of the crop's sides to keep, in the middle.
            Defaults to `None`, meaning 1.
        class_level: How many folder levels down the classes of the pictures
            are, as `kerasfg.data.from_folder` takes it. Defaults to `None`:
            found out.
        untrained: Whether the model may be no better than chance. Defaults to
            `False`.

    Raises:
        ValueError: If a value is not allowed.
    """

    input_range: Any = None
    output: Literal["probabilities", "logits"] | None = None
    output_name: str | None = None
    image_size: int | None = None
    labels: str | os.PathLike[str] | Sequence[str] | None = None
    class_order: Literal["natural", "keras"] | None = None
    crop: Literal["center", "whole"] | None = None
    crop_fraction: float | None = None
    class_level: int | None = None
    untrained: bool = False

    def __post_init__(self):
        _check_choice("crop", self.crop, CROPS)
        _check_choice("class_order", self.class_order, ORDERS)
        if self.labels is not None and self.class_order is not None:
            raise ValueError(
                "`labels` already give the order of the classes: leave out "
                f"`class_order`. Received: class_order={self.class_order!r}"
            )

    def of_model(self):
        """Returns the arguments of `kerasfg.export.inference.classifier`."""
        return {
            "input_range": self.input_range,
            "output": self.output,
            "output_name": self.output_name,
            "image_size": self.image_size,
        }

    def class_names(self):
        """Returns the given names of the classes, or `None`."""
        if self.labels is None:
            return None
        if isinstance(self.labels, (str, os.PathLike)):
            return read_labels(self.labels)
        return tuple(map(str, self.labels))

    def check_unused(self, what, used=()):
        """Checks that nothing is stated about a model that stores it itself.

        Args:
            what: What the model is, such as `"a run folder"`.
            used: Names of what is used all the same. Defaults to `()`.

        Raises:
            ValueError: If something was stated.
        """
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name not in used and value != field.default:
                raise ValueError(
                    f"`{field.name}` is for a .keras file that was not made by "
                    f"kerasfg; {what} holds what is needed: leave it out. "
                    f"Received: {field.name}={value!r}"
                )


def read_labels(filepath):
    """Reads names of classes from a text file, one a line.

    Args:
        filepath: Path of a UTF-8 file.

    Returns:
        Tuple of strings, without blanks at their ends.

    Raises:
        ValueError: If it is not such a file, or a name is empty or occurs
            twice.
    """
    path = pathlib.Path(filepath)
    received = f"Received: labels={str(filepath)!r}"
    if not path.is_file():  # a pipe would never end
        raise ValueError(
            "`labels` must be a text file with the name of a class on each "
            f"line, in the order of the model's outputs. {received}"
        )
    with open(path, "rb") as file:
        contents = file.read(MAX_BYTES + 1)
    try:
        if len(contents) > MAX_BYTES:
            raise ValueError("larger than 16 MiB")
        text = contents.decode("utf-8-sig")
    except ValueError as error:
        raise ValueError(
            f"`labels` must be a text file in UTF-8. {received}, which is "
            f"{error}"
        ) from error
    names = [
        class_name_of(line.removesuffix("\r")) for line in text.split("\n")
    ]
    while names and not names[-1].strip():
        names.pop()
    twice = [name for name in names if names.count(name) > 1][:1]
    if not names or "" in names or twice:
        raise ValueError(
            "`labels` must have a different name on each line. "
            f"{received}, with {len(names)} lines"
            + (f" and {twice[0]!r} more than once" if twice else "")
        )
    return tuple(names)


def _check_choice(name, value, choices):
    if value is not None and value not in choices:
        raise ValueError(
            f"`{name}` must be {' or '.join(choices)}. "
            f"Received: {name}={value!r}"
        )
