import numpy as np
import pytest
from PIL import Image

from kerasfg.reproduce.figures import resolution_sheet
from kerasfg.reproduce.figures.resolution_sheet import plot_resolution_sheet
from kerasfg.reproduce.figures.shown_pictures import CLASSES
from kerasfg.reproduce.figures.shown_pictures import ShownPictures


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """A function that draws, and returns the panels line by line."""
    figures = []
    save = resolution_sheet.save_figure

    def keep(figure, filepath):
        figures.append(figure)
        save(figure, filepath)

    monkeypatch.setattr(resolution_sheet, "save_figure", keep)

    def draw(sets, sizes):
        plot_resolution_sheet(sets, sizes, tmp_path / "sheet.png")
        with Image.open(tmp_path / "sheet.png") as image:
            assert min(image.size) > 100
        figure = figures.pop()
        columns = figure.axes[0].get_gridspec().ncols
        return np.reshape(figure.axes, (-1, columns))

    return draw


def pictures(line):
    return [axes.images[0].get_array() for axes in line if axes.images]


def test_each_resolution_has_its_pixels_and_their_enlargement(
    drawn, make_pictures
):
    sizes = (8, 16, 224)
    shown = ShownPictures(make_pictures(), sizes).one_of_each()
    panels = drawn({"birds": shown}, sizes)
    assert panels.shape == (5, CLASSES)
    sides = [pictures(line)[0].shape[0] for line in panels]
    assert sides == [8, 224, 16, 224, 224]
    assert [line[0].get_ylabel() for line in panels] == [
        "8 px",
        "bicubic",
        "16 px",
        "bicubic",
        "224 px",
    ]
    expected = Image.fromarray(pictures(panels[0])[0]).resize(
        (224, 224), Image.Resampling.BICUBIC
    )
    np.testing.assert_array_equal(pictures(panels[1])[0], expected)


def test_a_column_is_one_picture_of_the_class_above_it(drawn, make_pictures):
    source = make_pictures()
    shown = ShownPictures(source, (8, 16)).one_of_each()
    panels = drawn({"birds": shown}, (8, 16))
    names = [axes.get_title() for axes in panels[0]]
    assert len(set(names)) == CLASSES
    for name, small, large in zip(
        names, pictures(panels[0]), pictures(panels[2]), strict=True
    ):
        red = small[0, 0, 0]
        assert red == large[0, 0, 0]
        label = source.class_names.index(name)
        own = np.flatnonzero(source.labels == label)
        assert red in [source.read(i).getpixel((0, 0))[0] for i in own]


def test_two_sets_stand_below_each_other(drawn, make_pictures):
    sets = {
        "birds": ShownPictures(make_pictures(), (8,)).one_of_each(),
        "dogs": ShownPictures(make_pictures(classes=2), (8,)).one_of_each(),
    }
    panels = drawn(sets, (8,))
    assert panels.shape == (4, CLASSES)
    labels = [line[0].get_ylabel() for line in panels]
    assert labels == ["birds\n8 px", "bicubic", "dogs\n8 px", "bicubic"]
    assert [len(pictures(line)) for line in panels] == [4, 4, 2, 2]


# === The choice of pictures ===


def test_the_seed_decides_what_is_shown(make_pictures):
    def shown(seed):
        found = ShownPictures(make_pictures(), (8,), seed=seed).one_of_each()
        return [int(pixels[8][0, 0, 0]) for _, pixels in found]

    assert shown(0) == shown(0)
    assert shown(0) != shown(1)


def test_only_what_is_shown_is_decoded(make_pictures):
    source = make_pictures()
    ShownPictures(source, (8, 16)).one_of_each()
    assert len(source.decoded) == CLASSES


def test_a_picture_that_cannot_be_decoded_is_passed_over(make_pictures):
    source = make_pictures(classes=1, each=2, broken=(0,))
    _, pixels = ShownPictures(source, (8,)).one_of("class_0")
    assert pixels[8][0, 0, 0] == source.read(1).getpixel((0, 0))[0]
    source = make_pictures(classes=1, each=2, broken=(0, 1))
    with pytest.raises(ValueError, match="Received: class_name='class_0'"):
        ShownPictures(source, (8,)).one_of("class_0")
