"""The icons of the phone app."""

import numpy as np
import pytest
from PIL import Image

from kerasfg.export.app.icons import SIZES
from kerasfg.export.app.icons import draw_icon
from kerasfg.export.app.icons import read_icon
from kerasfg.export.app.icons import write_icons


def test_files_are_those_of_the_web_manifest(tmp_path):
    write_icons(tmp_path / "icons")
    for size in (192, 512):
        with Image.open(tmp_path / "icons" / f"icon-{size}.png") as icon:
            assert icon.size == (size, size)
            assert icon.mode == "RGB"  # a transparent one would get a white box


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("title", ["", "Birds", "Field guide", "Dogs", "Vögel"])
@pytest.mark.parametrize("accent", [None, "#22aa66"])
def test_a_phone_may_cut_it_to_a_circle(size, title, accent):
    pixels = np.asarray(draw_icon(size, title, accent)).astype(int)
    rows, columns = np.indices((size, size)) - (size - 1) / 2
    outside = np.hypot(rows, columns) > 0.4 * size
    ground = pixels[0, 0]
    assert (pixels[outside] == ground).all()
    drawn = (pixels[~outside] != ground).any(axis=1)
    assert 0.1 < drawn.mean() < 0.9


def test_is_always_the_same_and_differs_by_title_and_accent():
    birds = draw_icon(192, "Birds").tobytes()
    assert draw_icon(192, "Birds").tobytes() == birds
    assert len({draw_icon(48, str(i)).tobytes() for i in range(20)}) > 5
    assert draw_icon(192, "Birds", "#22aa66").tobytes() != birds


def _save(picture, path, **more):
    picture.save(path, **more)
    return path


def test_a_picture_is_cut_to_its_middle_square(tmp_path):
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    icon = read_icon(_save(wide, tmp_path / "wide.png"))
    assert (icon.size, icon.mode) == ((512, 512), "RGB")
    assert icon.getpixel((256, 256)) == (0, 0, 255)
    assert icon.getpixel((20, 256)) == (0, 0, 255)


def test_transparent_parts_become_white_and_a_turned_one_stands(tmp_path):
    clear = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    icon = read_icon(_save(clear, tmp_path / "clear.png"))
    assert icon.getpixel((5, 5)) == (255, 255, 255)
    turned = Image.new("RGB", (60, 60), "red")
    turned.paste("blue", (0, 0, 60, 30))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    path = _save(turned, tmp_path / "turned.jpg", exif=exif)
    red, _, blue = read_icon(path).getpixel((256, 500))
    assert blue > 200 > red


@pytest.mark.parametrize("kind", ["cut", "text", "svg", "bomb", "absent", "."])
def test_what_is_no_picture_is_refused_in_a_line(tmp_path, kind):
    path = tmp_path / f"{kind}.{'svg' if kind == 'svg' else 'png'}"
    if kind == "cut":
        _save(Image.new("RGB", (99, 99)), path)
        path.write_bytes(path.read_bytes()[:60])
    elif kind == "bomb":
        _save(Image.new("1", (10_000, 9_000)), path)
    elif kind == ".":
        path.mkdir()
    elif kind != "absent":
        path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    match = {
        "svg": "save the drawing as a PNG",
        "bomb": "more than 89 megapixels",
        "absent": "must be a file",
        ".": "must be a file",
    }.get(kind, "cannot be read as one")
    with pytest.raises(ValueError, match=match) as refused:
        read_icon(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
