"""The icons of the phone app."""

import numpy as np
import pytest
from PIL import Image

from kerasfg.export.app.icons import SIZES
from kerasfg.export.app.icons import draw_icon
from kerasfg.export.app.icons import write_icons


def test_files_are_those_of_the_web_manifest(tmp_path):
    write_icons(tmp_path / "icons")
    for size in (192, 512):
        with Image.open(tmp_path / "icons" / f"icon-{size}.png") as icon:
            assert icon.size == (size, size)
            assert icon.mode == "RGB"  # a transparent one would get a white box


@pytest.mark.parametrize("size", SIZES)
def test_a_phone_may_cut_it_to_a_circle(size):
    pixels = np.asarray(draw_icon(size)).astype(int)
    rows, columns = np.indices((size, size)) - (size - 1) / 2
    outside = np.hypot(rows, columns) > 0.4 * size
    ground = pixels[0, 0]
    assert (pixels[outside] == ground).all()
    drawn = (pixels[~outside] != ground).any(axis=1)
    assert 0.1 < drawn.mean() < 0.9


def test_is_always_the_same():
    assert draw_icon(192).tobytes() == draw_icon(192).tobytes()
