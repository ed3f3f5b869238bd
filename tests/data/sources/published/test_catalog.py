import os

import pytest

from kerasfg.data.sources.published.catalog import ATTRIBUTE_READERS
from kerasfg.data.sources.published.catalog import READERS
from kerasfg.data.sources.published.catalog import WITH_BOXES
from kerasfg.data.sources.published.catalog import read_published
from kerasfg.data.sources.published.catalog import read_published_attributes
from kerasfg.data.sources.published.catalog import split_place
from kerasfg.data.sources.published.catalog import with_absolute_folder


def test_names_are_split_from_folders():
    assert split_place("awa2:data/AwA2") == ("awa2", "data/AwA2")
    assert split_place("cub200:C:\\birds") == ("cub200", "C:\\birds")


@pytest.mark.parametrize(
    "place",
    ["", "photos", "/photos", "tfds:cifar100", "field_guide", "C:\\a", "./a:b"],
)
def test_other_places_are_left_alone(place):
    assert split_place(place) is None


def test_a_folder_may_have_a_colon_in_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my:birds").mkdir()
    assert split_place("my:birds") is None


def test_an_unknown_name_gets_the_known_ones():
    message = "one of awa2, cub200, deepfashion, flowers17, flowers17_h.*Rec"
    with pytest.raises(ValueError, match=message):
        split_place("awa3:data")


def test_a_name_needs_a_folder():
    with pytest.raises(ValueError, match="the folder.*Received: 'awa2:'"):
        split_place("awa2:")


def test_folders_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = os.getcwd()
    assert with_absolute_folder("awa2:a/b") == f"awa2:{here}/a/b"
    assert with_absolute_folder("a/b") == f"{here}/a/b"
    assert with_absolute_folder("awa2:/a") == "awa2:/a"


@pytest.mark.parametrize("name", READERS)
def test_errors_name_what_is_missing_and_what_to_download(name, tmp_path):
    message = "must be complete. Download .* home page of .*"
    ending = rf"Received: directory='{tmp_path}.*'$"
    with pytest.raises(ValueError, match=message + ending):
        read_published(name, tmp_path / "nowhere")
    with pytest.raises(ValueError, match=" missing.*" + message + ending):
        read_published(name, tmp_path)


@pytest.mark.parametrize("name", ATTRIBUTE_READERS)
def test_attribute_readers_name_what_is_missing(name, tmp_path):
    with pytest.raises(ValueError, match=" is missing.*Received: directory="):
        read_published_attributes(name, tmp_path)


def test_boxes_are_refused_where_there_are_none(tmp_path):
    for name in set(READERS) - set(WITH_BOXES):
        with pytest.raises(ValueError, match="Only cub200 and deepfashion"):
            read_published(name, tmp_path, boxes=True)


def test_attributes_are_refused_where_there_are_none(tmp_path):
    with pytest.raises(ValueError, match="attributes='flowers17:"):
        read_published_attributes("flowers17", tmp_path)
