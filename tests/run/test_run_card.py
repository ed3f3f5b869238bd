import json
import shutil

import pytest

from kerasfg.evaluation.report.report import read_report
from kerasfg.run.distance import run_card as module
from kerasfg.run.distance.run_card import run_card


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
    assert card["checked"]["distances"] == len(known)
    # The curve that is there is taken, without the pictures.
    monkeypatch.setattr(module, "_measure_curve", None)
    again = run_card(run, 0.12, 66, 4000, check=False, verbose=False)
    assert again["rows"][0]["top_1"] == card["rows"][0]["top_1"]
    assert "measured" not in again["rows"][0]


def test_numbers_are_checked_before_anything_is_loaded(tmp_path, birds):
    with pytest.raises(ValueError, match="object_size=0"):
        run_card(birds / "plain", 0, 66, 4000, verbose=False)
