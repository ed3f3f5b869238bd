import json

import numpy as np
import pytest
from PIL import Image

from kerasfg.reproduce.figures import look_alikes
from kerasfg.reproduce.figures.look_alikes import confused_pairs
from kerasfg.reproduce.figures.look_alikes import plot_look_alikes
from kerasfg.reproduce.figures.shown_pictures import ShownPictures


@pytest.fixture
def report(tmp_path):
    """A function that writes a report with pairs, the most confused first."""

    def report(*pairs):
        worst = [{"true": a, "predicted": b} for a, b in pairs]
        content = {"format": 1, "val": {}, "test": {"worst_pairs": worst}}
        (tmp_path / "report.json").write_text(json.dumps(content))
        return tmp_path / "report.json"

    return report


def test_each_class_is_in_one_pair(report, tmp_path):
    worst = ["wf", "fw", "wd", "dc", "xy", "uv", "st"]
    found = confused_pairs(report(*worst))
    assert found == [("w", "f"), ("d", "c"), ("x", "y")]
    assert confused_pairs(report(*worst), number=1) == [("w", "f")]
    assert confused_pairs(report()) == []
    assert confused_pairs(tmp_path / "absent.json") == []


def test_a_line_is_a_pair_at_each_size_and_enlarged(
    make_pictures, monkeypatch, tmp_path
):
    figures = []
    monkeypatch.setattr(
        look_alikes, "save_figure", lambda *found: figures.append(found)
    )
    sizes = (16, 8)
    shown = ShownPictures(make_pictures(), sizes)
    pairs = [[shown.one_of("class_0"), shown.one_of("class_5")]] * 2
    plot_look_alikes(pairs, sizes, tmp_path / "pairs.png")
    ((figure, filepath),) = figures
    panels = np.reshape(figure.axes, (2, 6))
    pictures = [axes.images[0].get_array() for axes in panels[0]]
    assert [p.shape[0] for p in pictures] == [16, 8, 224, 16, 8, 224]
    assert panels[0][0].get_title() == "class_0"
    assert panels[0][3].get_title() == "class_5"
    columns = ["16 px", "8 px", "8 px, bicubic"]
    assert [axes.get_xlabel() for axes in panels[1]] == columns * 2
    expected = Image.fromarray(pictures[1]).resize(
        (224, 224), Image.Resampling.BICUBIC
    )
    np.testing.assert_array_equal(pictures[2], expected)
    assert filepath == tmp_path / "pairs.png"
