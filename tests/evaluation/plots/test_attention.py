import sys
from types import SimpleNamespace

import keras
import matplotlib
import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.plots.attention import a_few_of_each
from kerasfg.evaluation.plots.attention import attention_maps
from kerasfg.evaluation.plots.attention import plot_attention
from kerasfg.evaluation.plots.picture_sheet import PictureSheet
from kerasfg.layers import ResidualSigmoidAttention
from kerasfg.models import FineGrainedClassifier

AWKWARD = ["$x_1$ $", "野鳥", "[a]_{b}", "a\nb\x1b", "Specht " * 9]


def pictures(n, size=8):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, size, size, 3), dtype="uint8")


def network(names, dtype="float32"):
    """A model with attention layers, and one up to the last of them."""
    keras.utils.set_random_seed(0)
    x = images = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling(1 / 50, dtype=dtype)(x)
    for name in names:
        x = keras.layers.Conv2D(4, 3, strides=2, dtype=dtype)(x)
        features = x
        x = ResidualSigmoidAttention(name=name, dtype=dtype)(x)
    return (
        SimpleNamespace(network=keras.Model(images, x), name="net"),
        keras.Model(images, features),
    )


def mask_loop(features):
    n, height, width, channels = features.shape
    masks = np.zeros((n, height, width))
    for i, row, column in np.ndindex(n, height, width):
        for f in features[i, row, column].astype(float):
            masks[i, row, column] += 1 / (1 + np.exp(-f)) / channels
    return masks


def test_is_the_mean_of_the_sigmoid_of_what_goes_in():
    model, deepest = network(["attention"])
    images = pictures(5)
    masks = attention_maps(model, images)
    assert masks.shape == (5, 3, 3) and masks.dtype == "float32"
    features = deepest.predict(images.astype("float32"), verbose=0)
    assert features.min() < 0 < features.max()
    np.testing.assert_allclose(masks, mask_loop(features), rtol=1e-5)


@pytest.mark.parametrize(
    "names",
    [["attention_1", "attention_2"], ["attention_9", "attention_10"]],
)
def test_is_of_the_deepest_layer(names):
    model, deepest = network(names)
    images = pictures(2)
    features = deepest.predict(images.astype("float32"), verbose=0)
    np.testing.assert_allclose(
        attention_maps(model, images), mask_loop(features), rtol=1e-5
    )


def test_half_precision_loses_nothing_of_the_mean():
    model, deepest = network(["attention"], dtype="mixed_float16")
    images = pictures(3)
    features = deepest.predict(images.astype("float32"), verbose=0)
    assert features.dtype == "float16"
    masks = attention_maps(model, images)
    assert masks.dtype == "float32"
    np.testing.assert_allclose(masks, mask_loop(features), rtol=1e-5)


def test_mask_of_a_classifier_lies_above_one_half(tiny_backbone):
    model = FineGrainedClassifier(tiny_backbone(16), 3, attention=True)
    masks = attention_maps(model, pictures(4, size=16))
    assert masks.shape == (4, 8, 8)
    assert (masks >= 0.5).all() and (masks < 1).all()
    assert masks.max() > 0.5  # it ends in a ReLU that lets something through


def test_error_without_attention_names_the_option(tiny_backbone):
    model = FineGrainedClassifier(tiny_backbone(16), 3, name="plain")
    with pytest.raises(
        ValueError, match=r"`kerasfg train --attention`\. Received: .*'plain'"
    ):
        attention_maps(model, pictures(1, size=16))


# === Which pictures ===


def test_a_few_of_each_class_are_chosen():
    labels = np.random.default_rng(0).permutation(np.arange(200) % 20)
    chosen = a_few_of_each(labels)
    assert len(set(chosen)) == 24
    classes, counts = np.unique(labels[chosen], return_counts=True)
    assert len(classes) == 8 and (counts == 3).all()
    assert classes[0] == 0 and classes[-1] == 19
    np.testing.assert_array_equal(chosen, a_few_of_each(labels))


def test_few_pictures_are_all_chosen():
    assert sorted(a_few_of_each([3, 1, 1, 3, 1, 0])) == [0, 1, 2, 3, 4, 5]


# === The sheet ===


def opened(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def draw(path, n=2, masks=None, names=("crow", "rook")):
    labels = np.arange(n) % len(names)
    masks = (
        np.random.default_rng(0).random((n, 4, 4)) if masks is None else masks
    )
    probabilities = np.full((n, len(names)), 0.1 / (len(names) - 1))
    probabilities[:, 0] = 0.9
    plot_attention(pictures(n), labels, probabilities, masks, names, path)


def test_each_cell_is_one_square_of_one_color(tmp_path):
    grey = np.full((1, 8, 8, 3), 100, "uint8")
    masks = np.array([[[0.5, 0.5], [0.5, 0.5003]]])
    path = tmp_path / "attention.png"
    plot_attention(grey, [0], np.eye(2)[:1], masks, ["a", "b"], path)
    pixels = opened(path).astype(int)
    colors = matplotlib.colormaps["viridis"]((0.0, 1.0))[:, :3]
    counts = []
    for color in 0.65 * 255 * colors + 0.35 * 100:
        # a pixel is rounded in the blend, and at the edges of cells mixed
        near = (abs(pixels - color) <= 2).all(axis=-1)
        counts.append(near.sum())
    assert counts[0] == pytest.approx(3 * counts[1], rel=0.05)
    assert counts[1] == pytest.approx((1.6 * 150 / 2) ** 2, rel=0.05)


def test_range_and_verdict_are_written(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(
        PictureSheet,
        "line",
        lambda self, place, number, start, name, color: lines.append(
            (place, start + name)
        ),
    )
    masks = np.array([[[0.5, 0.50126]], [[0.6, 0.75]]])
    draw(tmp_path / "attention.png", masks=masks)
    assert lines == [
        (0, "true: crow"),
        (0, "predicted 90.0 %: crow"),
        (1, "mask 0.5000 to 0.5013"),
        (1, "right"),
        (2, "true: rook"),
        (2, "predicted 90.0 %: crow"),
        (3, "mask 0.6000 to 0.7500"),
        (3, "wrong"),
    ]


@pytest.mark.parametrize("n", [1, 24])
def test_any_number_and_any_name_is_drawn(tmp_path, n):
    draw(tmp_path / "attention.png", n, names=AWKWARD)
    assert [p.name for p in tmp_path.iterdir()] == ["attention.png"]
    assert (opened(tmp_path / "attention.png") != 255).any()


def test_an_even_mask_is_drawn(tmp_path):
    draw(tmp_path / "attention.png", masks=np.full((2, 4, 4), 0.5))


def test_pyplot_is_never_needed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    draw(tmp_path / "attention.png")


@pytest.mark.parametrize(
    "masks",
    [np.zeros((3, 4, 4)), np.zeros((2, 4, 4, 1))],
)
def test_rejects_masks(tmp_path, masks):
    with pytest.raises(ValueError, match=r"Received: masks\.shape=\("):
        draw(tmp_path / "attention.png", masks=masks)


def test_rejects_images(tmp_path):
    with pytest.raises(ValueError, match=r"images\.dtype=float64"):
        plot_attention(
            np.zeros((2, 8, 8, 3)),
            [0, 1],
            np.eye(2),
            np.zeros((2, 4, 4)),
            ["a", "b"],
            tmp_path / "attention.png",
        )
