"""Every link of the pages leads somewhere, on GitHub and on the site."""

import functools
import re
import tomllib
from pathlib import Path

import pytest
from docs.floors import drawing

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        *ROOT.glob("recipes/results/*.md"),
    )
)
LINK = re.compile(r"\]\(([^()\s]+)\)|(?:src|href)=\"([^\"]+)\"")


@functools.cache
def prose(path):
    """The text of a page without its code; included pages are in it."""
    text = path.read_text("utf-8")
    included = re.fullmatch(r'--8<-- "(.+)"\n', text)
    if included:
        return prose(ROOT / included[1])
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.S | re.M)
    return re.sub(r"`[^`]*`", "", text)


@functools.cache
def anchors(path):
    """The anchors of a page that GitHub and the site have in common."""
    text = path.read_text("utf-8")
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.S | re.M)
    headings = re.findall(r"^#+ +(.+?)\s*$", text, re.M)
    found, seen = set(), {}
    for heading in headings:
        heading = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", heading)
        name = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip()
        github = name.lower().replace(" ", "-")
        site = re.sub(r"[-\s]+", "-", name.lower())
        seen[site] = seen.get(site, 0) + 1
        if github == site and seen[site] == 1:
            found.add(site)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = ROOT / page
    wrong = []
    for link in LINK.finditer(prose(path)):
        target, _, anchor = (link[1] or link[2]).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (path.parent / target).resolve() if target else path
        is_there = file.exists() and ROOT in (file, *file.parents)
        if DOCS in path.parents:  # the site has nothing else
            is_there &= DOCS in file.parents
        if anchor and file.suffix == ".md" and is_there:
            is_there = anchor in anchors(file)
        if not is_there:
            wrong.append(link[1] or link[2])
    assert not wrong


def _of(navigation):
    """The paths in the navigation of the site."""
    for entry in navigation:
        if isinstance(entry, dict):
            entry = next(iter(entry.values()))
        if isinstance(entry, list):
            yield from _of(entry)
        else:
            yield entry


def test_the_navigation_has_each_page_once():
    settings = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))
    listed = list(_of(settings["project"]["nav"]))
    pages = [
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if path.name != "field_guide.md"  # the tutorial, once it was run
    ]
    assert sorted(listed) == sorted(pages)


def test_the_drawing_of_the_floors_is_that_of_the_contract():
    """`python tests/docs/floors.py docs/floors.svg` draws it again."""
    assert (DOCS / "floors.svg").read_text("utf-8") == drawing()
