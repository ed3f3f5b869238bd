import importlib.resources
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

import kerasfg

SCRIPT = importlib.resources.files("kerasfg.recipes") / "keras_script.py"


def test_is_thirty_lines_of_plain_keras():
    lines = SCRIPT.read_text("utf-8").splitlines()
    code = [x for x in lines if x and not x.startswith(("import", "from", '"'))]
    assert len(code) <= 30
    assert any(line.startswith("model.fit(") for line in code)


@pytest.mark.slow
def test_runs_and_tells_birds_apart(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", str(SCRIPT)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    accuracy = float(re.findall(r"accuracy: ([\d.]+)", done.stdout)[-1])
    # Of 12 species; colour histograms give 0.08, three seeds 0.88 to 0.97.
    assert accuracy > 0.7
    model = keras.saving.load_model(tmp_path / "birds.keras", safe_mode=True)
    assert isinstance(model, kerasfg.FineGrainedClassifier)
    assert model.attributes.attributes == ("patches", "wing_bar")
    probabilities = model.predict(np.zeros((1, 32, 32, 3)), verbose=0)
    assert probabilities.shape == (1, 12)
