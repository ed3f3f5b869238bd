"""Contents of the HTML report's tables."""

import dataclasses
import functools
import math

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.display import percents

# With more classes than ALL_CLASSES only the WORST are in a table.
ALL_CLASSES, WORST = 200, 50
NONE = "\N{EN DASH}"


@dataclasses.dataclass(frozen=True)
class Interval:
    """A share with its interval.

    Attributes:
        value: The share.
        low: Lower bound of the interval.
        high: Upper bound.
    """

    value: float
    low: float
    high: float

    def __str__(self):
        return percents((self.low, self.high))


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of texts and intervals.

    Attributes:
        caption: Description of the table.
        headers: One header for each column.
        rows: List of sequences of `str` and `Interval`, as long as `headers`.
        texts: Number of columns with words, from the first on. The other
            columns hold numbers.
        total: Number of rows before `worst` left some out; 0 if it did not.
    """

    caption: str
    headers: tuple[str, ...]
    rows: list[tuple]
    texts: int = 1
    total: int = 0

    @property
    def count(self):
        """The number of rows in words, such as `"50 of 1,000"`."""
        of_all = f" of {self.total:,}" if self.total > len(self.rows) else ""
        return f"{len(self.rows):,}{of_all}"

    @functools.cached_property
    def scale(self):
        """Range of the drawn intervals, rounded to tenths."""
        found = [x for row in self.rows for x in row if isinstance(x, Interval)]
        if not found:
            return 0.0, 1.0
        low, high = min(x.low for x in found), max(x.high for x in found)
        return math.floor(10 * low) / 10, math.ceil(10 * high) / 10

    def place(self, share):
        """Returns the position of a share on the scale, from 0 to 100."""
        low, high = self.scale
        return round(100 * (share - low) / max(high - low, 0.1), 2)


def worst(caption, headers, rows, rest):
    """Returns a table with a row for each class, or for the 50 worst.

    A page with thousands of rows is slow, and nobody reads them.

    Args:
        caption: As of `Table`.
        headers: As of `Table`.
        rows: Rows, the worst first.
        rest: Name of the file with the others.

    Returns:
        `Table` with all rows if there are at most 200.
    """
    if len(rows) <= ALL_CLASSES:
        return Table(caption, headers, rows)
    caption = f"{caption}; all {len(rows):,} are in {rest}"
    return Table(caption, headers, rows[:WORST], total=len(rows))


def with_interval(found, key):
    """Returns an `Interval` of a measure.

    Args:
        found: Part of a report.
        key: Name of a share in it; an older report has no interval of some.

    Returns:
        `Interval`, or a dash where there is none.
    """
    interval = found.get(f"{key}_interval")
    if interval is None or found.get(key) is None:
        return NONE
    return Interval(found[key], *interval)


def spread(measured, form=percent):
    """Formats a mean and its standard deviation.

    Args:
        measured: Dictionary as `mean_and_spread` returns it.
        form: Function from a number to a text. Defaults to `percent`.

    Returns:
        String.

    Example:

    >>> spread({"n": 2, "mean": 0.5, "spread": 0.125})
    '50.0 ± 12.5 %'
    """
    if measured["mean"] is None:
        return NONE
    if measured["spread"] is None:
        return form(measured["mean"])
    mean = form(measured["mean"]).removesuffix(" %")
    return f"{mean} ± {form(measured['spread'])}"


def number(value, digits):
    """Formats a number, and `None` as a dash."""
    return NONE if value is None else f"{value:,.{digits}f}"
