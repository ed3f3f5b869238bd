import numpy as np
import pytest

from kerasfg.evaluation.nearest_neighbour import color_histograms
from kerasfg.evaluation.nearest_neighbour import nearest_class_mean
from kerasfg.evaluation.nearest_neighbour import nearest_neighbour


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


def test_rejects_images_and_bins():
    with pytest.raises(ValueError, match="uint8.*Received: images.dtype=float"):
        color_histograms(np.zeros((1, 2, 2, 3)))
    with pytest.raises(ValueError, match=r"images.shape=\(2, 2, 3\)"):
        color_histograms(np.zeros((2, 2, 3), "uint8"))
    with pytest.raises(ValueError, match="Received: bins=0"):
        color_histograms(np.zeros((1, 2, 2, 3), "uint8"), bins=0)
