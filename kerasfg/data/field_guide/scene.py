"""Surroundings of the birds: background, perch, cover and light."""

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFilter

# Three colors from top to bottom, and the name of a decoration.
PLACES = (
    (((168, 196, 214), (214, 222, 214), (150, 158, 118)), "hills"),
    (((122, 142, 112), (94, 118, 88), (74, 88, 62)), "trunks"),
    (((206, 212, 196), (176, 184, 142), (120, 130, 86)), "reeds"),
    (((186, 206, 216), (132, 168, 184), (96, 134, 152)), "ripples"),
    (((214, 222, 232), (230, 232, 234), (204, 210, 218)), "flakes"),
    (((198, 188, 176), (164, 152, 140), (126, 114, 104)), "rocks"),
    (((228, 196, 164), (214, 174, 148), (142, 122, 116)), "hills"),
    (((150, 158, 168), (176, 180, 180), (118, 122, 112)), "trunks"),
)


def background(random, size):
    """Paints a soft background.

    Args:
        random: `numpy.random.Generator`.
        size: Side in pixels.

    Returns:
        RGB picture.
    """
    colors, kind = PLACES[random.integers(len(PLACES))]
    rows = np.linspace(0, 1, size)
    horizon = random.uniform(0.35, 0.75)
    channels = [
        np.interp(rows, (0, horizon, 1), [color[c] for color in colors])
        for c in range(3)
    ]
    pixels = np.repeat(np.stack(channels, axis=1)[:, None], size, axis=1)
    pixels += _blobs(random, size, amount=random.uniform(6, 22))
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
    draw = ImageDraw.Draw(picture)
    _DECORATIONS[kind](draw, random, size, horizon, colors)
    radius = random.uniform(0.6, 2.2) * size / 128
    return picture.filter(ImageFilter.GaussianBlur(radius))


def _blobs(random, size, amount):
    """Returns light and dark areas without edges, like a blurred background."""
    small = random.normal(0, amount, (5, 5)).astype("float32")
    soft = Image.fromarray(small).resize((size, size), Image.BICUBIC)
    return np.asarray(soft)[..., None]


def _tone(random, color, spread=18):
    shift = random.uniform(-spread, spread)
    return tuple(int(np.clip(c + shift, 0, 255)) for c in color)


def _hills(draw, random, size, horizon, colors):
    for layer in range(3):
        base = (horizon + 0.1 * layer) * size
        xs = np.linspace(-0.1, 1.1, 7) * size
        ys = base + random.uniform(-0.09, 0.09, 7) * size
        outline = [*zip(xs, ys, strict=True), (1.1 * size, size), (0, size)]
        draw.polygon(outline, _tone(random, colors[2]))


def _trunks(draw, random, size, horizon, colors):
    for x in random.uniform(0, size, random.integers(3, 8)):
        width = random.uniform(0.02, 0.08) * size
        draw.rectangle((x, 0, x + width, size), _tone(random, colors[2], 30))


def _reeds(draw, random, size, horizon, colors):
    for x in random.uniform(0, size, random.integers(10, 26)):
        top = random.uniform(0.0, 0.6) * size
        lean = random.uniform(-0.1, 0.1) * size
        tone = _tone(random, colors[2], 30)
        draw.line((x, size, x + lean, top), tone, max(1, size // 64))


def _ripples(draw, random, size, horizon, colors):
    for y in random.uniform(horizon, 1, 14) * size:
        x, length = random.uniform(0, size), random.uniform(0.1, 0.5) * size
        draw.line((x, y, x + length, y), _tone(random, colors[1], 30), 2)


def _flakes(draw, random, size, horizon, colors):
    _hills(draw, random, size, horizon, (*colors[:2], (216, 220, 228)))
    for x, y in random.uniform(0, size, (random.integers(10, 40), 2)):
        r = random.uniform(0.004, 0.012) * size
        draw.ellipse((x - r, y - r, x + r, y + r), (246, 247, 250))


def _rocks(draw, random, size, horizon, colors):
    for _ in range(random.integers(4, 9)):
        x, y = random.uniform(0, size), random.uniform(horizon, 1.1) * size
        w, h = random.uniform(0.08, 0.3, 2) * size
        draw.ellipse((x - w, y - h, x + w, y + h), _tone(random, colors[2], 30))


_DECORATIONS = {
    "flakes": _flakes,
    "hills": _hills,
    "reeds": _reeds,
    "ripples": _ripples,
    "rocks": _rocks,
    "trunks": _trunks,
}


def perch(draw, random, feet, width):
    """Draws a branch or a mound under the feet of the bird.

    Args:
        draw: `ImageDraw` of the canvas.
        random: `numpy.random.Generator`.
        feet: Pixels `(2, 2)` of the canvas.
        width: Width of the canvas in pixels.
    """
    x, y = feet.mean(axis=0)
    tone = _tone(random, (96, 80, 66), 26)
    if random.random() < 0.5:  # a branch
        slope = random.uniform(-0.12, 0.12)
        thick = int(random.uniform(0.02, 0.05) * width)
        y += 0.35 * thick
        ends = (-0.2 * width, y - slope * x), (1.2 * width, y + slope * x)
        draw.line((*ends[0], *ends[1]), tone, thick)
    else:  # a mound
        tone = _tone(random, (120, 116, 84), 30)
        half, height = random.uniform(0.3, 0.8) * width, 0.6 * width
        draw.ellipse((x - half, y - 0.01 * width, x + half, y + height), tone)


def cover(draw, random, width):
    """Draws twigs, leaves, grass or nothing in front of the bird.

    Args:
        draw: `ImageDraw` of the canvas.
        random: `numpy.random.Generator`.
        width: Width of the canvas in pixels.
    """
    kind = random.integers(3)
    if kind == 0:
        return  # no cover
    tone = _tone(random, (88, 98, 58), 34)
    if kind == 1:
        for x in random.uniform(0, width, random.integers(3, 12)):
            top = random.uniform(0.45, 0.85) * width
            lean = random.uniform(-0.12, 0.12) * width
            half = random.uniform(0.006, 0.014) * width
            blade = (x - half, width, x + half, width, x + lean, top)
            draw.polygon(blade, _tone(random, tone, 20))
        return
    _twig(draw, random, width, tone)


def _twig(draw, random, width, tone):
    start, end = random.uniform(-0.1, 1.1, (2, 2)) * width
    start[0] = random.choice((-0.05, 1.05)) * width
    bark = _tone(random, (82, 66, 54), 20)
    thick = max(2, int(random.uniform(0.008, 0.02) * width))
    draw.line((*start, *end), bark, thick)
    for share in random.uniform(0.2, 1.0, random.integers(2, 7)):
        x, y = start + share * (end - start)
        a, b = random.uniform(0.02, 0.055, 2) * width
        box = (x - a, y - b / 2, x + a, y + b)
        draw.ellipse(box, _tone(random, tone, 24))


def light(random, picture):
    """Changes brightness, warmth and the direction of the light.

    Args:
        random: `numpy.random.Generator`.
        picture: RGB picture.

    Returns:
        RGB picture.
    """
    pixels = np.asarray(picture, "float32")
    size = len(pixels)
    warmth = random.uniform(-0.12, 0.12)
    tint = np.array([1 + warmth, 1.0, 1 - warmth], "float32")
    across, down = random.uniform(-0.22, 0.22, 2)
    ramp = np.linspace(-1, 1, size, dtype="float32")
    shading = 1 + across * ramp[None, :, None] + down * ramp[:, None, None]
    pixels = pixels * tint * shading * random.uniform(0.7, 1.2)
    contrast = random.uniform(0.8, 1.1)
    pixels = (pixels - 128) * contrast + 128
    pixels += random.normal(0, random.uniform(0, 6), pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
