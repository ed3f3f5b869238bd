"""Prints a distance card in a terminal."""

from rich.box import SIMPLE_HEAD
from rich.table import Table

from kerasfg.evaluation.distance.card import metres


def print_card(card, console):
    """Prints a distance card.

    Args:
        card: Result of `kerasfg.evaluation.distance_card`, whose rows may have
            `measured`.
        console: `rich.console.Console`.
    """
    checked = any(row.get("measured") for row in card["rows"])
    zoom = card["zoom"]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("Distance", justify="right")
    table.add_column("Pixels", justify="right")
    table.add_column("By the curve", justify="right")
    if checked:
        table.add_column("Measured", justify="right")
    if zoom > 1:
        table.add_column(f"{zoom:g} x zoom", justify="right")
        table.add_column("By the curve", justify="right")
    for row in card["rows"]:
        cells = [
            metres(row["distance"]),
            f"{row['pixels']:.0f}",
            _share(row["top_1"], row["top_1_interval"]),
        ]
        if checked:
            found = row.get("measured")
            cells.append(
                _share(found["top_1"], found["top_1_interval"]) if found else ""
            )
        if zoom > 1:
            cells.append(f"{row['zoomed_pixels']:.0f}")
            cells.append(_share(row["zoomed_top_1"]))
        table.add_row(*cells)
    console.print(table)
    console.print(described(card), markup=False, soft_wrap=True)


def described(card):
    """Returns the sentences of a card, a line each."""
    sentence = card["sentence"]
    lines = [f"{sentence[0].upper()}{sentence[1:]}."]
    checked = card.get("checked")
    if checked:
        lines.append(
            f"Checked on {checked['n']} test pictures, shrunk to each distance "
            "by a camera's kernel: the curve is inside the measured interval "
            f"at {checked['inside']} of {checked['distances']} distances."
        )
        small = checked["too_small"]
        if small > 0.05:
            lines.append(
                f"Up to {100 * small:.0f} % of the originals have fewer pixels "
                "than the nearest distances would give; they are used "
                "unchanged."
            )
    return "\n".join(lines)


def _share(value, interval=None):
    if value is None:
        return "not known"
    text = f"{100 * value:.0f} %"
    if interval is None:
        return text
    low, high = interval
    return f"{text} ({100 * low:.0f} to {100 * high:.0f})"
