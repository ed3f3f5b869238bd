"""Writes the tables and numbers of pages between their marks.

A page has `<!-- table NAME -->` above a table and `<!-- end -->` below it. In
a sentence, `<!-- accuracy GRID ROW METHOD -->` is before a number and
`<!-- end -->` after it, or `<!-- gain GRID ROW METHOD BASELINE -->`. `-` is a
grid without rows. README.md has a table between `<!-- results begin -->` and
`<!-- results end -->`.
"""

import re

from kerasfg.reproduce.story import figures
from kerasfg.reproduce.story import markdown
from kerasfg.reproduce.story import method_tables
from kerasfg.reproduce.story import network_tables
from kerasfg.reproduce.story import paper_tables
from kerasfg.reproduce.story import training_tables
from kerasfg.reproduce.story import unsure_tables
from kerasfg.reproduce.story.charts import draw
from kerasfg.reproduce.story.charts import read_data
from kerasfg.reproduce.story.charts import to_text
from kerasfg.reproduce.story.records import Records

_TABLES = (
    *(training_tables, method_tables, network_tables, paper_tables),
    unsure_tables,
)
_MARK = re.compile(
    r"<!-- (table|accuracy|gain) (.+?) -->.*?<!-- end -->", re.DOTALL
)
_README = re.compile(
    r"(<!-- results begin -->\n).*?(<!-- results end -->)", re.DOTALL
)
FIGURES = (
    *("gain", "attributes", "teacher", "pooling", "latency", "near_and_far"),
    *("unequal_classes", "int8", "unknown", "papers"),
)


def pages(root):
    """Returns README.md and the pages of `docs` that have marks."""
    found = sorted((root / "docs").rglob("*.md"))
    return [
        page
        for page in [root / "README.md", *found]
        if _is_marked(page.read_text("utf-8"))
    ]


def renewed(text, records):
    """Returns the text of a page with its tables and numbers renewed.

    Args:
        text: Text of the page.
        records: `kerasfg.reproduce.story.records.Records`.

    Raises:
        ValueError: If there is no such table, or a number is not measured.
    """
    text = _MARK.sub(lambda mark: _filled(mark, records), text)
    block = README.format(training_tables.readme(records))
    return _README.sub(lambda mark: f"{mark[1]}{block}{mark[2]}", text)


def write(root):
    """Writes all tables, numbers and figures that are older than the results.

    Args:
        root: Path of the repository.

    Returns:
        The files that were written.
    """
    records = Records(root / "recipes" / "results")
    written = []
    for page in pages(root):
        old = page.read_text("utf-8")
        if (new := renewed(old, records)) != old:
            page.write_text(new, "utf-8")
            written.append(page)
    for name in FIGURES:
        picture, chart = figure_of(name, root, records)
        if not picture.exists() or read_data(picture) != to_text(chart):
            draw(chart, picture)
            written.append(picture)
    return written


def figure_of(name, root, records):
    """Returns the path of a figure, and its chart."""
    picture = root / "docs" / "results" / f"{name}.png"
    return picture, getattr(figures, name)(records)


README = """
Right on the test pictures at 32 pixels, in percent: mean ± spread, in brackets
the number of seeds. Time: for one picture, as a share of the network at 224.

{}
The real 224 pixels, and what else was tried: [results](docs/results/index.md).

"""


def _is_marked(text):
    return bool(_MARK.search(text) or _README.search(text))


def _filled(mark, records):
    kind, name = mark.groups()
    new = (_table if kind == "table" else _number)(kind, name, records)
    return f"<!-- {kind} {name} -->{new}<!-- end -->"


def _table(kind, name, records):
    for module in _TABLES:
        if make := getattr(module, name, None):
            return f"\n\n{make(records)}\n"
    raise ValueError(f"There must be such a {kind}. Received: {name}")


def _number(kind, name, records):
    measure = records.difference if kind == "gain" else records.accuracy
    grid, row, *methods = name.split()
    found = measure(grid, row.removeprefix("-"), *methods)
    if not found["n"]:
        raise ValueError(f"Nothing is measured. Received: {kind} {name}")
    return getattr(markdown, kind)(found, seeds=False)
