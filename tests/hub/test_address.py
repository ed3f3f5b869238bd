import pathlib

import pytest

from kerasfg.hub.address import HubAddress
from kerasfg.hub.address import check_local
from kerasfg.hub.address import hub_address


@pytest.mark.parametrize(
    "text, repo, revision",
    [
        ("hf://ann/birds", "ann/birds", None),
        ("hf://Ann-1/b.i_r-ds@v1.0", "Ann-1/b.i_r-ds", "v1.0"),
        ("hf://ann/birds@refs/pr/1", "ann/birds", "refs/pr/1"),
    ],
)
def test_an_address_is_a_text_or_what_a_path_makes_of_it(text, repo, revision):
    expected = HubAddress(repo, revision)
    assert hub_address(text) == expected
    assert hub_address(pathlib.Path(text)) == expected
    assert str(expected) == text
    assert expected.name == repo.split("/")[1]


@pytest.mark.parametrize("place", ["run", "/a/hf://b/c", "kaggle://a/b", ""])
def test_other_places_are_none(place):
    assert hub_address(place) is None


def test_a_folder_of_that_name_is_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hf:" / "ann" / "birds").mkdir(parents=True)
    assert hub_address("hf://ann/birds") is None


@pytest.mark.parametrize(
    "place",
    [
        "hf://birds",
        "hf://ann/",
        "hf://ann/birds/x",
        "hf://ann/../birds",
        "hf://ann/b--c",
        "hf://ann/birds@",
        "hf://ann/birds@../x",
        "hf://ann/bi rds",
        f"hf://ann/{'b' * 97}",
    ],
)
def test_a_malformed_address_says_the_form(place):
    with pytest.raises(ValueError, match=r"hf://USER/NAME, or .*Received: to="):
        hub_address(place, "to")


def test_a_place_to_write_is_on_this_computer():
    check_local("run", "out")
    with pytest.raises(
        ValueError, match="kerasfg push`. Received: out='hf://a"
    ):
        check_local(pathlib.Path("hf://a/b"), "out")
