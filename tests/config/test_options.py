"""Where each option is described and used."""

import re
from pathlib import Path

import pytest

from kerasfg.config import Recipe
from kerasfg.config.names import arguments_named
from kerasfg.config.names import renamed
from kerasfg.config.reference import BEGIN
from kerasfg.config.reference import END
from kerasfg.config.reference import with_reference

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"


def test_the_reference_page_has_the_options():
    page = PAGE.read_text("utf-8")
    assert page == with_reference(page), (
        "docs/reference.md is older than the options: renew it by "
        "python -m kerasfg.config.reference"
    )


def test_a_page_without_the_lines_is_an_error():
    with pytest.raises(ValueError, match="The page must have the lines"):
        with_reference("nothing")


@pytest.mark.parametrize("name", Recipe.options())
def test_each_option_is_used(name):
    option = Recipe.options()[name]
    recipes = [
        file.read_text("utf-8") for file in (ROOT / "recipes").rglob("*.toml")
    ]
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    pages = [before + rest.partition(END)[2]]
    pages += [
        file.read_text("utf-8")
        for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        if file != PAGE
    ]
    own = rf"^\[(recipe\.)?{option.section}\]\n([^\[].*\n|\n)*?{option.key} = "
    flat = rf"^{name} = "  # of a row or a method
    in_recipes = any(
        re.search(pattern, text, re.MULTILINE)
        for text in recipes
        for pattern in (own, flat)
    )
    flag = option.flag.replace("--", "--(no-)?", 1)
    typed = rf"{flag}\b(?!-)" if flag else rf"`{option.key} = "
    assert in_recipes or any(re.search(typed, text) for text in pages)


def test_names_of_arguments_are_changed_and_nothing_else():
    message = (
        "Argument `n` must be below `m`, not n. Received: n='n=1', m=2, k=3"
    )
    assert renamed(message, {"n": "--epochs", "m": "training.m"}) == (
        "`--epochs` must be below `training.m`, not n. "
        "Received: --epochs='n=1', training.m=2, k=3"
    )
    with pytest.raises(ValueError, match="^`data` must be .*: data='x'$"):
        with arguments_named(directory="data"):
            raise ValueError("`directory` must be new. Received: directory='x'")
