"""Every pooling and every term: built, fitted, saved and loaded."""

import keras
import numpy as np
import pytest
from small_networks import several_maps

from kerasfg.layers import BilinearPooling
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
POOLINGS = {
    "average": (lambda: "average", 8),
    "bilinear": (lambda: "bilinear", 64),
    "compact_bilinear": (lambda: CompactBilinearPooling(16), 16),
    "hierarchical": (lambda: HierarchicalBilinearPooling(6), 18),
    "two_streams": (lambda: BilinearPooling(), 40),
    "custom": (lambda: keras.layers.GlobalMaxPooling2D(), 8),
}
# Every combination is tried by benchmarks/every_combination.py.
EVERY_WAY = [
    *((pooling, True, "both") for pooling in POOLINGS),
    ("average", False, "none"),
    ("bilinear", False, "variance"),
    ("bilinear", False, "attributes"),
]


def backbone_for(pooling):
    if pooling == "hierarchical":
        return several_maps((8, 8, 8))
    if pooling == "two_streams":
        return [several_maps((8,)), several_maps((5,))]
    return several_maps((8,))


def fit(model, pictures):
    logs = model.fit(*pictures, batch_size=12, shuffle=False, verbose=0).history
    return {name: values[0] for name, values in logs.items()}


@pytest.mark.parametrize(("pooling", "attention", "terms"), EVERY_WAY)
def test_fits_saves_loads_and_fits_on(
    classifier, pictures, table, tmp_path, pooling, attention, terms
):
    layer, dim = POOLINGS[pooling]
    kwargs = {"pooling": layer(), "attention": attention}
    if terms in ("variance", "both"):
        kwargs["class_variance"] = ClassVariance(on="features")
    if terms in ("attributes", "both"):
        kwargs |= {
            "attributes": table,
            "attribute_distance": AttributeDistance(0.1, split_features=True),
            "centroids": "center",
        }
    model = classifier(backbone_for(pooling), **kwargs)
    assert model.network.output["features"].shape == (None, dim)
    # Eager, because what is shown does not depend on it and tracing takes time.
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9), CROSS_ENTROPY, run_eagerly=True
    )
    fit(model, pictures)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    expected = model.predict(pictures[0], verbose=0)
    assert np.ptp(expected, axis=0).max() > 1e-3
    given = again.predict(pictures[0], verbose=0)
    np.testing.assert_array_equal(given, expected)
    # The same step again, but for the rounding of parallel sums.
    assert fit(again, pictures) == pytest.approx(fit(model, pictures), 1e-5)
    for weight, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("backbone", "names"),
    [
        (lambda: several_maps((8,)), ["attention"]),
        (lambda: several_maps((8, 8)), ["attention_1", "attention_2"]),
    ],
    ids=["one", "several"],
)
def test_attention_is_on_each_map(classifier, pictures, backbone, names):
    pooling = BilinearPooling(normalize=False)
    model = classifier(backbone(), attention=True, pooling=pooling)
    layers = [layer.name for layer in model.network.layers]
    assert [name for name in layers if name.startswith("att")] == names
    plain = keras.tree.flatten(model.backbone(pictures[0]))
    outputs = model.network(pictures[0])
    for f, attended in zip(
        plain, keras.tree.flatten(outputs["map"]), strict=True
    ):
        f = np.array(f)
        np.testing.assert_allclose(
            attended, f * (1 + 1 / (1 + np.exp(-f))), 1e-5
        )
    np.testing.assert_allclose(
        outputs["features"], pooling(outputs["map"]), rtol=1e-5
    )


def test_two_streams_take_the_same_picture(classifier, pictures):
    first, second = several_maps((8,)), several_maps((5,))
    model = classifier([first, second], pooling=BilinearPooling(False))
    assert [one.name for one in model.backbone] == [
        "backbone",
        "second_backbone",
    ]
    x, y = (np.array(one(pictures[0]), "float64") for one in (first, second))
    expected = np.zeros((12, 8, 5))
    for i in range(12):
        for row, column in np.ndindex(4, 4):
            expected[i] += np.outer(x[i, row, column], y[i, row, column]) / 16
    np.testing.assert_allclose(
        model.network(pictures[0])["features"], expected.reshape(12, 40), 1e-4
    )


def test_summary_and_copy_of_a_model_with_everything(classifier, every_term):
    model = classifier(pooling="bilinear", **every_term)
    lines = []
    model.summary(print_fn=lines.append)
    summary = "\n".join(lines)
    assert "attention" in summary and "centroids" in summary
    again = keras.models.clone_model(model)
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]
    assert again.get_config()["centroids"] == model.get_config()["centroids"]
