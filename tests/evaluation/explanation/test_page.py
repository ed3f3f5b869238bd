import json
import re

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.explanation.explanation import Explanation
from kerasfg.evaluation.explanation.explanation import Neighbour
from kerasfg.evaluation.explanation.page import drawing
from kerasfg.evaluation.explanation.page.page import why_page
from kerasfg.evaluation.explanation.page.page import write_why

HOSTILE = "<script>alert(1)</script>\u202e\n"


def explained(rng, **changes):
    answer = {
        "file": f"secret/folder/of/{HOSTILE}.png",
        "class": HOSTILE,
        "sure": False,
        "top": [(HOSTILE, 0.5), ("wren", 0.25)],
    }
    parts = {
        "answer": answer,
        "image": rng.integers(0, 256, (16, 16, 3)).astype("uint8"),
        "method": "CAM",
        "maps": [(HOSTILE, rng.normal(size=(4, 4)).astype("float32"))],
        "nearest": [Neighbour(f"{HOSTILE}/1.png", HOSTILE, 0.93456)],
    }
    return Explanation(**{**parts, **changes})


def test_the_page_tells_no_folders_of_this_machine(rng):
    near = [Neighbour("/home/ann/secret/wren/1.png", "wren", 0.9)]
    page = why_page([explained(rng, nearest=near)], "birds")
    assert "wren/1.png" in page and "secret" not in page


def test_no_name_can_add_to_the_page(rng, tmp_path):
    write_why([explained(rng)], HOSTILE, tmp_path / "new" / "why.html")
    page = (tmp_path / "new" / "why.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", page)
    assert "http" not in page.replace("http-equiv", "")
    assert "secret" not in page and "0.93" in page


def test_training_pictures_are_shown_only_where_they_are_given(rng):
    picture = drawing.thumbnail(Image.new("RGB", (400, 200), "red"))
    near = [Neighbour("a/1.png", "a", 0.9, picture)]
    assert picture in why_page([explained(rng, nearest=near)], "run")
    plain = why_page([explained(rng)], "run")
    assert plain.count("<img") == 2 and "only the names" in plain
    without = why_page([explained(rng, nearest=None)], "run")
    assert "training pictures are missing" in without


def test_the_highest_place_of_a_map_is_the_brightest(rng):
    grey = np.full((16, 16, 3), 128, "uint8")
    values = np.array([[-3.0, 0.0], [1.0, 2.0]])
    drawn = drawing.under_map(grey, values)
    assert drawn.startswith("data:image/png;base64,")
    colors = []
    original, drawing._uri = drawing._uri, lambda pixels, _: pixels
    try:
        pixels = drawing.under_map(grey, values)
    finally:
        drawing._uri = original
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        middle = pixels[48 + 96 * y, 48 + 96 * x].astype(int)
        colors.append(int(middle.sum()))
    assert colors[0] == colors[1] < colors[2] < colors[3]


def test_as_json_is_strict(rng):
    found = explained(rng).as_json()
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text)["nearest"][0]["similarity"] == 0.93456
    assert np.shape(found["maps"][0]["map"]) == (4, 4)


@pytest.mark.parametrize("size", [1, 7, 500])
def test_pictures_of_any_size_are_drawn(size, rng):
    image = rng.integers(0, 256, (size, size, 3)).astype("uint8")
    values = rng.normal(size=(3, 5))
    for uri in (drawing.as_seen(image), drawing.under_map(image, values)):
        assert uri.startswith("data:image/png;base64,")
