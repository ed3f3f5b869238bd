import io
import json

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from kerasfg.data.taxonomy import Level
from kerasfg.evaluation.display import display_name
from kerasfg.evaluation.metrics.familiarity import measure_familiarity
from kerasfg.evaluation.metrics.levels import fit_levels
from kerasfg.evaluation.metrics.levels import measure_levels
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import print_report
from kerasfg.evaluation.report.report import read_report
from kerasfg.evaluation.report.report import write_report

AWKWARD = ["$x_1$", "野鳥 カワセミ", "[red]no[/red]", "a\nb", "Specht" * 20]


def predictions(n, classes, seed=0, shift=2.0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += shift
    exponents = np.exp(2 * logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def make_report(names, n=120, shift=2.0):
    val = predictions(n, len(names), seed=1, shift=shift)
    test = predictions(n, len(names), seed=2, shift=shift)
    return evaluate_predictions(*val, *test, names)


def printed(report, width=80):
    file = io.StringIO()
    print_report(report, Console(file=file, width=width))
    return file.getvalue()


def test_report_is_strict_json_with_the_agreed_entries():
    report = make_report(["crow", "rook", "jay"])
    again = json.loads(json.dumps(report, allow_nan=False))
    assert again == report
    assert report["classes"] == ["crow", "rook", "jay"]
    assert 0.05 <= report["temperature"] <= 20
    assert 0 < report["threshold"] <= 1
    for split in ("val", "test"):
        assert {"top_1", "per_class", "calibration", "sure"} <= set(
            report[split]
        )


def test_nothing_is_fitted_on_test():
    names = ["crow", "rook", "jay"]
    val = predictions(120, 3, seed=1)
    reports = [
        evaluate_predictions(*val, *predictions(50, 3, seed), names)
        for seed in (2, 3)
    ]
    for key in ("temperature", "threshold", "val"):
        assert reports[0][key] == reports[1][key]
    assert reports[0]["test"] != reports[1]["test"]


def test_threshold_keeps_its_promise_on_validation():
    report = make_report(["crow", "rook", "jay"])
    assert report["val"]["sure"]["accuracy"] >= report["threshold_accuracy"]
    assert report["val"]["sure"]["n"] > 0


def test_never_sure_is_null_not_nan():
    # Right on every other picture, whatever the confidence.
    labels = np.array([0, 1] * 10)
    probabilities = np.tile([0.7, 0.3], (20, 1))
    report = evaluate_predictions(
        labels, probabilities, labels, probabilities, ["crow", "rook"]
    )
    assert report["threshold"] == 1.0
    assert report["test"]["sure"] == {
        "n": 0,
        "coverage": 0.0,
        "accuracy": None,
        "accuracy_interval": None,
    }
    assert "0.0 % of the pictures" in printed(report)


def test_class_that_one_split_lacks_is_reported():
    val, test = predictions(40, 3, 1), predictions(40, 3, 2)
    kept = test[0] != 1
    report = evaluate_predictions(
        *val, test[0][kept], test[1][kept], ["crow", "rook", "jay"]
    )
    json.dumps(report, allow_nan=False)
    assert "Without a test picture: 1 (rook)" in printed(report)


def test_sets_levels_and_questions_are_printed():
    names = ["crow", "rook", "jay"]
    report = make_report(names)
    labels, probabilities = predictions(120, 3, seed=2)
    genus = Level("genus", ("[b]A", "[b]A", "B"))
    fitted = fit_levels(labels, probabilities, [genus], 0.9)
    table = {"crow": {"crest": "yes"}, "rook": {"crest": "no"}, "jay": {}}
    report["test"] |= {
        "levels": measure_levels(labels, probabilities, fitted, 0.9),
        "questions": simulate_questions(
            labels, probabilities, questions_of(table, names)
        ),
    }
    text = printed(report)
    for part in ("Sets of 90 %", "genus", "Not sure at any level"):
        assert part in text
    assert "Top-1 after questions" in text
    assert "Simulated; 90 % of the answers are right" in text
    assert all(cell_len(line) <= 80 for line in text.splitlines())


def test_foreign_pictures_are_printed():
    report = make_report(["crow", "rook"])
    row = {"name": "[b]cars", **measure_familiarity([0.9], [0.8, 0.1])}
    found = {"kept": 0.9, "negatives": 0, "foreign": [row]}
    report["test"]["familiarity"] = found
    text = printed(report)
    assert "Pictures of none of the classes" in text and "[b]cars" in text
    assert "Of the test pictures 90.0 % count as known" in text
    assert "50.0 %" in text
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    report["test"]["familiarity"] = {**found, "foreign": []}
    assert "none of the classes" not in printed(report)


@pytest.mark.parametrize("names", [["crow", "rook"], AWKWARD])
def test_written_report_reads_back(tmp_path, names):
    report = make_report(names)
    write_report(report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == report
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_row_of_a_table_is_a_line(tmp_path):
    write_report(make_report(["crow", "rook"]), tmp_path / "report.json")
    lines = (tmp_path / "report.json").read_text("utf-8").splitlines()
    assert sum('{"class": "crow"' in line for line in lines) == 2


def test_name_that_is_not_utf8_survives(tmp_path):
    report = make_report([b"caf\xe9".decode("utf-8", "surrogateescape"), "b"])
    write_report(report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == report
    printed(report).encode("utf-8")


def test_failed_write_leaves_the_previous_report(tmp_path):
    path = tmp_path / "report.json"
    report = make_report(["crow", "rook"])
    write_report(report, path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_report({**report, "extra": float("nan")}, path)
    assert read_report(path) == report
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"format": 99}', "[" * 100_000]
)
def test_rejects_what_is_not_a_report(tmp_path, text):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="again. Received: filepath="):
        read_report(path)


@pytest.mark.parametrize("classes", [2, 17, 80])
def test_table_fits_eighty_columns(classes):
    names = [
        f"{i:03d}.Black_footed_Albatross of Laysan" for i in range(classes)
    ]
    lines = printed(make_report(names, n=5 * classes, shift=1.0)).splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    text = "\n".join(lines)
    for word in ("Top-1", "95 % interval", "Macro-F1", "temperature", "Sure"):
        assert word in text
    assert ("67 more" in text) == (classes == 80)
    assert "times   of class   of both" in text


def test_few_classes_have_no_trivial_top_k():
    assert "Top-3" not in printed(make_report(["crow", "rook", "jay"]))
    assert "Top-3" in printed(make_report(["crow", "rook", "jay", "chough"]))


def test_resolutions_are_printed_where_they_are_known():
    report = make_report(["crow", "rook", "jay"])
    assert "From farther away" not in printed(report)
    rows = [{"resolution": 8, "top_1": 0.25}, {"resolution": 64, "top_1": 1}]
    report["test"]["resolutions"] = rows
    (line,) = [x for x in printed(report).splitlines() if "farther" in x]
    assert line.split("away")[1].strip() == "25.0 % at 8 px, 100.0 % at 64 px"


def test_names_are_printed_as_they_are():
    text = printed(make_report(AWKWARD))
    assert "[red]no[/red]" in text
    assert "野鳥 カワセミ" in text
    assert "a\N{REPLACEMENT CHARACTER}b" in text
    assert "\N{HORIZONTAL ELLIPSIS}" in text
    assert max(cell_len(line) for line in text.splitlines()) <= 80


def test_no_mistake_prints_no_pairs():
    perfect = np.arange(3), np.eye(3)
    report = evaluate_predictions(*perfect, *perfect, ["crow", "rook", "jay"])
    text = printed(report)
    assert "100.0 %" in text
    assert "Taken for" not in text


@pytest.mark.parametrize("name", ["x" * 50, "野" * 50, "野x" * 50])
def test_long_name_is_cut_to_the_cells_there_are(name):
    for length in (2, 9, 10):
        assert cell_len(display_name(name, length)) <= length


def test_rejects_splits_that_do_not_fit():
    val, test = predictions(20, 2), predictions(20, 3)
    with pytest.raises(ValueError, match="Received: 2 names"):
        evaluate_predictions(*val, *test, ["crow", "rook"])
