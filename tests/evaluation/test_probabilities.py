"""Probabilities of many pictures, a few rows at a time."""

import numpy as np
import pytest

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.taxonomy import Level
from kerasfg.evaluation import probabilities as module
from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.evaluation.metrics.levels import fit_levels
from kerasfg.evaluation.metrics.levels import measure_levels
from kerasfg.evaluation.metrics.prediction_sets import in_set
from kerasfg.evaluation.metrics.prediction_sets import set_sizes
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities
from kerasfg.evaluation.report.report import evaluate_predictions


def predictions(seed=0, n=40, classes=7):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    logits = 2 * rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += 2
    exponents = np.exp(logits)
    found = exponents / exponents.sum(axis=1, keepdims=True)
    return labels, found.astype("float32")


def measured():
    names = [f"bird {i}" for i in range(7)]
    val, test = predictions(0), predictions(1)
    report = evaluate_predictions(*val, *test, names)
    levels = [Level("family", ("a", "b", "a", "c", "c", "b", "d"))]
    fitted = fit_levels(*val, levels, 0.9)
    table = AttributeTable(
        names, ["bill"], [[i % 3] for i in range(7)], [list("xyz")]
    )
    questions = questions_of(table.by_class(), names)
    return (
        report,
        fitted,
        measure_levels(*test, fitted, 0.9),
        simulate_questions(*test, questions, 0.9, wrong=0.0),
    )


@pytest.mark.parametrize("at_once", [60])
def test_parts_give_the_same_numbers_as_the_whole(monkeypatch, at_once):
    whole = measured()
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    assert measured() == whole


@pytest.mark.parametrize("temperature", [None, 0.7])
def test_rows_are_those_of_the_whole_array(monkeypatch, temperature):
    monkeypatch.setattr(module, "AT_ONCE", 20)
    labels, given = predictions()
    whole = given.astype("float64")
    if temperature is not None:
        whole = apply_temperature(given, temperature)
    found = Probabilities(given, temperature)
    classes, highest = found.best
    np.testing.assert_array_equal(classes, whole.argmax(axis=1))
    np.testing.assert_array_equal(highest, whole.max(axis=1))
    np.testing.assert_array_equal(
        found.of(labels), whole[np.arange(len(labels)), labels]
    )
    rows = [rows for _, rows in found.parts()]
    assert len(rows) == 20 and rows[0].dtype == "float64"
    np.testing.assert_array_equal(np.concatenate(rows), whole)


def test_sizes_are_those_of_the_sets():
    _, given = predictions(classes=5)
    found = Probabilities(given)
    limits = [0.3, 0.0, 0.9999999, float(given[3, 2]), 0.3]
    sizes = set_sizes(found, limits)
    for place, limit in enumerate(limits):
        expected = in_set(given, limit).sum(axis=1)
        np.testing.assert_array_equal(sizes[:, place], expected)


def test_what_is_wrong_in_a_later_part_is_named_by_its_row(monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 14)
    labels, given = predictions()
    bad = given.copy()
    bad[17, 3] = np.nan
    with pytest.raises(ValueError, match=r"probabilities\[17, 3\]=nan"):
        check_predictions(labels, bad)
    with pytest.raises(ValueError, match=r"probabilities\[33\].sum\(\)=2"):
        bad = given.copy()
        bad[33] *= 2
        check_predictions(labels, bad)
