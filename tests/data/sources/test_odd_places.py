"""The tables of docs/pictures.md: each row is made and read here."""

from pathlib import Path

import pytest
from odd_places.cases import BAD
from odd_places.cases import LAYOUTS
from odd_places.page import line
from odd_places.page import rows

PAGE = Path(__file__).parents[3] / "docs" / "pictures.md"


@pytest.mark.parametrize("text", [*LAYOUTS, *BAD])
def test_the_page_says_what_is_said(text, tmp_path):
    make = (LAYOUTS | BAD)[text]
    expected = rows(PAGE.read_text("utf-8"))[text]
    assert line(make, tmp_path) == expected


def test_the_page_has_enough_and_no_others():
    assert len(LAYOUTS) >= 12 and len(BAD) >= 12
    heads = {"what is there", "---", "column", "place"}
    known = set(LAYOUTS) | set(BAD)
    page = PAGE.read_text("utf-8").partition("## Odd layouts")[2]
    assert set(rows(page)) - heads == known
