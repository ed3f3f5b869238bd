import io
import json

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from kerasfg.config.sections.pictures import Data
from kerasfg.evaluation.how_sure.in_report import add_how_sure
from kerasfg.evaluation.report.folds import is_wide
from kerasfg.evaluation.report.folds import print_folds
from kerasfg.evaluation.report.folds import read_folds
from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.evaluation.report.html_report import html_report
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import print_report
from kerasfg_cli.options import hint_at_folds

AWKWARD = "<script>[red]alert(1)\x1b[2J</script>" + "x" * 60


def report_of(names, n=150):
    sets = {}
    for seed, split in enumerate(("val", "test")):
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.arange(n) % len(names))
        weights = rng.random((n, len(names))) ** 3
        weights[np.arange(n), labels] += 0.3
        sets[split] = labels, weights / weights.sum(axis=1, keepdims=True)
    report = evaluate_predictions(*sets["val"], *sets["test"], names)
    columns = {
        "camera\n": [AWKWARD, "b", ""] * (n // 3),
        "size": [str(i) for i in range(n)],
    }
    add_how_sure(report, sets, columns, 0.8, np.arange(n) // 3)
    return report


@pytest.mark.parametrize("classes", [3, 30])
def test_parts_and_thresholds_are_printed(classes):
    names = [
        f"{i:03d}.Black_footed_Albatross of Laysan" for i in range(classes)
    ]
    report = report_of(names)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    file = io.StringIO()
    print_report(report, Console(file=file, width=80))
    text = file.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text and "<script>[red]alert(1)" in text
    for part in ("(no value)", "Accuracy by size", "Not sure by class"):
        assert part in text
    # quartiles in their order, words with the worst first
    sizes = [row["value"] for row in report["test"]["slices"]["size"]["values"]]
    assert [text.index(size) for size in sizes] == sorted(
        map(text.index, sizes)
    )
    assert ("10 more in report.json" in text) == (classes == 30)


def test_page_shows_them_escaped(leave_run):
    run = read_run(leave_run("a"), "a")
    assert "#slices" not in html_report([run])
    report = report_of(["crow", "rook", "jay"])
    for part in ("val", "test"):
        run.report[part].update(report[part])
    run.report["class_thresholds"] = report["class_thresholds"]
    page = html_report([run])
    assert '<a href="#slices">' in page and '<a href="#thresholds">' in page
    assert "<script>" not in page
    assert "&lt;script&gt;[red]alert(1)" in page
    assert "Wanted: 80.0 % right." in page


def test_page_of_an_older_report_has_dashes(leave_run):
    run = read_run(leave_run("a"), "a")
    for part in ("val", "test"):
        for found in (run.report[part], *run.report[part]["per_class"]):
            for key in [x for x in found if x.endswith("_interval")]:
                if key != "top_1_interval" or part == "val":
                    del found[key]
    page = html_report([run])
    assert "balanced" in page
    file = io.StringIO()
    print_report(run.report, Console(file=file, width=80))
    assert "Balanced accuracy" in file.getvalue()


def folds_of(report):
    test = report["test"]
    keys = ("n", "top_1", "top_1_interval")
    row = {"run": "fold-1", **{key: test[key] for key in keys}}
    return {
        "format": 1,
        "classes": report["classes"],
        "folds": [row, {**row, "run": "fold-2"}],
        "test": test,
    }


def test_folds_are_printed_read_and_shown(leave_run, tmp_path):
    folds = folds_of(report_of(["crow", AWKWARD, "jay"]))
    file = io.StringIO()
    print_folds(folds, Console(file=file, width=80))
    text = file.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    for part in ("fold-2", "together", "Balanced accuracy", "tested once"):
        assert part in text
    path = tmp_path / "folds.json"
    path.write_text(json.dumps(folds))
    assert read_folds(path) == folds
    page = html_report([read_run(leave_run("a"), "a")], folds)
    assert '<a href="#folds">' in page and "<script>" not in page


@pytest.mark.parametrize("text", ["", "[1]", '{"format": 2}', "[" * 100_000])
def test_rejects_what_is_no_report_of_folds(tmp_path, text):
    path = tmp_path / "folds.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="resume the training.*filepath="):
        read_folds(path)


@pytest.mark.parametrize(("n", "wide"), [(60, True), (300, False)])
def test_few_test_pictures_leave_the_accuracy_open(n, wide, capsys):
    report = report_of(["crow", "rook", "jay"], n)
    assert is_wide(report) is wide
    hint_at_folds(report, Data(folds=2, fold=1))
    assert capsys.readouterr().err == ""
    hint_at_folds(report, Data())
    assert ("--folds 5" in capsys.readouterr().err) is wide
