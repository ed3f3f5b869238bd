"""Run folders as a training leaves them, without one."""

import json

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import write_report

RECIPE = """
[data]
path = "photos"
image_size = {size}

[model]
pooling = "average"
second_backbone = ""

[training]
epochs = 2
seed = {seed}
"""
HISTORY = """\
epoch,accuracy,loss,val_accuracy,val_loss
1,0.2,2.0,0.25,2.1
2,0.6,1.0,0.5,1.2
"""


@pytest.fixture
def leave_run(tmp_path):
    """A function that leaves a run folder with random predictions."""

    def leave(name, seed=0, size=32, classes=("crow", "rook", "jay"), **more):
        """Adds `more` to the test part of the report."""
        folder = tmp_path / name
        folder.mkdir(parents=True)
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.arange(60) % len(classes))
        weights = rng.random((60, len(classes))) ** 3
        weights[np.arange(60), labels] += 0.3
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        halves = (labels[:30], probabilities[:30])
        report = evaluate_predictions(
            *halves, labels[30:], probabilities[30:], classes
        )
        report["test"].update(more)
        write_report(report, folder / "report.json")
        recipe = RECIPE.format(size=size, seed=seed)
        (folder / "recipe.toml").write_text(recipe)
        (folder / "history.csv").write_text(HISTORY)
        (folder / "splits.csv").write_text("path,split\na,train\nb,test\n")
        for picture in ("confusion", "mistakes"):
            Image.new("RGB", (8, 6)).save(folder / f"{picture}.png")
        return folder

    return leave


@pytest.fixture
def leave_export():
    """A function that leaves an export in a run folder."""

    def leave(folder):
        passed = {
            "file": "model.tflite",
            "bytes": 2_500_000,
            "of_float32": 1.0,
            "load_ms": 12.0,
            "peak_memory_mb": 40.4,
            "latency_ms": {"1": [3.25, 4.0], "2": [2.0, 2.5]},
            "accuracy": 0.875,
            "agreement": 1.0,
            "max_difference": 6e-7,
            "verdict": "passed",
        }
        refused = {
            **dict.fromkeys(passed),
            "file": "model_int8.tflite",
            "verdict": "It lost <3> points.",
        }
        report = {
            "files": [passed, refused],
            "notes": ["Few pictures."],
            "recommended": "model.tflite",
            "why": "the only one",
        }
        (folder / "export").mkdir()
        text = json.dumps(report)
        (folder / "export" / "report.json").write_text(text)

    return leave
