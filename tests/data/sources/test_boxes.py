import numpy as np
import pytest
from PIL import Image

from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.boxes import cut_box

PIXELS = np.arange(30 * 40, dtype="uint16").reshape(30, 40) % 251
IMAGE = Image.fromarray(PIXELS.astype("uint8"))


@pytest.mark.parametrize(
    ("box", "margin", "rows", "columns"),
    [
        ((10, 5, 20, 15), 0, (5, 15), (10, 20)),
        ((10, 5, 20, 15), 0.1, (4, 16), (9, 21)),
        ((10, 5, 20, 15), 0.5, (0, 20), (5, 25)),
        ((10.5, 5.5, 20.2, 15.2), 0, (5, 16), (10, 21)),
        ((-5, -5, 4, 4), 0, (0, 4), (0, 4)),
        ((-5, -5, 99, 99), 5, (0, 30), (0, 40)),
        (Box(0.25, 0.5, 0.5, 1.0, shares=True), 0, (15, 30), (10, 20)),
        (Box(0.25, 0.5, 0.5, 1.0, shares=True), 0.1, (13, 30), (9, 21)),
    ],
)
def test_cuts_the_pixels_of_the_box_and_its_margin(box, margin, rows, columns):
    cut = np.asarray(cut_box(IMAGE, box, margin))
    expected = PIXELS[slice(*rows), slice(*columns)]
    np.testing.assert_array_equal(cut, expected)


@pytest.mark.parametrize(
    "box", [(40, 0, 50, 9), (-9, 0, 0, 9), (0, 30, 9, 31), (9, 9, 5, 12)]
)
def test_a_box_outside_of_the_picture_is_refused(box):
    # A margin that reaches into the picture does not make the box inside.
    for margin in (0, 0.5):
        with pytest.raises(ValueError, match="is outside the picture"):
            cut_box(IMAGE, box, margin)
