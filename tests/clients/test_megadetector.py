"""MegaDetector's own validator accepts what kerasfg writes in its format."""

import json
import subprocess

import pytest
from clients.environments import HERE
from clients.environments import python_of
from PIL import Image
from stand_ins import color_predictor

from kerasfg.run.many_pictures.detections import classify_detections

pytestmark = pytest.mark.slow


def test_its_validator_accepts_the_names(client_environments, tmp_path):
    python = python_of("megadetector", client_environments)
    Image.new("RGB", (20, 10), "red").save(tmp_path / "a.png")
    (tmp_path / "model").write_bytes(b"weights")
    box = {"category": "1", "conf": 1, "bbox": [0, 0, 0.5, 1]}
    content = {
        "info": {"format_version": "1.4"},
        "detection_categories": {"1": "animal"},
        "images": [
            {"file": "a.png", "detections": [box]},
            {"file": "lost.png", "detections": [box]},
            {"file": "b.png", "failure": "no picture", "detections": None},
        ],
    }
    given, out = tmp_path / "given.json", tmp_path / "named.json"
    given.write_text(json.dumps(content))
    model = tmp_path / "model"
    classify_detections(color_predictor(), model, given, out)
    wrong = json.loads(out.read_text())
    wrong["images"][0]["detections"][0]["classifications"] = [["99", 0.5]]
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    program = HERE / "programs" / "validate_megadetector.py"
    files = [out, tmp_path / "wrong.json"]
    done = subprocess.run(
        [python, "-P", program, *files],
        check=True,
        capture_output=True,
        text=True,
    )
    accepted, refused = map(json.loads, done.stdout.splitlines())
    assert accepted == [[], []]
    assert "not in the category list" in refused[0][0]
