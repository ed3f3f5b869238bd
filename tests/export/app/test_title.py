"""The title of an app."""

import pytest

from kerasfg.export.app.title import check_title
from kerasfg.export.app.title import short_name
from kerasfg.export.app.title import suggest_title


def _manifest(name, path=None):
    return {"name": name, "recipe": path and {"data": {"path": path}}}


@pytest.mark.parametrize(
    ("name", "path", "title"),
    [
        ("Garden birds 2", None, "Garden birds 2"),
        ("garden-birds_best_s0", "photos", "Garden birds"),
        ("run", "meadow_flowers", "Meadow flowers"),
        ("run", ["dogs.zip", "more"], "Dogs"),
        ("run", "tfds:stanford_dogs", "Stanford dogs"),
        ("run", "flowers17:flowers17", "Flowers17"),
        ("run", "photos", "What is it?"),
        ("", None, "What is it?"),
        ("übersicht", None, "Übersicht"),
        ("run", {"odd": 3}, "What is it?"),
    ],
)
def test_a_title_comes_from_the_model_or_its_pictures(name, path, title):
    assert suggest_title([_manifest(name, path)]) == title


def test_of_several_models_it_is_the_common_one():
    birds = [_manifest("birds_s0"), _manifest("birds_s1")]
    assert suggest_title(birds) == "Birds"
    assert suggest_title([*birds, _manifest("dogs")]) == "Birds & Dogs"
    long = _manifest("flowers_of_all_the_meadows")
    assert suggest_title([*birds, long]) == "Birds"


def test_a_recipe_of_another_kind_is_no_error():
    assert suggest_title([{"name": "run", "recipe": "mine"}]) == "What is it?"


@pytest.mark.parametrize(
    "title", ["", "  ", "a\nb", "a\tb", 51 * "x", "\ud800", None, 3, "\u202eb"]
)
def test_what_is_no_line_is_refused(title):
    with pytest.raises(ValueError, match="`title` must be"):
        check_title(title)


def test_blanks_at_the_ends_are_cut():
    assert check_title(" Vögel am Haus ") == "Vögel am Haus"


def test_a_short_name_is_of_whole_words():
    assert short_name("Birds & trees of home") == "Birds"
    assert short_name("Waldvögelführer") == "Waldvögelfüh"
