"""What a classifier adds to its loss, against loops over its own outputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from term_equations import attribute_distance
from term_equations import centroids_of
from term_equations import cross_entropy
from term_equations import embeddings_on
from term_equations import moved
from term_equations import pairs

from kerasfg.callbacks.centroid_refresh import CentroidRefresh
from kerasfg.layers import AttributeCentroids
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
# A weight of 0 takes a picture out; two of label 1 are left out in all.
WEIGHTS = np.array([1, 0, 2, 1, 0, 0.5, 1, 1, 0, 3, 1, 1], "float32")
CLASS_WEIGHTS = {0: 0.5, 1: 0.0, 2: 2.0}


def compiled(model, optimizer=None, **kwargs):
    model.compile(
        optimizer or keras.optimizers.SGD(0.0), CROSS_ENTROPY, **kwargs
    )
    return model


def outputs_in_training(model, images):
    outputs = model.network(images, training=True)
    return keras.tree.map_structure(lambda x: np.array(x, "float64"), outputs)


# === The objective ===


@pytest.mark.parametrize("on", ["attention", "map", "features"])
@pytest.mark.parametrize("weighting", ["none", "samples", "classes"])
def test_loss_is_the_sum_of_its_terms(
    classifier, pictures, every_term, table, on, weighting
):
    every_term["class_variance"] = ClassVariance(0.5, 0.3, on=on)
    model = compiled(classifier(**every_term), run_eagerly=True)
    # Of the second attribute only the last value was seen before.
    start = np.random.default_rng(1).normal(size=(5, 8))
    seen = [1, 1, 0, 0, 1]
    model.centroids.set_means(start, seen)
    images, labels = pictures
    chosen, weights = {}, np.ones(12)
    if weighting == "samples":
        chosen, weights = {"sample_weight": WEIGHTS}, WEIGHTS
    elif weighting == "classes":
        chosen = {"class_weight": CLASS_WEIGHTS}
        weights = np.array([CLASS_WEIGHTS[label] for label in labels])

    outputs = outputs_in_training(model, images)
    features, values = outputs["features"], table.values[labels]
    before = np.array(model.centroids.table)
    rows = centroids_of(features, values, weights, (2, 3), before, seen)
    pulls, pushes = pairs(embeddings_on(outputs, on), labels, weights)
    squares = sum(np.sum(np.square(w)) for w in model.trainable_weights)
    pull, push = np.mean(pulls), np.mean(pushes)
    expected = {
        "pull": pull,
        "push": push,
        "class_variance": 0.5 * pull + 0.3 * push,
        "same_class_pairs": len(pulls),
        "different_class_pairs": len(pushes),
        "attribute_distance": 0.2
        * attribute_distance(features, values, weights, (2, 3), rows),
        "feature_norm": np.mean(np.linalg.norm(features, axis=1)),
        "weight_decay": 0.005 * squares,
        "feature_spread": np.sqrt(np.sum(np.var(features, axis=0))),
    }
    expected["loss"] = (
        cross_entropy(outputs["probabilities"], labels, weights)
        + expected["class_variance"]
        + expected["attribute_distance"]
        + expected["weight_decay"]
    )
    assert min(expected.values()) > 1e-3
    logs = model.fit(images, labels, batch_size=12, verbose=0, **chosen).history
    assert set(logs) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name][0], value, 2e-5, err_msg=name)
    tested = model.evaluate(images, labels, verbose=0, return_dict=True)
    assert set(tested) == {"loss"}  # the terms are of the training only


@pytest.mark.parametrize("on", ["attention", "map", "features"])
def test_several_maps_stand_side_by_side(classifier, pictures, on):
    images = keras.Input((16, 16, 3))
    maps = [images / 255]
    for filters in (4, 5, 6):
        strides = 8 if len(maps) == 1 else 1
        maps.append(
            keras.layers.Conv2D(filters, 3, strides, padding="same")(maps[-1])
        )
    model = classifier(
        keras.Model(images, maps[1:]),
        pooling=HierarchicalBilinearPooling(7),
        class_variance=ClassVariance(0.5, 0.3, on=on),
    )
    compiled(model, run_eagerly=True)
    outputs = outputs_in_training(model, pictures[0])
    embeddings = embeddings_on(outputs, on)
    width = {"attention": 15, "map": 15 * 4, "features": 3 * 7}
    assert embeddings.shape == (12, width[on])
    pulls, pushes = pairs(embeddings, pictures[1], np.ones(12))
    logs = model.fit(*pictures, verbose=0).history
    np.testing.assert_allclose(logs["pull"][0], np.mean(pulls), 2e-5)
    np.testing.assert_allclose(logs["push"][0], np.mean(pushes), 2e-5)


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size"])
def test_the_attribute_term_is_reduced_as_its_loss_says(
    classifier, pictures, table, reduction
):
    loss = AttributeDistance(0.2, reduction=reduction)
    model = classifier(attributes=table, attribute_distance=loss)
    compiled(model, run_eagerly=True)
    images, labels = pictures
    features = outputs_in_training(model, images)["features"]
    values, total = table.values[labels], 0.0
    for row, f in zip(values, features, strict=True):
        squares = [
            np.sum((f - features[values[:, k] == value].mean(axis=0)) ** 2)
            for k, value in enumerate(row)
            if value >= 0
        ]
        total += np.mean(squares) / 2 if squares else 0.0
    expected = 0.2 * total / (1 if reduction == "sum" else len(labels))
    logs = model.fit(images, labels, batch_size=12, verbose=0).history
    np.testing.assert_allclose(logs["attribute_distance"][0], expected, 2e-5)


def test_split_features_and_weights_of_attributes_reach_the_term(
    classifier, pictures, table
):
    loss = AttributeDistance(0.3, attribute_weights=(3, 1), split_features=True)
    model = classifier(attributes=table, attribute_distance=loss)
    compiled(model, run_eagerly=True)
    images, labels = pictures
    features = outputs_in_training(model, images)["features"]
    total = 0.0
    for f, (forest, body) in zip(features, table.values[labels], strict=True):
        known = [(3, f[:4], features[:, :4], 0, forest)]
        if body >= 0:
            known.append((1, f[4:], features[:, 4:], 1, body))
        for weight, part, parts, k, value in known:
            mean = np.mean(parts[table.values[labels, k] == value], axis=0)
            share = weight / sum(one[0] for one in known)
            total += share * np.sum((part - mean) ** 2) / 2
    logs = model.fit(images, labels, verbose=0).history
    np.testing.assert_allclose(
        logs["attribute_distance"][0], 0.3 * total / 12, 1e-5
    )


# === The centroids ===


@pytest.mark.parametrize("update", ["ema", "center"])
def test_three_steps_move_the_centroids_as_by_hand(
    classifier, pictures, table, update
):
    model = classifier(attributes=table, centroids=update)
    compiled(model)
    images, labels = pictures[0], np.array([1, 1, 1, 1, 0, 0, 1, 2, 2, 2, 0, 1])
    weights = np.where(np.arange(12) == 4, 0, WEIGHTS + 0.5)
    rows, seen = np.zeros((5, 8)), np.zeros(5)
    for batch in np.split(np.arange(12), 3):
        features = outputs_in_training(model, images[batch])["features"]
        for row in range(5):
            k, value = (0, row) if row < 2 else (1, row - 2)
            members = [
                f
                for f, i in zip(features, batch, strict=True)
                if table.values[labels[i], k] == value and weights[i]
            ]
            if members and not seen[row]:
                rows[row], seen[row] = np.mean(members, axis=0), 1
            rows[row] = moved(rows[row], members, update)
    assert seen.tolist() == [1, 1, 1, 0, 1]
    data = tf.data.Dataset.from_tensor_slices((images, labels, weights))
    model.fit(data.batch(4), shuffle=False, verbose=0)
    np.testing.assert_array_equal(model.centroids.initialized, seen)
    np.testing.assert_allclose(model.centroids.table, rows, 1e-5, 1e-6)


def test_exact_centroids_come_from_their_callback(classifier, pictures, table):
    broken, model = (
        compiled(classifier(attributes=table, centroids="exact"))
        for _ in range(2)
    )
    with pytest.raises(RuntimeError, match=r"CentroidRefresh\(dataset\) to"):
        broken.fit(*pictures, verbose=0)
    data = tf.data.Dataset.from_tensor_slices(pictures).batch(5)
    features = model.network.predict(pictures[0], verbose=0)["features"]
    model.fit(data, shuffle=False, verbose=0, callbacks=CentroidRefresh(data))
    values = table.values[pictures[1]]
    for row in (0, 1, 2, 4):
        k, value = (0, row) if row < 2 else (1, row - 2)
        expected = features[values[:, k] == value].mean(axis=0)
        np.testing.assert_allclose(model.centroids.table[row], expected, 1e-5)
    assert model.centroids.initialized.numpy().tolist() == [1, 1, 1, 0, 1]


def test_no_gradient_flows_through_the_centroids(
    classifier, pictures, table, gradient
):
    images, labels = pictures
    values = table.values[labels]
    model = classifier(
        attributes=table, attribute_distance=AttributeDistance(5.0)
    )
    layer = AttributeCentroids((2, 3))
    layer.build((None, 8))
    fixed = [v.value for v in model.network.non_trainable_variables]

    def objective(centroids):
        """Cross-entropy and term, by blocks that `centroids` gives."""

        def of(*weights):
            outputs, _ = model.network.stateless_call(
                weights, fixed, images, training=True
            )
            blocks = centroids(outputs["features"])
            squares = 0.0
            known = (values >= 0).astype("float32")
            for k, block in enumerate(blocks):
                centers = ops.take(block, np.maximum(values[:, k], 0), axis=0)
                distances = ops.square(outputs["features"] - centers)
                squares += known[:, k] * ops.sum(distances, axis=1)
            losses = 5 * squares / known.sum(axis=1) / 2
            loss = CROSS_ENTROPY(labels, outputs["logits"], WEIGHTS)
            return loss + ops.mean(WEIGHTS * losses)

        return of

    def means(features):
        """The same numbers, differentiable."""
        blocks = []
        for k, size in enumerate((2, 3)):
            weight = (WEIGHTS > 0) * (values[:, k] == np.arange(size)[:, None])
            total = ops.matmul(weight.astype("float32"), features)
            count = np.maximum(weight.sum(axis=1, keepdims=True), 1)
            blocks.append(total / count.astype("float32"))
        return blocks

    features = model.network(images, training=True)["features"]
    blocks = layer(features, values, WEIGHTS)
    for block, other in zip(blocks, means(features), strict=True):
        np.testing.assert_allclose(block, other, atol=1e-5)
    weights = [weight.numpy() for weight in model.trainable_weights]
    expected = gradient(objective(lambda _: blocks), *weights)
    wrong = gradient(objective(means), *weights)
    compiled(model, keras.optimizers.SGD(1.0), run_eagerly=True)
    model.fit(images, labels, sample_weight=WEIGHTS, shuffle=False, verbose=0)
    differs = []
    for weight, old, slope, other in zip(
        model.trainable_weights, weights, expected, wrong, strict=True
    ):
        step = old - weight.numpy()
        np.testing.assert_allclose(step, slope, rtol=1e-4, atol=1e-5)
        differs.append(np.abs(step - other).max())
    assert max(differs) > 0.01


# === Edges ===


@pytest.mark.parametrize(
    ("pixel", "labels"),
    [(0, [0, 1, 2, 0, 1, 2]), (1e4, [0, 1, 2, 0, 1, 2]), (255, [1] * 6)],
    ids=["black", "glaring", "one_class"],
)
@pytest.mark.parametrize(
    "policy",
    [pytest.param("float32", marks=pytest.mark.slow), "mixed_float16"],
)
@pytest.mark.parametrize(
    "pooling", [pytest.param("average", marks=pytest.mark.slow), "bilinear"]
)
# Equal pictures have no spread but for rounding, which may come and go.
@pytest.mark.filterwarnings("ignore:The features are collapsing")
def test_degenerate_batches_leave_weights_finite(
    classifier, every_term, pixel, labels, policy, pooling
):
    keras.config.set_dtype_policy(policy)
    try:
        model = classifier(pooling=pooling, **every_term)
    finally:
        keras.config.set_dtype_policy("float32")
    compiled(model, keras.optimizers.SGD(0.1), run_eagerly=True)
    images = np.full((6, 16, 16, 3), pixel, "float32")  # all equal
    logs = model.fit(
        images, np.array(labels), batch_size=5, epochs=2, verbose=0
    ).history  # the last batch holds one picture
    assert all(np.isfinite(values).all() for values in logs.values())
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert np.isfinite(model.predict(images, verbose=0)).all()
