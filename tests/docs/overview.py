"""Draws docs/overview.png: pictures, what the network sees, the name.

`python tests/docs/overview.py docs/overview.png`. The answer is the one of
docs/phone.png, for the same picture.
"""

import sys

from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont

from kerasfg.data.field_guide.field_guide import draw_bird
from kerasfg.data.pixels.low_resolution import shrink

WIDTH, HEIGHT, SIDE, TOP = 1080, 540, 300, 110
PAPER, INK, FADED = (244, 240, 231), (58, 52, 48), (104, 95, 86)
GREEN, TRACK, BLACK = (31, 107, 70), (222, 218, 209), (34, 34, 32)
ANSWERS = (("Slaty marshwing", 0.73), ("Plumed …", 0.10), ("Rustflank …", 0.05))


def overview():
    """An RGB picture, readable at a third of its size."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    places = (30, 390, 750)
    titles = ("your pictures", "32 pixels", "the name")
    for x, title in zip(places, titles, strict=True):
        middle = x + SIDE // 2
        draw.text((middle, 60), title, INK, ImageFont.load_default(40), "mm")
    bird = draw_bird(0, 0, 0)
    _look_alikes(sheet, places[0])
    pixels = Image.fromarray(shrink(bird, 32))
    sheet.paste(pixels.resize((SIDE, SIDE), Image.NEAREST), (places[1], TOP))
    _phone(sheet, draw, places[2], bird)
    for x in places[:2]:
        _arrow(draw, x + SIDE + 30, TOP + SIDE // 2)
    words = ("that look alike", "seen by the network", "on the phone")
    for x, text in zip(places, words, strict=True):
        place = (x + SIDE // 2, HEIGHT - 34)
        draw.text(place, text, FADED, ImageFont.load_default(34), "mm")
    return sheet


def _look_alikes(sheet, x):
    half = SIDE // 2 - 5
    for i, label in enumerate((0, 1, 2, 6)):
        row, column = divmod(i, 2)
        picture = draw_bird(label, label, 0).resize((half, half), Image.LANCZOS)
        sheet.paste(
            picture, (x + column * (half + 10), TOP + row * (half + 10))
        )


def _phone(sheet, draw, x, bird):
    left, right = x + 26, x + SIDE - 26
    box = (left, TOP - 12, right, HEIGHT - 66)
    draw.rounded_rectangle(box, 30, BLACK)
    inner = (left + 10, TOP - 2, right - 10, HEIGHT - 76)
    draw.rounded_rectangle(inner, 22, "white")
    width = inner[2] - inner[0]
    picture = bird.resize((width, width), Image.LANCZOS)
    picture = picture.crop((0, 0, width, 180))
    mask = Image.new("L", picture.size)
    shape = (0, 0, width, 230)
    ImageDraw.Draw(mask).rounded_rectangle(shape, 22, 255)
    sheet.paste(picture, inner[:2], mask)
    _answers(draw, inner[0] + 16, inner[1] + 190, width - 32)


def _answers(draw, x, y, width):
    for i, (name, share) in enumerate(ANSWERS):
        size = 26 if i == 0 else 24
        draw.text((x, y), name, INK, ImageFont.load_default(size))
        bar = (x, y + size + 10, x + width, y + size + 18)
        draw.rounded_rectangle(bar, 4, TRACK)
        bar = (x, bar[1], x + max(8, int(share * width)), bar[3])
        draw.rounded_rectangle(bar, 4, GREEN if i == 0 else FADED)
        y += size + 28


def _arrow(draw, x, y):
    draw.line((x - 18, y, x + 10, y), FADED, 6)
    draw.polygon([(x + 20, y), (x + 4, y - 13), (x + 4, y + 13)], FADED)


if __name__ == "__main__":
    picture = overview().quantize(256, dither=Image.Dither.NONE)
    picture.save(sys.argv[1], optimize=True)
