"""Fits what is familiar to runs, and tells it of pictures."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation import load_familiarity
from kerasfg.run import TrainedRun
from kerasfg.run.evaluation import evaluate
from kerasfg.run.familiarity.other_pictures import check_other_folders
from kerasfg.run.familiarity.other_pictures import classify_folder
from kerasfg.run.predictor import load_predictor


@pytest.fixture
def strangers(tmp_path, rng):
    """Folders of noise, `fitted` with a broken picture, and `tested`."""
    for name in ("fitted", "tested"):
        (tmp_path / name).mkdir()
        for i in range(12):
            noise = rng.integers(0, 256, (16, 16, 3), "uint8")
            Image.fromarray(noise).save(tmp_path / name / f"{i}.png")
    whole = (tmp_path / "fitted" / "0.png").read_bytes()
    (tmp_path / "fitted" / "broken.png").write_bytes(whole[:100])
    return tmp_path


@pytest.mark.slow
def test_a_run_is_fitted_measured_and_asked(birds, strangers):
    run = shutil.copytree(birds / "plain", strangers / "run")
    file = run / "familiarity.npz"
    first = file.read_bytes()  # from the training
    report = json.loads((run / "report.json").read_text())
    assert report["test"]["familiarity"]["negatives"] == 0
    trained = TrainedRun(run, verbose=False)
    with pytest.warns(UserWarning, match=r"1 of 13 .*\n  broken.png"):
        found = trained.evaluate(
            negatives=strangers / "fitted", foreign=[strangers / "tested"]
        )["test"]["familiarity"]
    assert found["negatives"] == 12 and 0 < found["kept"] <= 1
    (tested,) = found["foreign"]
    assert (tested["name"], tested["pictures"]) == ("tested", 12)
    assert tested["auroc"] > 0.9
    fitted = file.read_bytes()
    assert fitted != first
    with pytest.warns(UserWarning, match="no better than chance"):
        again = evaluate(run, verbose=False, foreign=[strangers / "tested"])
    assert again["test"]["familiarity"] == found  # it was not fitted again
    assert file.read_bytes() == fitted
    head = load_familiarity(file)
    picture = strangers / "tested" / "3.png"
    answer = load_predictor(run).predict(picture)
    pixels = np.asarray(Image.open(picture), "float32")[None]
    outputs = trained.model.network(pixels)
    wanted = head.score(outputs["features"], outputs["logits"])[0]
    assert answer["familiarity"] == pytest.approx(float(wanted), abs=1e-4)
    assert answer["known"] == (wanted >= 0.5)
    asked = load_predictor(run).ask(picture, (), pytest.fail)
    assert asked["familiarity"] == answer["familiarity"]


def test_files_of_others_have_no_familiarity(tmp_path):
    message = "of a run folder: .*Received: negatives=None, foreign=.'far'"
    with pytest.raises(ValueError, match=message):
        evaluate(tmp_path / "own.keras", foreign=["far"])


def test_folders_must_lie_apart(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    check_other_folders(tmp_path / "a", [tmp_path / "c"])
    inside = tmp_path / "a" / "b"
    for negatives, foreign in (
        (tmp_path / "a", [inside]),
        (inside, [tmp_path / "a"]),
        (None, [tmp_path / "c", tmp_path / "c"]),
    ):
        with pytest.raises(ValueError, match="must not be inside one another"):
            check_other_folders(negatives, foreign)
    with pytest.raises(ValueError, match="`foreign` must be a folder"):
        check_other_folders(None, [tmp_path / "absent"])


def test_a_folder_needs_a_picture_that_can_be_read(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with (
        pytest.warns(UserWarning, match="1 of 1 pictures"),
        pytest.raises(ValueError, match=r"where none is: a\.png"),
    ):
        classify_folder(tmp_path, pytest.fail, 8, "center", verbose=False)
