"""Tables of recipes and of exported files for the HTML report."""

from kerasfg.evaluation.clients import client_table
from kerasfg.evaluation.display import percent
from kerasfg.evaluation.report.html_page.same_recipe import differing_settings
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import number


def settings_table(groups):
    """Returns a table of the keys that differ between recipes, or `None`.

    It has a row for each key, or for each recipe if there are more recipes.
    """
    lines = [("key", *(group.name for group in groups))]
    for key, values in differing_settings(groups).items():
        lines.append((key.partition(".")[2], *map(_setting, values)))
    if len(lines) == 1:
        return None
    if len(groups) >= len(lines):
        lines = list(zip(*lines, strict=True))
        lines[0] = ("runs", *lines[0][1:])
    caption = "Keys of the recipes, without the seed"
    return Table(caption, lines[0], lines[1:], texts=len(lines[0]))


def groups_table(runs):
    """Returns a table of the groups that stayed on one side, or `None`."""
    headers = ("run", "grouped by", "pictures", "groups", "same files")
    headers += ("look-alikes", "classes with fewer than 3 groups")
    found = [(run.name, run.report.get("groups")) for run in runs]
    rows = [
        (
            name,
            groups["group_by"] or NONE,
            f"{groups['pictures']:,}",
            f"{groups['groups']:,}",
            f"{groups['copies']['identical']:,}",
            f"{groups['copies']['look_alikes']:,}",
            f"{len(groups['few']):,}",
        )
        for name, groups in found
        if groups
    ]
    caption = "Pictures of a group stay on one side of the split"
    return Table(caption, headers, rows, texts=2) if rows else None


def export_table(run):
    """Returns a table with a row for each exported file, or `None`."""
    if run.exported is None:
        return None
    headers = ("file", "verdict", "MB", "of float32", "ms", "load ms")
    headers += ("memory MB", "accuracy", "as Keras", "difference")
    recommended = run.exported["recommended"]
    rows = [_file(row, recommended) for row in run.exported["files"]]
    return Table(f"Files of {run.name}", headers, rows, texts=2)


def clients_table(run):
    """Returns a table of each file's losses in apps, with its sentences.

    It is of the last evaluation, or else of the export; `None` if neither
    tried that.
    """
    found = run.test.get("clients") or (run.exported or {}).get("clients")
    if not found:
        return None
    names = client_table.headers(found)
    caption = f"{run.name}. {client_table.caption(found)}"
    table = Table(caption, tuple(names), client_table.rows(found))
    return table, client_table.sentences(found)


def _file(row, recommended):
    of_float32 = row["of_float32"]
    difference = row["max_difference"]
    size = row["bytes"]
    # The first entry has the fewest threads; its first value is the median.
    times = next(iter((row["latency_ms"] or {}).values()), (None,))
    is_recommended = row["file"] == recommended
    return (
        row["file"],
        "recommended" if is_recommended else row["verdict"] or NONE,
        NONE if size is None else number(size / 1e6, 2),
        number(of_float32, 2),
        number(times[0], 1),
        number(row["load_ms"], 1),
        number(row["peak_memory_mb"], 0),
        percent(row["accuracy"]),
        percent(row["agreement"]),
        NONE if difference is None else f"{difference:.1e}",
    )


def _setting(value):
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
