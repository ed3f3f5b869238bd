import types

import numpy as np
import pytest
from PIL import Image

from kerasfg.reproduce.figures import resolution_sheet
from kerasfg.reproduce.figures.resolution_sheet import PICTURES
from kerasfg.reproduce.figures.resolution_sheet import plot_resolution_sheet


@pytest.fixture
def make_pixels():
    """A function that makes the same coloured pictures at a resolution."""

    def make_pixels(size, classes=8, each=3):
        labels = np.repeat(np.arange(classes), each)
        colors = np.linspace(20, 250, len(labels)).astype("uint8")
        images = np.zeros((len(labels), size, size, 3), "uint8")
        images[..., 0] = colors[:, None, None]
        images[:, ::2, :, 1] = 255  # so that enlarging shows
        return types.SimpleNamespace(
            images=images,
            labels=labels,
            names=tuple(f"{i}.png" for i in range(len(labels))),
            class_names=tuple(f"class_{i}" for i in range(classes)),
        )

    return make_pixels


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """A function that draws, and returns the panels line by line."""
    figures = []
    save = resolution_sheet.save_figure

    def keep(figure, filepath):
        figures.append(figure)
        save(figure, filepath)

    monkeypatch.setattr(resolution_sheet, "save_figure", keep)

    def draw(pixels, **options):
        plot_resolution_sheet(pixels, tmp_path / "sheet.png", **options)
        with Image.open(tmp_path / "sheet.png") as image:
            assert min(image.size) > 200
        figure = figures.pop()
        columns = figure.axes[0].get_gridspec().ncols
        return np.reshape(figure.axes, (-1, columns))

    return draw


def pictures(line):
    return [axes.images[0].get_array() for axes in line]


def test_each_resolution_has_its_pixels_and_their_enlargement(
    drawn, make_pixels
):
    panels = drawn({"px8": make_pixels(8), "px16": make_pixels(16)})
    assert panels.shape == (4, PICTURES)
    sizes = [pictures(line)[0].shape for line in panels]
    assert sizes == [(8, 8, 3), (224, 224, 3), (16, 16, 3), (224, 224, 3)]
    assert [line[0].get_ylabel() for line in panels] == [
        "px8",
        "bicubic",
        "px16",
        "bicubic",
    ]
    expected = Image.fromarray(pictures(panels[0])[0]).resize(
        (224, 224), Image.Resampling.BICUBIC
    )
    np.testing.assert_array_equal(pictures(panels[1])[0], expected)


def test_large_pictures_are_not_enlarged(drawn, make_pixels):
    panels = drawn({"px8": make_pixels(8), "px224": make_pixels(224)})
    labels = [line[0].get_ylabel() for line in panels]
    assert labels == ["px8", "bicubic", "px224"]


def test_a_column_is_one_picture_of_the_class_above_it(drawn, make_pixels):
    source = make_pixels(8)
    panels = drawn({"px8": source, "px16": make_pixels(16)})
    classes = [axes.get_title() for axes in panels[0]]
    assert len(set(classes)) == PICTURES
    for name, small, large in zip(
        classes, pictures(panels[0]), pictures(panels[2]), strict=True
    ):
        assert small[0, 0, 0] == large[0, 0, 0]
        (index,) = np.flatnonzero(source.images[:, 0, 0, 0] == small[0, 0, 0])
        assert source.class_names[source.labels[index]] == name


def test_the_seed_decides_what_is_drawn(drawn, make_pixels):
    def shown(**options):
        panels = drawn({"px8": make_pixels(8)}, **options)
        return [int(picture[0, 0, 0]) for picture in pictures(panels[0])]

    assert shown() == shown(seed=0)
    assert shown() != shown(seed=1)


def test_few_classes_are_enough(drawn, make_pixels):
    panels = drawn({"px8": make_pixels(8, classes=2, each=1)})
    assert panels.shape == (2, 2)


def test_other_pictures_are_refused(drawn, make_pixels):
    pixels = {"px8": make_pixels(8), "px16": make_pixels(16, each=2)}
    message = r"Received: different pictures at 'px16'"
    with pytest.raises(ValueError, match=message):
        drawn(pixels)
