import json

import numpy as np
import pytest

from kerasfg.data.taxonomy import Level
from kerasfg.evaluation.metrics.levels import coarser_name
from kerasfg.evaluation.metrics.levels import fit_levels
from kerasfg.evaluation.metrics.levels import group_probabilities
from kerasfg.evaluation.metrics.levels import measure_levels
from kerasfg.evaluation.metrics.prediction_sets import fit_sets
from kerasfg.evaluation.metrics.prediction_sets import measure_sets
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions

LEVELS = (
    Level("genus", ("A", "A", "B", "C", "C", "D")),
    Level("family", ("AB", "AB", "AB", "CD", "CD", "CD")),
)


def predictions(seed=0, n=300):
    """Labels and probabilities whose mistakes are mostly near by."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(6, size=n)
    logits = rng.normal(size=(n, 6))
    for row, label in zip(logits, labels, strict=True):
        for other in range(6):
            row[other] += other == label
            for level in LEVELS:
                same = level.of_class[other] == level.of_class[label]
                row[other] += 0.8 * same
    exponents = np.exp(logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def best_group(row, of_class):
    """The most probable group of a picture, and its probability."""
    sums = {}
    for group, probability in zip(of_class, row, strict=True):
        sums[group] = sums.get(group, 0.0) + probability
    best = max(sums, key=sums.get)
    return best, sums[best]


def threshold_loop(labels, probabilities, of_class, accuracy):
    found = [best_group(row, of_class) for row in probabilities]
    best = 1.0
    for _, limit in found:
        said = [
            name == of_class[label]
            for (name, p), label in zip(found, labels, strict=True)
            if p >= limit
        ]
        if sum(said) / len(said) >= accuracy:
            best = min(best, limit)
    return best


def test_each_threshold_is_fitted_where_finer_names_are_unsure():
    labels, probabilities = predictions()
    fitted = fit_levels(labels, probabilities, LEVELS, 0.8, 0.9)
    left = [i for i in range(len(labels)) if max(probabilities[i]) < 0.8]
    for level, found in zip(LEVELS, fitted, strict=True):
        assert found["name"] == level.name
        assert tuple(found["of_class"]) == level.of_class
        expected = threshold_loop(
            labels[left], probabilities[left], level.of_class, 0.9
        )
        assert found["threshold"] == pytest.approx(expected)
        left = [
            i
            for i in left
            if best_group(probabilities[i], level.of_class)[1]
            < found["threshold"]
        ]
    assert json.loads(json.dumps(fitted, allow_nan=False)) == fitted


def test_what_is_said_at_a_level_is_right_as_often_as_asked():
    labels, probabilities = predictions()
    fitted = fit_levels(labels, probabilities, LEVELS, 0.8, 0.9)
    found = measure_levels(labels, probabilities, fitted, 0.8)["answers"]
    assert all(row["n"] for row in found[1:3])
    assert all(row["accuracy"] >= 0.9 for row in found[1:3])


def test_measures_match_a_loop():
    labels, probabilities = predictions(seed=1)
    fitted = fit_levels(*predictions(), LEVELS, 0.8)
    found = measure_levels(labels, probabilities, fitted, 0.8)
    tree = [Level("class", tuple("abcdef")), *LEVELS]
    limits = [0.8, *(level["threshold"] for level in fitted)]
    said = {level.name: [] for level in tree} | {None: []}
    up = {level.name: 0 for level in LEVELS} | {None: 0}
    for label, row in zip(labels, probabilities, strict=True):
        for level, limit in zip(tree, limits, strict=True):
            name, p = best_group(row, level.of_class)
            if p >= limit:
                said[level.name].append(name == level.of_class[label])
                break
        else:
            said[None].append(False)
        predicted = int(np.argmax(row))
        if predicted != label:
            for level in LEVELS:
                if level.of_class[predicted] == level.of_class[label]:
                    up[level.name] += 1
                    break
            else:
                up[None] += 1
    for row, level in zip(found["levels"], tree, strict=True):
        hits = [
            best_group(p, level.of_class)[0] == level.of_class[label]
            for label, p in zip(labels, probabilities, strict=True)
        ]
        assert row["top_1"] == pytest.approx(np.mean(hits))
        assert row["groups"] == len(set(level.of_class))
        assert (
            row["top_1_interval"][0] < row["top_1"] < row["top_1_interval"][1]
        )
    for row, (name, right) in zip(found["answers"], said.items(), strict=True):
        assert (row["name"], row["n"]) == (name, len(right))
        if name:
            assert row["accuracy"] == pytest.approx(np.mean(right))
    assert {row["name"]: row["n"] for row in found["mistakes"]} == up
    assert sum(row["share"] for row in found["mistakes"]) == pytest.approx(1)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_no_mistakes_and_nothing_unsure_are_null_not_nan():
    labels = np.arange(6)
    fitted = fit_levels(labels, np.eye(6), LEVELS, 0.5)
    assert [level["threshold"] for level in fitted] == [1.0, 1.0]
    found = measure_levels(labels, np.eye(6), fitted, 0.5)
    json.dumps(found, allow_nan=False)
    assert [row["n"] for row in found["answers"]] == [6, 0, 0, 0]
    assert found["answers"][1]["accuracy"] is None
    assert {row["share"] for row in found["mistakes"]} == {None}


def test_the_finest_sure_name_is_said():
    fitted = [
        {"name": level.name, "of_class": level.of_class, "threshold": 0.8}
        for level in LEVELS
    ]
    assert coarser_name([0.4, 0.45, 0.1, 0.05, 0, 0], fitted) == {
        "level": "genus",
        "name": "A",
        "probability": pytest.approx(0.85),
    }
    found = coarser_name([0.4, 0.2, 0.3, 0.1, 0, 0], fitted)
    assert (found["level"], found["name"]) == ("family", "AB")
    assert coarser_name(np.full(6, 1 / 6), fitted) is None


def test_groups_keep_the_probabilities():
    _, probabilities = predictions(seed=2)
    names, grouped = group_probabilities(probabilities, LEVELS[1].of_class)
    assert names == ("AB", "CD")
    np.testing.assert_allclose(grouped.sum(axis=1), 1)


def test_rejects_a_level_of_other_classes():
    with pytest.raises(ValueError, match="2 groups, 6 columns"):
        fit_levels(*predictions(), [Level("genus", ("A", "B"))], 0.5)


def test_copies_make_every_interval_wider_and_no_accuracy_other():
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.integers(4, size=30), 4)  # each picture four times
    probabilities = np.repeat(rng.dirichlet(np.ones(4), 30), 4, axis=0)
    groups = np.repeat(np.arange(30), 4)
    questions = questions_of(
        {name: {"red": "yes" if name in "ab" else "no"} for name in "abcd"},
        list("abcd"),
    )
    fitted = [{"name": "kind", "of_class": [*"XXYY"], "threshold": 0.5}]
    sets = fit_sets(labels, probabilities)

    def intervals(groups):
        levels = measure_levels(labels, probabilities, fitted, 0.9, groups)
        asked = simulate_questions(
            labels, probabilities, questions, groups=groups
        )
        return {
            "level": levels["levels"][1]["top_1_interval"],
            "answer": levels["answers"][1]["accuracy_interval"],
            "none asked": asked["always"][0]["top_1_interval"],
            "one asked": asked["always"][1]["top_1_interval"],
            "set": measure_sets(labels, probabilities, sets, 0.5, groups)[
                "coverage_interval"
            ],
        }

    alone, together = intervals(None), intervals(groups)
    for name, (low, high) in alone.items():
        assert together[name][0] < low < high < together[name][1], name
