"""Makes the views of some pictures, or finds them in the cache."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import json
import math
import os
import warnings
from collections.abc import Callable
from collections.abc import Sequence
from typing import Literal
from typing import Protocol

import numpy as np
import PIL
from PIL import Image

from kerasfg.cache_folder import cache_folder
from kerasfg.data.pixels.low_resolution import check_size
from kerasfg.data.progress import spread
from kerasfg.data.views.drawing import draw_views
from kerasfg.data.views.picture_views import picture_views
from kerasfg.data.views.view_files import FORMAT
from kerasfg.data.views.view_files import Layout
from kerasfg.data.views.view_files import open_views
from kerasfg.data.views.view_files import write_views

# Pictures in a part; at most one part is lost if making views is stopped.
_PART = 32
# Views that a teacher is shown at a time, at most.
_MOST_SHOWN = 64


class ViewTeacher(Protocol):
    """A teacher that answers views.

    Attributes:
        image_size: Side of the views that it is shown, in pixels.
        classes: Number of logits.
        digest: Text that changes with the teacher.
    """

    image_size: int

    @property
    def classes(self) -> int: ...

    @property
    def digest(self) -> str: ...

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns the logits of float32 images, 0 to 255."""
        ...


@dataclasses.dataclass(frozen=True)
class ViewSettings:
    """How views are made.

    Attributes:
        image_size: Side of a view in pixels.
        count: Views of a picture.
        seed: Seed of the random parameters, a non-negative integer.
        crop: `"center"` or `"whole"`, see `picture_views`.
        mixed: See `draw_views`, as for the following arguments.
        flip: Whether half of the views are mirrored.
        color: Largest change of the colours, as a share.

    Raises:
        ValueError: If there is not at least one view, or a size is not one.
    """

    image_size: int
    count: int
    seed: int = 0
    crop: Literal["center", "whole"] = "center"
    mixed: bool = False
    flip: bool = True
    color: float = 0.2

    def __post_init__(self):
        check_size(self.image_size, self.crop)
        if not self.count >= 1:
            raise ValueError(
                "There must be at least one view of a picture. "
                f"Received: count={self.count}"
            )


@dataclasses.dataclass(frozen=True, eq=False)
class Views:
    """The views of some pictures, those of a picture one after the other.

    Attributes:
        images: Read-only memory-mapped uint8 array
            `(pictures * count, image_size, image_size, 3)`.
        logits: The teacher's for each view, a float16 array
            `(pictures * count, classes)`, or `None`.
        count: Views of a picture.
        from_cache: Whether they were made before.
    """

    images: np.ndarray
    logits: np.ndarray | None
    count: int
    from_cache: bool = False


def stored_views(
    names: Sequence[str],
    digests: Sequence[str],
    reader: Callable[[], Callable[[int], Image.Image]],
    settings: ViewSettings,
    teacher: ViewTeacher | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Views:
    """Makes the views of pictures, or finds those that were made before.

    They are stored in `<cache_dir>/views` under a key computed from the names
    and contents of the pictures, the settings and the teacher. If it ends
    before they are finished, the next call continues where it ended. Damaged
    views are noticed and made again.

    Args:
        names: Name of each picture, by which its views are drawn.
        digests: Text that changes with the content of each picture.
        reader: Function that returns a function from the number of a picture
            to the decoded RGB picture, which threads may call. It is called
            only if there is something to make.
        settings: `ViewSettings`.
        teacher: Teacher that is shown each view when it is made, in the same
            crop and colours but at its own size. Defaults to `None`.
        cache_dir: Folder for the cache. Defaults to `None`: the environment
            variable `KERASFG_CACHE`, or else the cache folder of the user.
        progress: Whether to show a progress bar where stderr is a terminal.
            Defaults to `True`.

    Returns:
        `Views`.

    Raises:
        ValueError: If there are no pictures, one cannot be decoded, or the
            disk has no room for the views.
        OSError: If the cache folder cannot be written.
    """
    if not names or len(names) != len(digests):
        raise ValueError(
            "There must be at least one picture, and a digest for each. "
            f"Received: {len(names)} names, {len(digests)} digests"
        )
    key = _key(names, digests, settings, teacher)
    folder = cache_folder(cache_dir) / "views" / key
    layout = _layout(len(names), settings, teacher)
    arrays = open_views(folder, layout)
    from_cache = arrays is not None
    if arrays is None:
        make = functools.partial(
            _make, names, reader, settings, teacher, progress
        )
        arrays = write_views(folder, layout, make)
    flat = {name: _flat(array) for name, array in arrays.items()}
    return Views(flat["views"], flat.get("logits"), settings.count, from_cache)


def _flat(array):
    return array.reshape(-1, *array.shape[2:])


def _layout(pictures, settings, teacher):
    count, side = settings.count, settings.image_size
    rows = {"views": ((count, side, side, 3), "uint8")}
    if teacher is not None:
        rows["logits"] = ((count, teacher.classes), "float16")
    return Layout(pictures, _PART, rows)


def _key(names, digests, settings, teacher):
    """Returns a digest of everything that the views depend on."""
    facts = [FORMAT, PIL.__version__, list(names), list(digests)]
    facts.append(dataclasses.asdict(settings))
    if teacher is not None:
        facts.append([teacher.digest, teacher.image_size, teacher.classes])
    text = json.dumps(facts, sort_keys=True).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()


# === Making ===


def _make(names, reader, settings, teacher, progress, parts):
    """Yields the rows of each part: views, and logits if there is a teacher."""
    read = reader()
    size = 0 if teacher is None else teacher.image_size
    make_one = functools.partial(_make_one, names, read, settings, size)
    first, end = parts[0][0], parts[-1][1]
    what = f"Making {settings.count} views of each picture"
    results = spread(
        make_one, range(first, end), what, progress, ahead=_PART, done=first
    )
    # Warning filters are global: setting them in a thread would be a race.
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, and of sizes that `decode_image` checks.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        try:
            for start, stop in parts:
                made = itertools.islice(results, stop - start)
                yield _rows(made, teacher, settings.count)
        finally:
            results.close()


def _make_one(names, read, settings, size, index):
    try:
        image = read(index)
    except (OSError, ValueError) as error:
        raise ValueError(
            "The pictures must not change while views of them are made, and "
            f"this one cannot be decoded any more: {error}. "
            f"Received: {names[index]!r}"
        ) from error
    drawn = draw_views(
        names[index],
        settings.count,
        settings.seed,
        settings.mixed,
        settings.flip,
        settings.color,
    )
    return picture_views(image, drawn, settings.image_size, settings.crop, size)


def _rows(made, teacher, count):
    """Returns the rows of a part.

    A teacher is shown views as soon as there are enough, so that the bar moves
    on. All that it is shown at a time are as many, so that its network is
    compiled once; the last ones are filled up.
    """
    shown = math.gcd(_PART * count, _MOST_SHOWN)
    views, waiting, answers = [], [], []
    for own, larger in made:
        views.append(own)
        if teacher is not None:
            waiting.extend(larger)
        while len(waiting) >= shown:
            answers.append(_logits(teacher, waiting[:shown], shown))
            del waiting[:shown]
    rows = {"views": np.stack(views)}
    if waiting:
        answers.append(_logits(teacher, waiting, shown))
    if teacher is not None:
        logits = np.concatenate(answers)
        rows["logits"] = logits.reshape(len(views), count, -1)
    return rows


def _logits(teacher, images, shown):
    """Returns the logits of at most `shown` views."""
    batch = np.stack(images).astype("float32")
    missing = shown - len(batch)
    batch = np.pad(batch, [(0, missing), (0, 0), (0, 0), (0, 0)])
    most = np.finfo("float16").max
    logits = np.asarray(teacher(batch))[: len(images)]
    return np.clip(logits, -most, most).astype("float16")
