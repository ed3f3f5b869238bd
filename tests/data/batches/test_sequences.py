import keras
import numpy as np
import pytest

from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.batches.sequences import EvaluationSequence
from kerasfg.data.batches.sequences import TrainingSequence


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (10, 8, 8, 3), dtype="uint8")


def training(images, **options):
    labels = np.arange(len(images))
    return TrainingSequence(TrainingBatches(images, labels, 4, **options))


def indices(sequence):
    return [labels.tolist() for _, labels in sequence]


def fit(sequence, **options):
    """The labels of the batches that a model is trained on."""
    seen = []

    class Model(keras.Sequential):
        def train_step(self, data):
            seen.append(keras.ops.convert_to_numpy(data[1]).tolist())
            return {"loss": 0.0}

    model = Model([keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile(run_eagerly=True)
    model.fit(sequence, verbose=0, **options)
    return seen


def test_is_a_data_set_of_known_length(images):
    sequence = training(images, seed=0)
    assert isinstance(sequence, keras.utils.PyDataset)
    assert len(sequence) == sequence.num_batches == 2
    pixels, labels = sequence[-1]
    assert pixels.dtype == "float32" and labels.dtype == "int32"
    np.testing.assert_array_equal(pixels, images[labels])
    with pytest.raises(IndexError, match="Received: index=2"):
        sequence[2]


def test_has_the_batches_of_a_recipe(images):
    options = {"seed": 3, "augmentation": Augmentation()}
    sequence = training(images, **options)
    sequence.epoch = 1
    batches = sequence.batches.dataset(1, 2).as_numpy_iterator()
    for (found, labels), (expected, others) in zip(
        sequence, batches, strict=True
    ):
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(labels, others)


def test_each_epoch_of_fit_is_another_one(images):
    sequence = training(images, seed=0)
    expected = [sequence.batches.batch(e, s) for e in (0, 1, 2) for s in (0, 1)]
    expected = [labels.tolist() for _, labels in expected]
    assert expected[:2] != expected[2:4] != expected[4:]
    assert fit(sequence, epochs=2, shuffle=False) == expected[:4]
    assert sequence.epoch == 2
    assert fit(sequence, epochs=1, shuffle=False) == expected[4:]  # goes on
    sequence.epoch = 0
    again = fit(sequence, epochs=2)  # Keras draws the order of the batches
    assert sorted(again[:2]) == sorted(expected[:2])
    assert sorted(again[2:]) == sorted(expected[2:4])


def test_reading_a_batch_is_no_epoch(images):
    sequence = training(images, seed=0)
    first = indices(sequence)
    assert indices(sequence) == first and sequence.epoch == 0


def test_evaluation_takes_each_picture_once_in_order(images):
    rows = np.array([1, 4, 5, 8, 9])
    sequence = EvaluationSequence(images, np.arange(10), rows, batch_size=2)
    assert len(sequence) == 3
    assert indices(sequence) == [[1, 4], [5, 8], [9]]
    np.testing.assert_array_equal(sequence.labels, rows)
    found = np.concatenate([pixels for pixels, _ in sequence])
    np.testing.assert_array_equal(found, images[rows])
