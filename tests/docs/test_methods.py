"""docs/methods: each page has its parts, and the pictures are as drawn."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "methods"
PAGES = sorted(p for p in FOLDER.glob("*.md") if p.stem != "index")
PARTS = [
    "Where it comes from",
    "When it helps, and when not",
    "How to switch it on",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_parts(page):
    text = page.read_text("utf-8")
    picture = re.search(r"^# .+\n\n!\[[^]]+\]\((\S+)\)\n", text)
    assert picture[1] == f"{page.stem}.png"
    assert (FOLDER / picture[1]).stat().st_size < 150_000
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert re.search(r"\n\n\$\$\n[^$\n]+\n\$\$\n\n", text)
    assert "\n```python\n" in text and "\n```\nkerasfg " in text
    assert 40 <= len(text.splitlines()) <= 80


def test_the_index_names_each_page():
    index = (FOLDER / "index.md").read_text("utf-8")
    found = re.findall(r"^\| \[.+\]\((\w+)\.md\)", index, re.MULTILINE)
    assert sorted(found) == [page.stem for page in PAGES]


@pytest.mark.parametrize("folder", ["methods", "results"])
def test_links_lead_somewhere(folder):
    for page in sorted((ROOT / "docs" / folder).glob("*.md")):
        text = page.read_text("utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), (page.name, link)
            # The site has the pages of docs alone.
            assert target.resolve().is_relative_to(ROOT / "docs"), link
            if anchor:
                assert anchor in anchors(target), (page.name, link)


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    parts = page.read_text("utf-8").split("\n```")[::2]  # without code
    headings = re.findall(r"^#+ (.+)$", "\n".join(parts), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_runs(page):
    text = page.read_text("utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, page.name, "exec"), {})


@pytest.mark.slow
def test_pictures_are_drawn(tmp_path):
    drawings = runpy.run_path(str(Path(__file__).parent / "drawings.py"))
    drawings["draw_all"](tmp_path)
    drawn = {picture.name for picture in tmp_path.glob("*.png")}
    assert drawn == {picture.name for picture in FOLDER.glob("*.png")}
