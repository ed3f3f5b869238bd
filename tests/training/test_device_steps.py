"""Steps that make or fetch their batches; JAX has a process of its own."""

import json

import keras
import numpy as np
import pytest

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.training.fed_steps import FedSteps

SCRIPT = """
import json
import sys
from pathlib import Path

import jax
import keras
import numpy as np
import small_networks

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.models import FineGrainedClassifier
from kerasfg.training import device_steps
from kerasfg.training.device_steps import DeviceSteps

rng = np.random.default_rng(0)
images = rng.integers(0, 256, (40, 16, 16, 3), dtype="uint8")
batches = TrainingBatches(
    images,
    np.arange(40) % 3,
    8,
    seed=1,
    augmentation=Augmentation(),
    rows=np.arange(1, 40),
)
assert batches.steps_per_epoch == 4


def train(on_device, at_once=1):
    "Weights, history and begun batches of two epochs."
    keras.utils.set_random_seed(0)
    model = FineGrainedClassifier(small_networks.tiny_backbone(), 3)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        "sparse_categorical_crossentropy",
        weighted_metrics=["accuracy"],
        steps_per_execution=at_once,
    )
    dataset, begun = batches.dataset(1, 3), []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: begun.append(batch),
        on_train_begin=None if on_device else lambda logs: dataset.restart(),
    )
    callbacks = [DeviceSteps(dataset)] if on_device else []
    found = model.fit(
        dataset,
        epochs=2,
        steps_per_epoch=4,
        shuffle=False,
        verbose=0,
        callbacks=[*callbacks, note],
    )
    return model.get_weights(), found.history, begun


expected, history, begun = train(on_device=False)
assert begun == [0, 1, 2, 3] * 2
results = {}
for name, at_once, memory in [
    ("one", 1, 1e9),
    ("several", 3, 1e9),
    ("too large", 3, 1),
]:
    if at_once > 1:  # Keras takes a batch more than it uses, as on a GPU
        jax.default_backend = lambda: "gpu"
    device_steps._memory = lambda device: memory
    weights, own_history, begun = train(True, at_once)
    differences = [abs(a - b).max() for a, b in zip(weights, expected)]
    results[name] = {
        "weights": float(max(differences)),
        "history": [own_history, history],
        "begun": begun,
        "ready": len(batches.ready_at),
    }
(Path(sys.argv[1]) / "results.json").write_text(json.dumps(results))
"""


@pytest.mark.slow
def test_a_step_that_makes_its_batch_trains_alike(run_script, tmp_path):
    run_script(SCRIPT, backend="jax")
    results = json.loads((tmp_path / "results.json").read_text())
    for name, begun in [
        ("one", [0, 1, 2, 3]),
        ("several", [0, 3]),
        ("too large", [0, 3]),
    ]:
        result = results[name]
        assert result["begun"] == begun * 2, name
        assert result["weights"] < 1e-5, name
        own, expected = result["history"]
        for key, values in expected.items():
            np.testing.assert_allclose(own[key], values, rtol=1e-5)


@pytest.mark.parametrize("at_once", [1, 2])
def test_fed_steps_train_as_on_a_data_set(rng, at_once):
    images = rng.integers(0, 256, (20, 8, 8, 3), dtype="uint8")
    batches = TrainingBatches(images, np.arange(20), 5, 0, Augmentation())

    def train(dataset, callbacks=()):
        keras.utils.set_random_seed(0)
        layers = keras.layers
        model = keras.Sequential(
            [
                layers.Rescaling(1 / 255),
                layers.Flatten(),
                layers.Dense(20, activation="softmax"),
            ]
        )
        loss = "sparse_categorical_crossentropy"
        model.compile("sgd", loss, steps_per_execution=at_once)
        history = model.fit(
            dataset,
            initial_epoch=1,
            epochs=3,
            steps_per_epoch=4,
            shuffle=False,
            verbose=0,
            callbacks=list(callbacks),
        )
        return model.get_weights(), history.history["loss"]

    feeding = FedSteps(batches, 1, 3)
    fed = train(feeding.stand_in(), [feeding])
    assert len(batches.ready_at) == 8
    expected = train(batches.dataset(1, 3))
    np.testing.assert_allclose(fed[1], expected[1], rtol=1e-6)
    for mine, theirs in zip(fed[0], expected[0], strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
