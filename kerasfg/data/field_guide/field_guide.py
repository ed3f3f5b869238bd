"""The field guide: a data set of invented birds, drawn on demand."""

from __future__ import annotations

import numpy as np
from PIL import Image

from kerasfg.data.field_guide.bird import Bird
from kerasfg.data.field_guide.bird import Pose
from kerasfg.data.field_guide.painter import Painter
from kerasfg.data.field_guide.scene import background
from kerasfg.data.field_guide.scene import cover
from kerasfg.data.field_guide.scene import light
from kerasfg.data.field_guide.scene import perch
from kerasfg.data.field_guide.species import SPECIES
from kerasfg.data.sources.source import Source

VERSION = 1  # to be increased when the same seed draws other pictures
SIZE = 128
_FACTOR = 3  # canvas pixels per pixel of the picture, for smooth edges


def field_guide(images_per_class: int = 150, seed: int = 0) -> Source:
    """Draws a field guide of invented birds.

    There are twelve species in four groups. The members of a group have the
    same shape and plumage. They differ in small parts: length and curve of the
    bill, tail, wing bar, eye ring, crest, patches, legs. Pose, scale, place,
    light, background and cover vary in every picture and do not depend on the
    species. `field_guide_attributes` lists the attributes of the species.

    Args:
        images_per_class: Pictures of each species, at least 3. Defaults to
            `150`.
        seed: Non-negative int. Picture `i` of a species depends only on the
            seed, not on `images_per_class`. Defaults to `0`.

    Returns:
        A `kerasfg.data.Source` of 128 x 128 pixels, without a split.

    Raises:
        ValueError: If an argument is out of its range.

    Example:

    >>> source = field_guide(images_per_class=3)
    >>> len(source), source.class_names[0], source.read(0).size
    (36, 'slaty_marshwing', (128, 128))
    """
    if images_per_class < 3:
        raise ValueError(
            "Argument `images_per_class` must be at least 3: one picture each "
            "for training, validation and test. "
            f"Received: images_per_class={images_per_class}"
        )
    if seed < 0:
        raise ValueError(
            f"Argument `seed` must not be negative. Received: seed={seed}"
        )
    class_names = tuple(species.name for species in SPECIES)
    labels = np.repeat(np.arange(len(SPECIES), dtype="int32"), images_per_class)
    numbers = np.tile(np.arange(images_per_class), len(SPECIES))
    names = tuple(
        f"{class_names[label]}/{number:04}"
        for label, number in zip(labels, numbers, strict=True)
    )

    def read(index):
        return draw_bird(int(labels[index]), int(numbers[index]), seed)

    return Source(
        class_names=class_names,
        names=names,
        labels=labels,
        digests=tuple(f"field_guide-{VERSION}-{seed}-{n}" for n in names),
        read=read,
    )


def field_guide_attributes() -> list[tuple[str, str, str]]:
    """Lists the attributes of the species of the field guide.

    Returns:
        List of rows `(class, attribute, value)` of strings. The attributes are
        `patches`, `crest`, `wing_bar` and `eye_ring` (`"yes"` or `"no"`),
        `bill` (`"long"` or `"short"`), `tail` and `habitat`. The habitat is
        not visible in the pictures. Each attribute differs within each group
        of similar species, but for `eye_ring`, which no duskjay has.

    Example:

    >>> field_guide_attributes()[0]
    ('slaty_marshwing', 'patches', 'no')
    """
    rows = []
    for species in SPECIES:
        values = {
            "patches": "yes" if species.patch else "no",
            "crest": "yes" if species.crest else "no",
            "wing_bar": "yes" if species.wing_bar else "no",
            "eye_ring": "yes" if species.eye_ring else "no",
            "bill": species.bill,
            "tail": species.tail,
            "habitat": species.habitat,
        }
        rows += [(species.name, *item) for item in values.items()]
    return rows


def draw_bird(label, number, seed=0):
    """Draws one picture; see `field_guide`."""
    random = np.random.default_rng([seed, label, number])
    scene = background(random, SIZE)
    painter = _placed(label, random)
    canvas = painter.canvas
    feet = painter.place(painter.bird.feet())
    perch(painter.draw, random, feet, canvas.width)
    painter.paint()
    cover(painter.draw, random, canvas.width)
    small = canvas.reduce(_FACTOR)
    scene.paste(small, mask=small)
    return light(random, scene)


def bird_mask(label, number, seed=0):
    """Returns the mask of the bird in the picture of `draw_bird`.

    Args:
        label: Index of the species.
        number: Number of the picture.
        seed: See `field_guide`. Defaults to `0`.

    Returns:
        Bool array of shape `(128, 128)`, `True` on the whole bird, including
        parts that twigs or grass hide.

    Example:

    >>> mask = bird_mask(label=0, number=0)
    >>> mask.shape, bool(mask[0, 0])
    ((128, 128), False)
    """
    random = np.random.default_rng([seed, label, number])
    background(random, SIZE)  # draws the same random numbers as `draw_bird`
    painter = _placed(label, random)
    painter.paint()
    return np.asarray(painter.canvas.reduce(_FACTOR).getchannel("A")) >= 128


def draw_reference(species, size):
    """Draws a species in a plain pose on a paper-coloured background.

    Args:
        species: One of `SPECIES`.
        size: Side in pixels.

    Returns:
        RGB picture.
    """
    bird = Bird(species, Pose())
    canvas = Image.new("RGBA", (size * _FACTOR,) * 2)
    low, high = bird.extent()
    scale = 0.86 * size / max(high - low)
    origin = size / 2 - scale * (low + high) / 2
    Painter(bird, canvas, scale, origin, _FACTOR).paint()
    small = canvas.reduce(_FACTOR)
    paper = Image.new("RGB", (size, size), (244, 240, 231))
    paper.paste(small, mask=small)
    return paper


def _pose(random):
    facing = int(random.choice((-1, 1)))
    return Pose(
        facing=facing,
        tilt=random.normal(0, 0.14),
        pitch=random.normal(0, 0.16),
        turn=random.uniform(0.62, 1.0),
        look_back=bool(random.random() < 0.06),
        neck=tuple(random.normal(0, 0.03, 2)),
        stride=random.uniform(0.02, 0.1),
        tail=random.normal(0, 0.14),
    )


def _placed(label, random):
    """Returns the `Painter` of a bird of random pose, size and position."""
    bird = Bird(SPECIES[label], _pose(random))
    canvas = Image.new("RGBA", (SIZE * _FACTOR,) * 2)
    low, high = bird.extent()
    scale = random.uniform(0.62, 0.92) * SIZE / max(high - low)
    facing = np.array([bird.pose.facing, 1])
    middle = scale * facing * (low + high) / 2
    slack = (SIZE - scale * (high - low)) / 2
    origin = SIZE / 2 - middle + random.uniform(-0.8, 0.8, 2) * slack
    return Painter(bird, canvas, scale, origin, _FACTOR)
