"""docs/papers.md: its files and grids exist, and its settings are theirs."""

import fnmatch
import functools
import re
import tomllib
from pathlib import Path

import pytest

from kerasfg.config.recipe import Recipe
from kerasfg.reproduce.grid import SCALES
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.grid import grid_names
from kerasfg.reproduce.method import GridMethod
from kerasfg.reproduce.method import source_of

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "papers.md"
VERDICTS = {"same", "different", "not printed", "not here"}
FILE = re.compile(r"[\w./-]+/[\w.-]+\.(py|md|toml|csv|png)")
GRID = re.compile(r"(small|full)/\S+( \S+ \S+)?")
SETTING = re.compile(r"[a-z0-9_.]+ = .+")
# What a grid itself has beside its recipe.
OF_GRID = set(Grid.model_fields) - {
    "recipe",
    "rows",
    "methods",
    "data",
    "scale",
}
# A network whose features are compared is not trained.
UNTRAINED = {
    *Recipe.model_fields["data"].annotation.model_fields,
    "data",
    "backbone",
    "weights",
    "upsample_to",
    "output_stride",
}


def lines():
    """The lines of the tables: dictionaries from headers to cells."""
    found, header = [], None
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if not line.startswith("| "):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if header is None:
            header = cells
        elif set("".join(cells)) - set("-"):
            found.append((number, dict(zip(header, cells, strict=True))))
    return found


LINES = lines()
PARAMETERS = [
    pytest.param(line, id=f"line {number}: {line['what'][:40]}")
    for number, line in LINES
]


def tokens(cell):
    return re.findall(r"`([^`]+)`", cell)


@functools.cache
def grid_of(scale, name):
    return Grid.find(name, scale)


def grids_of(text):
    """The grids that `SCALE/NAME ROW METHOD` names, with the two patterns."""
    place, row, method = [*text.split(), "*", "*"][:3]
    scale, _, pattern = place.partition("/")
    names = fnmatch.filter(grid_names(scale), pattern)
    assert names, f"no grid is named so: {text}"
    return [grid_of(scale, name) for name in names], row, method


def check_settings(text, settings):
    """Checks the settings in all rows and methods that a text names."""
    grids, rows, methods = grids_of(text)
    cells = [
        (grid, row, method)
        for grid in grids
        for row in fnmatch.filter(grid.rows or [""], rows)
        for method in fnmatch.filter(grid.methods_of(row), methods)
    ]
    assert cells or not any(grid.methods for grid in grids), text
    for key, value in settings.items():
        if key in OF_GRID:
            for grid in grids:
                check_of_grid(grid, key, value)
        else:
            assert cells, f"{text} has no trainings with {key}"
            for cell in cells:
                check_of_cell(*cell, key, value)


def check_of_grid(grid, key, value):
    found = getattr(grid, key)
    if isinstance(value, dict):  # of the figure
        found = found.model_dump(include=set(value))
    assert plain(found) == plain(value), (grid.scale, grid.name)


def check_of_cell(grid, row, name, key, value):
    where = grid.scale, grid.name, row, name
    method = GridMethod(grid.methods[name])
    assert key in Recipe.options(), f"no option of a recipe: {key}"
    if method.euclidean and key not in UNTRAINED:
        return
    if key in method.varied and not source_of(method.keys[key]):
        assert plain(method.keys[key]) == plain(value), where
        return
    own = {
        k: v
        for k, v in method.keys.items()
        if k not in method.varied and k != "teacher"
    }
    recipe = grid.recipe_at("{data}", **grid.options_of(row) | own)
    assert plain(recipe.values()[key]) == plain(value), where


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


@pytest.mark.parametrize("line", PARAMETERS)
def test_files_grids_and_settings_are_there(line):
    verdict = line.get("is it the same?")
    assert verdict is None or verdict in VERDICTS
    if verdict in ("different", "not printed"):
        assert line["why, and what is chosen"], "say why"
    for token in tokens(" ".join(line.values())):
        if FILE.fullmatch(token):
            assert (ROOT / token).is_file(), token
        elif GRID.fullmatch(token):
            grids_of(token)
    for group in line["here"].split(";"):
        grids = [t for t in tokens(group) if GRID.fullmatch(t)]
        texts = [t for t in tokens(group) if SETTING.fullmatch(t)]
        settings = tomllib.loads("\n".join(texts))
        assert grids or not settings, "settings of no grid"
        for text in grids:
            check_settings(text, settings)


def test_every_line_says_where_it_is():
    for number, line in LINES:
        is_here = line.get("is it the same?") != "not here"
        is_made = bool(tokens(line["here"]))
        software = line["what"].startswith("PyTorch")
        assert is_made == (is_here and not software), number


@pytest.mark.parametrize("scale", SCALES)
def test_every_grid_of_the_papers_is_named(scale):
    text = PAGE.read_text("utf-8")
    for name in grid_names(scale):
        if name.startswith("paper"):
            assert re.search(rf"`{scale}/{name}[`; ]", text), name


def test_a_wrong_setting_is_found():
    text = "full/paper1_table1 px64_* attribute"
    check_settings(text, {"batch_size": 100})
    with pytest.raises(AssertionError, match="px64_resnet_18"):
        check_settings(text, {"batch_size": 50})
    with pytest.raises(AssertionError, match="no option of a recipe"):
        check_settings(text, {"batch": 100})
    with pytest.raises(AssertionError, match="paper1_table1"):
        check_settings(text, {"seeds": [0]})
    with pytest.raises(AssertionError, match="px9"):
        check_settings("full/paper1_table1 px9 *", {"batch_size": 100})
