import dataclasses

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import from_places
from kerasfg.data.sources.several import join_sources
from kerasfg.notice import Notice


@pytest.fixture
def places(tmp_path):
    """Two folders of one name, which share the class b."""
    folders = [tmp_path / "1" / "photos", tmp_path / "2" / "photos"]
    for folder, classes in zip(folders, ("ab", "bc"), strict=True):
        for name in classes:
            (folder / name).mkdir(parents=True)
            for i in range(2):
                color = (len(list(tmp_path.rglob("*.png"))), 0, 0)
                Image.new("RGB", (4, 4), color).save(folder / name / f"{i}.png")
    return [str(folder) for folder in folders]


def test_classes_of_one_name_are_one_and_names_stay_unique(places):
    with pytest.warns(Notice, match=r"photos adds 1 new class: 'c'\.$") as told:
        source = from_places(places)
    assert len(told) == 1
    assert source.class_names == ("a", "b", "c")
    assert source.labels.tolist() == [0, 0, 1, 1, 1, 1, 2, 2]
    assert source.names[2] == "photos/b/0.png"
    assert source.names[4] == "photos-2/b/0.png"
    reds = [source.read(i).getpixel((0, 0))[0] for i in range(8)]
    assert reds == list(range(8))


def test_one_place_keeps_its_names(places):
    source = from_places(places[:1])
    assert source.names == from_folder(places[0]).names


def test_each_place_may_have_one_class(places, tmp_path):
    (tmp_path / "x" / "only").mkdir(parents=True)
    Image.new("L", (2, 2)).save(tmp_path / "x" / "only" / "0.png")
    with pytest.warns(Notice) as told:
        source = from_places([*places, tmp_path / "x"])
    assert str(told[1].message).endswith("x adds 1 new class: 'only'.")
    assert source.class_names == ("a", "b", "c", "only")
    with pytest.raises(ValueError, match="at least two class folders"):
        from_places(tmp_path / "x")


def test_all_that_is_known_of_pictures_is_joined(places):
    one, two = map(from_folder, places)
    one = dataclasses.replace(
        one,
        groups=np.array([0, 0, 1, 2], np.int32),
        attributes={"size": (("s", "m"), np.array([0, 1, -1, 1]))},
        columns={"site": tuple("wxyz")},
        left_out=(("a/film.mp4", "video"),),
    )
    two = dataclasses.replace(
        two, attributes={"size": (("m", "l"), np.array([0, 1, 1, -1]))}
    )
    with pytest.warns(Notice):
        source = join_sources([one, two], places)
    assert source.groups.tolist() == [0, 0, 1, 2, 3, 4, 5, 6]
    values, indices = source.attributes["size"]
    shown = [values[i] if i >= 0 else "" for i in indices]
    assert shown == ["s", "m", "", "m", "m", "l", "l", ""]
    assert source.columns == {"site": ("w", "x", "y", "z", "", "", "", "")}
    assert source.left_out == (("photos/a/film.mp4", "video"),)


def test_splits_are_joined_and_never_half(places):
    one, two = map(from_folder, places)
    one, two = (
        dataclasses.replace(s, splits=np.array(["train", "test"] * 2))
        for s in (one, two)
    )
    with pytest.warns(Notice):
        joined = join_sources([one, two], places)
    assert joined.splits.tolist() == ["train", "test"] * 4
    two = dataclasses.replace(two, splits=None)
    with (
        pytest.warns(Notice),
        pytest.raises(ValueError, match="must have a split, or none"),
    ):
        join_sources([one, two], places)
