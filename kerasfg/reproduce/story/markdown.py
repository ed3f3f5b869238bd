"""Writes numbers and tables of results as Markdown."""

from kerasfg.evaluation.how_sure.intervals import wilson_interval

NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def table(header, lines, left=1):
    """Returns a table as Markdown; all but `left` columns hold numbers."""
    rule = ["---"] * left + ["---:"] * (len(header) - left)
    rows = [header, rule, *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def accuracy(measured, seeds=True):
    """Returns `71.4 ± 2.9 (2)`: percent, spread, and the number of seeds."""
    if not measured["n"]:
        return NONE
    text = f"{100 * measured['mean']:.1f}"
    return text + _spread(measured) + (f" ({measured['n']})" if seeds else "")


def gain(difference, seeds=True):
    """Returns `+4.9 ± 2.9 (3 of 3)`: points, and the seeds that are ahead."""
    if not difference["n"]:
        return NONE
    text = signed(100 * difference["mean"]) + _spread(difference)
    ahead = f" ({difference['better']} of {difference['n']})"
    return text + (ahead if seeds else "")


def signed(points, digits=1):
    """Returns a number with its sign; a rounded 0 has none."""
    text = f"{points:+.{digits}f}".replace("-", MINUS)
    return text if text.strip(f"+0.{MINUS}") else text[1:]


def interval(mean, n):
    """Returns the 95 % interval of a share of `n` test pictures."""
    if mean is None:
        return NONE
    low, high = wilson_interval(mean * n, n)
    return f"{100 * low:.0f} to {100 * high:.0f}"


def _spread(measured):
    spread = measured["spread"]
    return "" if spread is None else f" ± {100 * spread:.1f}"
