import json
import shutil

import pytest

from kerasfg.evaluation import distance_card
from kerasfg.evaluation.distance.saved_card import checked_card
from kerasfg.evaluation.report.report import read_report
from kerasfg.evaluation.report.report import write_report
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.run.distance import run_card as module
from kerasfg.run.distance.run_card import run_card
from kerasfg.run.exportable import exportable

CAMERA = (0.12, 66, 4000)
CURVE = [
    {
        "resolution": side,
        "n": 30,
        "top_1": share,
        "top_1_interval": [share - 0.1, share + 0.1],
    }
    for side, share in ((4, 0.2), (8, 0.5), (16, 0.8))
]


@pytest.fixture
def run(birds, tmp_path):
    """A run whose report has a resolution curve."""
    run = RunFolder(shutil.copytree(birds / "plain", tmp_path / "run"))
    report = read_report(run.report)
    report["test"]["resolutions"] = CURVE
    write_report(report, run.report)
    return run


def card_of(run, *numbers):
    return run_card(run.path, *numbers, check=False, verbose=False)


def test_the_card_is_kept_and_nothing_else_is_lost(run):
    before, manifest = read_report(run.report), run.read_manifest()
    card = card_of(run, *CAMERA)
    assert read_report(run.report) == {**before, "distance": card}
    written = run.read_manifest()
    found = written.pop("distance")
    assert written == manifest
    assert set(found) == {"object_size", "fov", "sensor_pixels", "curve"}
    size = manifest["image_size"]
    assert distance_card(image_size=size, **found) == card


def test_another_card_replaces_it_whatever_it_is(run):
    report = {**read_report(run.report), "distance": "damaged"}
    write_report(report, run.report)
    for size in (0.12, 0.3):
        card = card_of(run, size, 66, 4000)
        assert read_report(run.report)["distance"] == card
        assert run.read_manifest()["distance"]["object_size"] == size


def test_a_curve_that_cannot_be_kept_leaves_the_report(run):
    report = read_report(run.report)
    report["test"]["resolutions"] = [{**CURVE[0], "resolution": 4.5}, *CURVE]
    write_report(report, run.report)
    with pytest.raises(ValueError, match="`distance` must be"):
        card_of(run, *CAMERA)
    assert read_report(run.report) == report


def test_without_a_report_the_files_alone_are_written(run, monkeypatch):
    run.report.unlink()
    monkeypatch.setattr(module, "_known_curve", lambda *_: CURVE)
    card_of(run, *CAMERA)
    assert not run.report.exists()
    assert (run.path / "distance.json").is_file()
    assert "distance" not in run.read_manifest()


def test_an_evaluation_keeps_the_card_and_an_export_takes_it(run):
    card = card_of(run, *CAMERA)
    fitted = run.read_manifest()["distance"]
    report = TrainedRun(run.path, verbose=False).evaluate()
    assert report["distance"] == read_report(run.report)["distance"] == card
    assert run.read_manifest()["distance"] == fitted
    assert exportable(run.path, verbose=False).metadata["distance"] == fitted


def test_the_card_of_another_model_is_left_out(run):
    card_of(run, *CAMERA)
    trained = TrainedRun(run.path, verbose=False)
    weights = trained.model.get_weights()
    trained.model.set_weights([0.5 * values for values in weights])
    trained.model.save(run.model)
    again = TrainedRun(run.path, verbose=False)
    with pytest.warns(UserWarning, match="call `kerasfg distance` again"):
        report = again.evaluate()
    assert "distance" not in report
    assert "distance" not in run.read_manifest()


@pytest.mark.slow
def test_measures_what_is_lacking_and_keeps_it(birds, tmp_path, monkeypatch):
    run = shutil.copytree(birds / "plain", tmp_path / "run")
    monkeypatch.setattr(module, "SIDES", (4, 8))
    card = run_card(run, 0.12, 66, 4000, right=0.01, verbose=False)
    curve = read_report(run / "report.json")["test"]["resolutions"]
    assert [row["resolution"] for row in curve] == [4, 8, 16]
    assert (run / "resolutions.png").is_file()
    assert (run / "distance.png").is_file()
    assert json.loads((run / "distance.json").read_text()) == card
    known = [row for row in card["rows"] if row["top_1"] is not None]
    tested = curve[0]["n"]
    assert known and all(row["measured"]["n"] == tested for row in known)
    kept = read_report(run / "report.json")["distance"]
    assert kept == card == checked_card(kept, "run")
    assert card["checked"]["distances"] == len(known)
    # The curve that is there is taken, without the pictures.
    monkeypatch.setattr(module, "_measure_curve", None)
    again = run_card(run, 0.12, 66, 4000, check=False, verbose=False)
    assert again["rows"][0]["top_1"] == card["rows"][0]["top_1"]
    assert "measured" not in again["rows"][0]


def test_numbers_are_checked_before_anything_is_loaded(tmp_path, birds):
    with pytest.raises(ValueError, match="object_size=0"):
        run_card(birds / "plain", 0, 66, 4000, verbose=False)
