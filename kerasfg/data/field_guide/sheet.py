"""Draws a sheet of the field guide's species and low-resolution pictures."""

from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont

from kerasfg.data.field_guide.field_guide import SIZE
from kerasfg.data.field_guide.field_guide import draw_bird
from kerasfg.data.field_guide.field_guide import draw_reference
from kerasfg.data.field_guide.species import SPECIES
from kerasfg.data.pixels.low_resolution import shrink

_PAPER, _INK, _FADED = (244, 240, 231), (58, 52, 48), (128, 118, 108)
_GAP = 14
_NAME = 30


def contact_sheet(image_size=32, seed=0):
    """Draws a sheet with all the species of the field guide.

    Each species has its name and habitat, a drawing in a plain pose, one of
    its pictures, and the same picture shrunk to the input of a network.

    Args:
        image_size: Side of the shrunk pictures in pixels. Defaults to `32`.
        seed: See `kerasfg.data.field_guide`. Defaults to `0`.

    Returns:
        RGB picture.
    """
    columns, panel = 2, 3 * SIZE + 4 * _GAP
    rows = len(SPECIES) // columns
    height = SIZE + _NAME + _GAP
    sheet = Image.new(
        "RGB", (columns * panel, rows * height + 2 * _GAP), _PAPER
    )
    for label, species in enumerate(SPECIES):
        column, row = divmod(label, rows)
        place = column * panel + _GAP, row * height + _GAP
        _species(sheet, place, label, species, image_size, seed)
    return sheet


def _species(sheet, place, label, species, image_size, seed):
    x, y = place
    draw = ImageDraw.Draw(sheet)
    name = species.name.replace("_", " ").capitalize()
    font = ImageFont.load_default(17)
    draw.text((x + 6, y + 2), name, _INK, font)
    right = (x + 3 * SIZE + 2 * _GAP - 6, y + 6)
    draw.text(right, species.habitat, _FADED, ImageFont.load_default(13), "ra")
    picture = draw_bird(label, label, seed)
    shrunk = Image.fromarray(shrink(picture, image_size))
    shrunk = shrunk.resize((SIZE, SIZE), Image.NEAREST)
    drawing = draw_reference(species, SIZE)
    for number, part in enumerate((drawing, picture, shrunk)):
        sheet.paste(part, (x + number * (SIZE + _GAP), y + _NAME))
