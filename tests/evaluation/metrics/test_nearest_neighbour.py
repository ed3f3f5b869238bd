import importlib
import tracemalloc

import numpy as np
import pytest

from kerasfg.evaluation.metrics.nearest_neighbour import EUCLIDEAN
from kerasfg.evaluation.metrics.nearest_neighbour import class_distances
from kerasfg.evaluation.metrics.nearest_neighbour import color_histograms
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_class_mean
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_neighbour

# The package has a function of the same name.
MODULE = importlib.import_module("kerasfg.evaluation.metrics.nearest_neighbour")


def features(seed=0):
    rng = np.random.default_rng(seed)
    train = rng.normal(size=(40, 6))
    return train, rng.choice([2, 5, 9], 40), rng.normal(size=(25, 6))


def histogram_loop(image, bins):
    counts = np.zeros((bins, bins, bins))
    for row in image:
        for red, green, blue in row:
            counts[
                int(red) * bins // 256,
                int(green) * bins // 256,
                int(blue) * bins // 256,
            ] += 1
    return counts.ravel() / counts.sum()


def test_nearest_neighbour_matches_a_loop():
    train, labels, queries = features()
    expected = [
        labels[np.argmin([np.linalg.norm(q - t) for t in train])]
        for q in queries
    ]
    predicted = nearest_neighbour(train, labels, queries)
    np.testing.assert_array_equal(predicted, expected)


def test_nearest_class_mean_matches_a_loop():
    train, labels, queries = features()
    means = {c: train[labels == c].mean(axis=0) for c in (2, 5, 9)}
    expected = [
        min(means, key=lambda c: np.linalg.norm(q - means[c])) for q in queries
    ]
    predicted = nearest_class_mean(train, labels, queries)
    np.testing.assert_array_equal(predicted, expected)


@pytest.mark.parametrize("classify", [nearest_neighbour, nearest_class_mean])
def test_moving_all_features_changes_nothing(classify):
    train, labels, queries = features()
    np.testing.assert_array_equal(
        classify(train + 7, labels, queries + 7),
        classify(train, labels, queries),
    )


@pytest.mark.parametrize("classify", [nearest_neighbour, nearest_class_mean])
def test_one_training_sample_answers_for_all(classify):
    assert classify([[1.0]], [3], [[0.0], [9.0]]).tolist() == [3, 3]


def class_distances_loop(train, labels, features, rule):
    """Singh et al., section IV: one sample and one class at a time."""
    distances = np.zeros((len(features), labels.max() + 1))
    for i, sample in enumerate(features):
        for label in range(labels.max() + 1):
            mean, count, least = np.zeros(len(sample)), 0, np.inf
            for example, of_example in zip(train, labels, strict=True):
                if of_example == label:
                    distance = np.sqrt(np.sum((sample - example) ** 2))
                    least = min(least, distance)
                    mean, count = mean + example, count + 1
            to_mean = np.sqrt(np.sum((sample - mean / count) ** 2))
            distances[i, label] = to_mean if rule == "mean" else least
    return distances


def consecutive():
    """Features of which each of four classes has some."""
    train, labels, queries = features()
    return train, np.arange(len(labels)) % 4, queries


@pytest.mark.parametrize("rule", EUCLIDEAN)
def test_class_distances_match_a_loop(rule):
    expected = class_distances_loop(*consecutive(), rule)
    distances = class_distances(*consecutive(), rule)
    assert distances.shape == (25, 4)
    np.testing.assert_allclose(distances, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("rule", "classify"),
    [("neighbour", nearest_neighbour), ("mean", nearest_class_mean)],
)
def test_the_least_class_distance_is_that_of_the_label(rule, classify):
    np.testing.assert_array_equal(
        class_distances(*consecutive(), rule).argmin(axis=1),
        classify(*consecutive()),
    )


@pytest.mark.parametrize("rule", EUCLIDEAN)
def test_blocks_of_samples_give_what_all_at_once_give(rule, monkeypatch):
    whole = class_distances(*consecutive(), rule)
    row = 10 * 8 / 2**20  # to the ten members of a class, in MiB
    monkeypatch.setattr(MODULE, "BLOCK_MIB", 3 * row)
    blocks = class_distances(*consecutive(), rule)
    np.testing.assert_allclose(blocks, whole, rtol=1e-6)


def test_many_samples_take_little_memory(monkeypatch):
    monkeypatch.setattr(MODULE, "BLOCK_MIB", 1)
    train = np.zeros((3000, 4), "float32")
    tracemalloc.start()
    class_distances(train, [0] * 3000, train, "neighbour")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20  # all at once: 36 MB in float32


def test_a_training_sample_is_no_distance_from_its_class():
    train, labels, _ = consecutive()
    distances = class_distances(train, labels, train, "neighbour")
    own = distances[np.arange(len(labels)), labels]
    # Squares are taken apart, x² - 2xy + y², which leaves a rest of rounding.
    np.testing.assert_allclose(own, 0, atol=1e-6)


@pytest.mark.parametrize("bins", [1, 3, 8])
def test_histogram_matches_a_loop(bins):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 5, 4, 3), dtype="uint8")
    expected = [histogram_loop(image, bins) for image in images]
    histograms = color_histograms(images, bins)
    assert histograms.shape == (3, bins**3)
    np.testing.assert_allclose(histograms, expected, rtol=1e-6)
    np.testing.assert_allclose(histograms.sum(axis=1), 1, rtol=1e-6)


def test_histogram_ignores_where_colors_lie():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 6, 6, 3), dtype="uint8")
    np.testing.assert_array_equal(
        color_histograms(images), color_histograms(images[:, ::-1])
    )


def test_histogram_of_no_images_is_empty():
    images = np.zeros((0, 4, 4, 3), "uint8")
    assert color_histograms(images).shape == (0, 512)


@pytest.mark.parametrize("classify", [nearest_neighbour, nearest_class_mean])
@pytest.mark.parametrize(
    "train, labels, queries",
    [
        (np.zeros((2, 3)), [0, 1], np.zeros((2, 4))),
        (np.zeros((2, 3)), [0], np.zeros((2, 3))),
        (np.zeros(3), [0, 1, 2], np.zeros((2, 3))),
        (np.zeros((0, 3)), [], np.zeros((2, 3))),
    ],
)
def test_rejects_features(classify, train, labels, queries):
    with pytest.raises(ValueError, match="Received: train_features.shape="):
        classify(train, labels, queries)


@pytest.mark.parametrize(
    ("labels", "rule", "message"),
    [
        ([0, 1], "median", r"one of neighbour, mean\. Received: rule='median'"),
        ([0, 2], "mean", r"each class from 0 on.*without \[1\]"),
        ([0, -1], "mean", r"each class from 0 on.*the least is -1"),
        ([0], "mean", r"Received: train_features\.shape=\(2, 3\)"),
    ],
)
def test_rejects_rules_and_missing_classes(labels, rule, message):
    with pytest.raises(ValueError, match=message):
        class_distances(np.zeros((2, 3)), labels, np.zeros((2, 3)), rule)


def test_rejects_images_and_bins():
    with pytest.raises(ValueError, match="uint8.*Received: images.dtype=float"):
        color_histograms(np.zeros((1, 2, 2, 3)))
    with pytest.raises(ValueError, match=r"images.shape=\(2, 2, 3\)"):
        color_histograms(np.zeros((2, 2, 3), "uint8"))
    with pytest.raises(ValueError, match="Received: bins=0"):
        color_histograms(np.zeros((1, 2, 2, 3), "uint8"), bins=0)
