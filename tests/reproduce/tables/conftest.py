"""Grids and results of trainings, made up."""

import math
import types

import pytest
from stand_ins import MEASURES
from stand_ins import SEEDS


@pytest.fixture
def make_grid():
    """A function that makes what a summary wants to know of a grid."""

    def make_grid(methods=SEEDS, rows=(), without=(), **changed):
        """`without`: pairs of a row and a method that it does not have."""
        return types.SimpleNamespace(
            **{
                "rows": rows,
                "methods": methods,
                "methods_of": lambda row: [
                    name for name in methods if (row, name) not in without
                ],
                "baseline": "plain",
                "measures": ("top_1",),
                "seeds": (0, 1, 2, 3),
                "average": (),
                "best_of": (),
                "ranked": False,
                "paper": {},
                "paper_gains": {},
            }
            | changed
        )

    return make_grid


@pytest.fixture
def make_row(rng):
    """A function that makes the row of a training with random results."""

    def make_row(method, seed, stage="final", values=None, **changed):
        return {
            "row": "",
            "method": method,
            "seed": seed,
            "stage": stage,
            "values": values or {},
            **{key: rng.random() for key in MEASURES.values()},
            "confusion": {"wings": rng.random(), "tail": rng.random()},
            "resolutions": {16: rng.random(), 32: rng.random()},
        } | changed

    return make_row


@pytest.fixture(scope="session")
def assert_is():
    """A function that compares a measure with loops over its numbers."""

    def assert_is(measured, numbers):
        mean = sum(numbers) / len(numbers)
        squares = 0.0
        for number in numbers:
            squares += (number - mean) ** 2
        spread = math.sqrt(squares / (len(numbers) - 1))
        assert measured["n"] == len(numbers)
        assert measured["mean"] == pytest.approx(mean)
        assert measured["spread"] == pytest.approx(spread)

    return assert_is
