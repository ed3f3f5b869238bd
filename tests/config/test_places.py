"""Places of pictures as a run folder keeps them."""

import pytest

from kerasfg.config import Recipe
from kerasfg.config.places import check_pictures
from kerasfg.config.places import with_absolute_paths


def test_paths_become_absolute_and_names_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    places = {
        "photos": f"{tmp_path}/photos",
        "list.csv": f"{tmp_path}/list.csv",
        "awa2:AwA2": f"awa2:{tmp_path}/AwA2",
        "hf://folder": f"hf://{tmp_path}/folder",
        "hf://somebody/birds": "hf://somebody/birds",
        "tfds:cars196": "tfds:cars196",
        "field_guide": "field_guide",
    }
    recipe = with_absolute_paths(Recipe().with_options(data=list(places)))
    assert recipe.data.path == tuple(places.values())
    for place, expected in places.items():
        recipe = with_absolute_paths(Recipe().with_options(data=place))
        assert recipe.data.path == expected


@pytest.mark.parametrize(
    "weights", ["imagenet", "none", "hf://timm/resnet18.tv_in1k"]
)
def test_names_and_addresses_of_weights_stay(weights):
    recipe = Recipe().with_options(weights=weights)
    assert with_absolute_paths(recipe).model.weights == weights


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ([], "must name the pictures"),
        (["a", ""], "must name the pictures"),
        (["a", "a"], "name each place once"),
        (["absent", "absent2"], "absent', which is missing"),
        (["field_guide", "awa2:absent"], "AwA2|AwA|Animals"),
    ],
)
def test_refuses_places(places, message):
    recipe = Recipe().with_options(data=places)
    with pytest.raises(ValueError, match=message):
        check_pictures(recipe.data)


def test_a_link_to_a_place_is_that_place(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    places = [str(tmp_path / "a"), f"{tmp_path}/b/"]
    recipe = Recipe().with_options(data=places)
    with pytest.raises(ValueError, match="each place once.*a' and '.*b/'"):
        check_pictures(recipe.data)
