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
    headers = ("distance", "pixels", "by the curve", "95 % interval")
    headers += ("measured", "95 % interval") if "checked" in card else ()
    headers += (f"{card['zoom']:g} x zoom, pixels",) if is_zoomed else ()
    headers += ("by the curve",) if is_zoomed else ()
    rows = []
    for row in card["rows"]:
        cells = (metres(row["distance"]), number(row["pixels"], 0))
        cells += _share(row)
        if "checked" in card:
            cells += _share(row["measured"])
        if is_zoomed:
            cells += (number(row["zoomed_pixels"], 0),)
            cells += (percent(row["zoomed_top_1"]),)
        rows.append(cells)
    caption = (
        f"{name}. A subject of {card['object_size']:g} m; a camera with "
        f"{card['sensor_pixels']:,.0f} pixels over {card['fov']:.1f} degrees"
    )
    return Table(caption, headers, rows)


def _share(found):
    found = found or {"top_1": None}
    return (percent(found["top_1"]), with_interval(found, "top_1"))
