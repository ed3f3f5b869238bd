"""Tables of how far away a subject may be, for the HTML report."""

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.distance.card import metres
from kerasfg.evaluation.distance.terminal import described
from kerasfg.evaluation.report.html_page.table import Table
from kerasfg.evaluation.report.html_page.table import number
from kerasfg.evaluation.report.html_page.table import with_interval


def distance_tables(runs):
    """Returns pairs of a table of a distance card and its sentences."""
    return [
        (
            _distances(run.name, run.distance),
            described(run.distance).split("\n"),
        )
        for run in runs
        if run.distance
    ]


def _distances(name, card):
    is_zoomed = card["zoom"] > 1
    headers = ("distance", "pixels", "by the curve")
    headers += ("measured",) if "checked" in card else ()
    # Of the curve itself the chart has it.
    headers += ("95 % interval",)
    headers += (f"{card['zoom']:g} x zoom, pixels",) if is_zoomed else ()
    headers += ("by the curve",) if is_zoomed else ()
    rows = []
    for row in card["rows"]:
        cells = (metres(row["distance"]), number(row["pixels"], 0))
        cells += (percent(row["top_1"]),)
        if "checked" in card:
            found = row["measured"] or {"top_1": None}
            cells += (percent(found["top_1"]),)
            cells += (with_interval(found, "top_1"),)
        else:
            cells += (with_interval(row, "top_1"),)
        if is_zoomed:
            cells += (number(row["zoomed_pixels"], 0),)
            cells += (percent(row["zoomed_top_1"]),)
        rows.append(cells)
    caption = (
        f"{name}. A subject of {card['object_size']:g} m; a camera with "
        f"{card['sensor_pixels']:,.0f} pixels over {card['fov']:.1f} degrees"
    )
    return Table(caption, headers, rows)
