import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfg.evaluation.metrics.prediction_sets import check_coverage
from kerasfg.evaluation.metrics.prediction_sets import divided_sets
from kerasfg.evaluation.metrics.prediction_sets import fit_sets
from kerasfg.evaluation.metrics.prediction_sets import in_set
from kerasfg.evaluation.metrics.prediction_sets import lowest_probability
from kerasfg.evaluation.metrics.prediction_sets import measure_sets
from kerasfg.evaluation.metrics.prediction_sets import sets_on_test


def predictions(seed=0, n=200, classes=6, sharpness=2.0):
    """Labels and probabilities that are right more often than not."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += 1.0
    exponents = np.exp(sharpness * logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def set_loop(labels, probabilities, row, percent):
    """The set of a new picture by the definition, one class at a time.

    A class belongs to it if, put in as the true one, it is no stranger than
    all but the share `1 - coverage` of the pictures with the new one.
    """
    known = [
        1 - p[label] for label, p in zip(labels, probabilities, strict=True)
    ]
    allowed = (percent * (len(known) + 1) + 99) // 100  # rounded up
    members = []
    for p in row:
        stranger = sum(score < 1 - p for score in known)
        if stranger + 1 <= allowed:
            members.append(True)
        else:
            members.append(False)
    members[max(range(len(row)), key=lambda i: row[i])] = True
    return members


@pytest.mark.parametrize("percent", [50, 80, 90, 97])
@pytest.mark.parametrize("n", [1, 9, 10, 60])
def test_sets_are_those_of_the_definition(n, percent):
    labels, probabilities = predictions(n=n)
    _, new = predictions(seed=1, n=40)
    fitted = fit_sets(labels, probabilities)
    lowest = lowest_probability(fitted, percent / 100)
    expected = [set_loop(labels, probabilities, row, percent) for row in new]
    assert in_set(new, lowest).tolist() == expected


@pytest.mark.parametrize("coverage", [0.6, 0.8, 0.9, 0.95])
def test_sets_are_those_of_mapie(coverage):
    classification = pytest.importorskip("mapie.classification")
    from sklearn.base import BaseEstimator
    from sklearn.base import ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):
        """Takes probabilities for pictures."""

        classes_ = np.arange(6)

        def fit(self, X, y):  # noqa: N803
            return self

        def predict_proba(self, X):  # noqa: N803
            return X

        def predict(self, X):  # noqa: N803
            return X.argmax(axis=1)

        def __sklearn_is_fitted__(self):
            return True

    labels, probabilities = predictions(n=150)
    _, new = predictions(seed=1)
    mapie = classification.SplitConformalClassifier(
        Given(), confidence_level=coverage, conformity_score="lac", prefit=True
    ).conformalize(probabilities, labels)
    expected = mapie.predict_set(new)[1][:, :, 0]
    found = in_set(
        new, lowest_probability(fit_sets(labels, probabilities), coverage)
    )
    # MAPIE's sets may be empty.
    best = np.eye(6, dtype=bool)[new.argmax(axis=1)]
    np.testing.assert_array_equal(found, expected | best)


def test_mean_coverage_of_many_divisions_is_the_promise():
    labels, probabilities = predictions(n=600)
    # 299 pictures and one more: 270 of 300 are 90 % exactly.
    found = divided_sets(labels, probabilities, 299, 0.9, divisions=200)
    low, high = found["coverage_interval"]
    assert low <= 0.9 <= high and high - low < 0.01
    assert found["lowest"] < 0.9 < found["highest"]
    assert found["divisions"] == 200


def test_a_promise_holds_for_a_network_that_knows_nothing():
    rng = np.random.default_rng(0)
    labels = rng.integers(5, size=400)
    probabilities = rng.dirichlet(np.ones(5), size=400)
    found = divided_sets(labels, probabilities, 200, 0.9)
    assert found["coverage"] == pytest.approx(0.9, abs=0.03)
    assert found["mean_size"] > 4


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_a_larger_promise_never_makes_a_smaller_set(seed, n):
    lowest = fit_sets(*predictions(seed, n=n))["lowest"]
    assert len(lowest) == 50 and lowest == sorted(lowest, reverse=True)


def test_too_few_pictures_for_a_promise_give_every_class():
    fitted = fit_sets(*predictions(n=8))  # 90 % takes nine
    assert lowest_probability(fitted, 0.88) > 0
    assert lowest_probability(fitted, 0.9) == 0
    assert in_set(predictions(n=3)[1], 0.0).all()


def test_no_set_is_empty():
    labels, probabilities = predictions(n=50, sharpness=9.0)
    members = in_set(probabilities, 0.9999)
    assert members.any(axis=1).all()
    measured = measure_sets(
        labels, probabilities, fit_sets(labels, probabilities), 0.5
    )
    assert measured["one"] + measured["two"] <= 1
    assert measured["mean_size"] >= 1


def test_measures_match_a_loop():
    labels, probabilities = predictions()
    fitted = fit_sets(*predictions(seed=1))
    measured = measure_sets(labels, probabilities, fitted, 0.8)
    lowest = fitted["lowest"][30]
    sizes, held = [], 0
    for label, row in zip(labels, probabilities, strict=True):
        best = int(np.argmax(row))
        members = {i for i, p in enumerate(row) if p >= lowest or i == best}
        sizes.append(len(members))
        held += label in members
    assert measured["coverage"] == held / 200
    assert measured["mean_size"] == pytest.approx(sum(sizes) / 200)
    assert measured["one"] == sizes.count(1) / 200
    assert measured["two"] == sizes.count(2) / 200
    low, high = measured["coverage_interval"]
    assert low < measured["coverage"] < high


def test_the_report_has_each_promise_and_is_strict_json():
    val, test = predictions(n=60), predictions(seed=1, n=90)
    rows = sets_on_test(val, test, fit_sets(*val))
    assert [row["promised"] for row in rows] == [0.8, 0.9, 0.95]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_between_two_hundredths_the_larger_counts():
    assert check_coverage(0.5) == 0 and check_coverage(0.99) == 49
    assert check_coverage(0.9) == 40
    assert check_coverage(0.901) == 41
    assert [check_coverage(p / 100) for p in range(50, 100)] == [*range(50)]


@pytest.mark.parametrize("coverage", [0.4, 0.995, 90, math.nan, -1])
def test_rejects_other_coverages(coverage):
    with pytest.raises(ValueError, match=r"0\.5 and 0\.99.*Received: coverage"):
        check_coverage(coverage)


@pytest.mark.parametrize("calibration", [0, 200])
def test_rejects_a_division_with_an_empty_part(calibration):
    with pytest.raises(ValueError, match="Each part must have a picture"):
        divided_sets(*predictions(), calibration, 0.9)
