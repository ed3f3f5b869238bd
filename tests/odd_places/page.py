"""The tables of docs/pictures.md.

`python tests/odd_places/page.py docs/pictures.md` writes their lines again.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path
from unittest import mock

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import odd_places.bad_input  # noqa: F401 (adds to BAD)
import odd_places.layouts  # noqa: F401 (adds to LAYOUTS)
from odd_places.cases import BAD
from odd_places.cases import LAYOUTS

from kerasfg.config import Recipe
from kerasfg.config.names import renamed
from kerasfg.config.pixels import load_pixels
from kerasfg.config.places import check_pictures
from kerasfg.data.sources.archives import zip_file

FLAGS = {
    option.name: option.flag
    for option in Recipe.options().values()
    if option.flag
}


def line(make, folder):
    """Makes a place in a folder and returns what is printed about it."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        given = make()
        options = given if isinstance(given, dict) else {"data": given}
        recipe = Recipe().with_options(image_size=8, **options)
        with (
            warnings.catch_warnings(record=True) as warned,
            mock.patch.object(zip_file, "SMALL", 1_000_000),
            mock.patch.dict(os.environ, KERASFG_CACHE=str(folder)),
        ):
            warnings.simplefilter("always", UserWarning)
            try:
                check_pictures(recipe.data)
                found = load_pixels(recipe.data, verbose=False)
                count = f"{len(found)} pictures"
                lines = [f"{count} of {len(found.class_names)} classes"]
            except ValueError as error:
                lines = [f"Error: {renamed(str(error), FLAGS)}"]
        lines = [str(warning.message) for warning in warned] + lines
    finally:
        os.chdir(before)
    return " ".join(" ".join(lines).replace("|", "\\|").split())


def rows(page):
    """Returns the lines of the page's tables by their first column."""
    cells = [
        row.split(" | ", 1) for row in page.splitlines() if row[:2] == "| "
    ]
    return {cell[0][2:]: cell[1][:-2] for cell in cells if len(cell) == 2}


def written(page):
    """Returns the page with the lines of today."""
    before = page.partition("## Odd layouts")[0]
    parts = [before.rstrip("\n")]
    for title, cases in (("Odd layouts", LAYOUTS), ("Bad input", BAD)):
        parts.append(f"\n\n## {title}\n\n| what is there | what is printed |")
        parts.append("\n| --- | --- |")
        for text, make in cases.items():
            with tempfile.TemporaryDirectory() as folder:
                parts.append(f"\n| {text} | {line(make, Path(folder))} |")
    return "".join(parts) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text("utf-8")), "utf-8")
