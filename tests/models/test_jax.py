"""The same model under JAX, in processes of their own."""

import importlib.util
import json

import keras
import numpy as np
import pytest

from kerasfg.layers import CompactBilinearPooling

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
START = """
import json
import sys
import warnings
from pathlib import Path

import keras
import numpy as np

import kerasfg

assert keras.backend.backend() == "jax"
folder = Path(sys.argv[1])
data = np.load(folder / "data.npz")
images, labels, weights = data["images"], data["labels"], data["weights"]
results = {}
"""
END = """
(folder / "results.json").write_text(json.dumps(results))
"""
THREE_STEPS = """
model = keras.saving.load_model(folder / "model.keras")
y = {"label": labels, "teacher_logits": data["said"]}
results = model.fit(
    images, y, 12, 3, 0, sample_weight=weights, shuffle=False
).history
model.save(folder / "trained.keras")
"""
SURE_AND_WRONG = """
model = keras.saving.load_model(folder / "model.keras")
layer = model.network.get_layer("logits")
logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
for name, loss in (
    ("logits", logits),
    ("list", [logits]),
    ("probabilities", "sparse_categorical_crossentropy"),
):
    model.compile(keras.optimizers.SGD(1.0), loss)
    for gap in (30, 60):
        layer.kernel.assign(np.zeros(layer.kernel.shape))
        layer.bias.assign([gap, 0.0, 0.0])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(images, labels, 12, verbose=0)
        moved = layer.bias.numpy() - [gap, 0, 0]
        results[f"{name} {gap}"] = moved.tolist()
    results[f"{name} warnings"] = [str(one.message) for one in caught]
"""
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)


@pytest.fixture
def under_jax(tmp_path, pictures, run_script):
    """A function that runs a script on `tmp_path` and gives its results."""
    weights = np.arange(12, dtype="float32") % 4 / 2
    said = 3 * np.eye(3, dtype="float32")[np.arange(12) % 4 % 3]

    def run(script):
        images, labels = pictures
        np.savez(
            tmp_path / "data.npz",
            images=images,
            labels=labels,
            weights=weights,
            said=said,
        )
        run_script(START + script + END, backend="jax")
        return json.loads((tmp_path / "results.json").read_text())

    return run


@pytest.mark.slow
def test_three_steps_are_those_of_tensorflow(
    classifier, pictures, every_term, under_jax, tmp_path
):
    model = classifier(
        pooling=CompactBilinearPooling(16),
        distillation=keras.distillation.LogitsDistillation(2.0),
        **every_term,
    )
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        CROSS_ENTROPY,
        weighted_metrics=["accuracy"],
    )
    model.save(tmp_path / "model.keras")
    found = under_jax(THREE_STEPS)
    data = np.load(tmp_path / "data.npz")
    y = {"label": pictures[1], "teacher_logits": data["said"]}
    expected = model.fit(
        pictures[0],
        y,
        batch_size=12,
        epochs=3,
        verbose=0,
        sample_weight=data["weights"],
        shuffle=False,
    ).history
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(
            found[name], values, rtol=1e-5, atol=1e-5, err_msg=name
        )
    trained = keras.saving.load_model(tmp_path / "trained.keras")
    for weight, other in zip(model.weights, trained.weights, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-5, atol=1e-5)
    # The optimizer's state came along, so that training goes on.
    assert trained.optimizer.iterations == 3


@pytest.mark.slow
def test_gradient_of_logits_survives_and_that_of_probabilities_is_warned_of(
    classifier, under_jax, tmp_path
):
    model = classifier()
    model.save(tmp_path / "model.keras")
    found = under_jax(SURE_AND_WRONG)
    for gap in (30, 60):
        for name in ("logits", "list"):
            # Two thirds of the pictures are of the other two classes.
            np.testing.assert_allclose(
                found[f"{name} {gap}"], [-2 / 3, 1 / 3, 1 / 3], rtol=1e-5
            )
    assert found["logits warnings"] == found["list warnings"] == []
    assert not np.any(found["probabilities 60"])  # what the warning says
    (message,) = found["probabilities warnings"]
    assert "Compile with a loss that has from_logits=True" in message
