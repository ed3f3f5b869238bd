"""Bars of counts."""

from __future__ import annotations

import dataclasses

WIDTH = 200  # of the longest bar


@dataclasses.dataclass(frozen=True)
class Bar:
    """A name, its count and the length of its bar."""

    name: str
    count: int
    length: float


def class_bars(counts: dict[str, int]) -> list[Bar]:
    """Returns a bar for each class, the largest first.

    Example:

    >>> class_bars({"wren": 5, "owl": 10})
    [Bar(name='owl', count=10, length=200.0), Bar(name='wren', count=5, length=100.0)]
    """  # noqa: E501
    pairs = sorted(counts.items(), key=lambda pair: -pair[1])
    return _bars(pairs)


def size_bars(histogram: list[dict]) -> list[Bar]:
    """Returns a bar for each part of a histogram.

    Example:

    >>> [bar.name for bar in size_bars([{"from": 0, "to": 16, "pictures": 1}])]
    ['0–15']
    """
    return _bars([(_range(part), part["pictures"]) for part in histogram])


def _range(part):
    if part["to"] is None:
        return f"{part['from']} and more"
    return f"{part['from']}\N{EN DASH}{part['to'] - 1}"


def _bars(pairs):
    most = max((count for _, count in pairs), default=0)
    return [
        Bar(name, count, round(WIDTH * count / max(most, 1), 1))
        for name, count in pairs
    ]
