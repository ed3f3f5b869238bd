import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from kerasfg.data.attributes import AttributeTable
from kerasfg.evaluation.evaluate_model import evaluate_model
from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.evaluation.metrics.attribute_confusion import attribute_confusion
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import print_report
from kerasfg.evaluation.report.report import read_report

CLASSES = ("crow", "rook", "gull", "tern", "coot")
TABLE = AttributeTable(
    CLASSES,
    ("white", "place", "rare"),
    [[0, 2, -1], [0, 2, 0], [1, 0, -1], [1, 0, 1], [-1, 1, 1]],
    (("no", "yes"), ("sea", "lake", "wood"), ("no", "yes")),
)


def guesses(n=200, classes=5):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, n)
    right = rng.random(n) < 0.5
    return labels, np.where(right, labels, rng.integers(0, classes, n))


def one_at_a_time(labels, predicted, values, num_values):
    """What is counted of one attribute, a sample at a time."""
    matrix = [[0] * num_values for _ in range(num_values)]
    n = confused = mistakes = 0
    chances = []
    for label, answer in zip(labels, predicted, strict=True):
        true, said = values[label], values[answer]
        if true == -1 or said == -1:
            continue
        n += 1
        matrix[true][said] += 1
        confused += true != said
        if label != answer:
            mistakes += 1
            others = [
                value
                for c, value in enumerate(values)
                if c != label and value != -1
            ]
            chances.append(sum(value != true for value in others) / len(others))
    return n, confused, mistakes, chances, matrix


def test_matches_a_loop():
    labels, predicted = guesses()
    result = attribute_confusion(labels, predicted, TABLE)
    assert list(result) == ["white", "place", "rare"]
    for column, (name, found) in enumerate(result.items()):
        values = TABLE.values[:, column].tolist()
        n, confused, mistakes, chances, matrix = one_at_a_time(
            labels, predicted, values, TABLE.num_values[column]
        )
        assert confused < mistakes < n, name  # so that nothing is trivial
        assert found == {
            "n": n,
            "confused": confused,
            "rate": pytest.approx(confused / n),
            "interval": list(wilson_interval(confused, n)),
            "mistakes": mistakes,
            "share_of_mistakes": pytest.approx(confused / mistakes),
            "chance_share": pytest.approx(np.mean(chances)),
            "value_names": list(TABLE.value_names[column]),
            "matrix": matrix,
        }


def test_random_mistakes_cross_as_often_as_chance_says():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 40_000)
    predicted = (labels + rng.integers(1, 5, len(labels))) % 5
    place = attribute_confusion(labels, predicted, TABLE)["place"]
    # four standard deviations of a share of 40,000
    assert place["share_of_mistakes"] == pytest.approx(
        place["chance_share"], abs=0.01
    )


def test_mistakes_within_an_attribute_are_not_confused():
    place = attribute_confusion([0, 1, 2, 4], [1, 0, 3, 4], TABLE)["place"]
    assert (place["mistakes"], place["confused"], place["rate"]) == (3, 0, 0.0)
    # crow and rook: 3 of 4 others are elsewhere; so for gull
    assert (place["share_of_mistakes"], place["chance_share"]) == (0.0, 0.75)


def test_no_mistake_has_no_share():
    found = attribute_confusion([0, 2], [0, 2], TABLE)["white"]
    assert (found["n"], found["mistakes"], found["rate"]) == (2, 0, 0.0)
    assert found["share_of_mistakes"] is found["chance_share"] is None


def test_unknown_values_are_null_not_nan():
    found = attribute_confusion([0, 1], [2, 0], TABLE)["rare"]
    assert found["n"] == 0 and found["matrix"] == [[0, 0], [0, 0]]
    assert found["rate"] is found["interval"] is None
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("labels", "predicted", "message"),
    [
        ([0, 1], [0], "Received: 2 labels, 1 predicted"),
        ([], [], r"Received: labels\.shape=\(0,\)"),
        ([0.0], [0], r"labels\.dtype=float64"),
        ([[0]], [[0]], r"labels\.shape=\(1, 1\)"),
        ([0, 5], [0, 0], "Received: labels from 0 to 5"),
        ([0, 0], [-1, 0], "Received: predicted from -1 to 0"),
    ],
)
def test_rejects(labels, predicted, message):
    with pytest.raises(ValueError, match=message):
        attribute_confusion(labels, predicted, TABLE)


# === In the report ===


def printed(report, width=80):
    file = io.StringIO()
    print_report(report, Console(file=file, width=width))
    return file.getvalue()


def make_report(table):
    labels, predicted = guesses(60, len(table.class_names))
    probabilities = np.eye(len(table.class_names))[predicted]
    report = evaluate_predictions(
        labels, probabilities, labels, probabilities, table.class_names
    )
    report["test"]["attributes"] = attribute_confusion(labels, predicted, table)
    return report


def test_table_is_printed_only_when_there_is_one():
    report = make_report(TABLE)
    text = printed(report)
    white = report["test"]["attributes"]["white"]
    assert f"{100 * white['rate']:.1f} %" in text
    for word in ("white", "place", "rare", "by chance"):
        assert word in text
    del report["test"]["attributes"]
    assert "by chance" not in printed(report)


def test_many_long_attributes_fit_eighty_columns():
    names = [f"[b]{i} stripes_of a $long$ 野鳥 kind[/b]" for i in range(85)]
    rng = np.random.default_rng(0)
    table = AttributeTable(
        CLASSES, names, rng.integers(-1, 2, (5, 85)), [("no", "yes")] * 85
    )
    lines = printed(make_report(table)).splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    assert "75 more" in "\n".join(lines)


class Oracle:
    """Answers with the class that the first pixel of a picture says."""

    def predict(self, batches, verbose):
        answers = np.concatenate([b[:, 0, 0, 0] for b in batches])
        return np.eye(5)[answers.astype(int)]


def test_evaluation_reads_the_table_in_the_order_of_the_classes(tmp_path):
    labels, predicted = guesses(80)
    images = np.zeros((80, 4, 4, 3), "uint8")
    images[:, 0, 0, 0] = predicted
    pixels = SimpleNamespace(
        images=images,
        labels=labels,
        class_names=CLASSES,
        names=[f"{i}.png" for i in range(80)],
    )
    splits = np.repeat(["val", "test"], 40)
    turned = AttributeTable(
        [*CLASSES[::-1], "dodo"],
        TABLE.attributes,
        np.concatenate([TABLE.values[::-1], [[0, 0, 0]]]),
        TABLE.value_names,
    )
    report = evaluate_model(
        Oracle(), pixels, splits, out=tmp_path, attributes=turned
    )
    assert report == read_report(tmp_path / "report.json")
    for split in ("val", "test"):
        rows = splits == split
        assert report[split]["attributes"] == attribute_confusion(
            labels[rows], predicted[rows], TABLE
        )
    plain = evaluate_model(Oracle(), pixels, splits)
    assert "attributes" not in plain["test"]
