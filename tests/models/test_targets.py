"""Labels and attributes in every form that a target may have."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.models.targets import class_predictions
from kerasfg.models.targets import class_targets
from kerasfg.models.targets import integer_labels
from kerasfg.models.targets import label_weight
from kerasfg.models.targets import split_target

SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
SMOOTH = keras.losses.CategoricalCrossentropy(
    from_logits=True, label_smoothing=0.1
)
VALUES = np.array([[0, 2], [1, -1], [-1, 0]])  # of the labels 0, 1 and 2


def fit(model, images, y, loss=SPARSE, **kwargs):
    model.compile(
        keras.optimizers.SGD(0.0),
        loss,
        weighted_metrics=["accuracy"],
        run_eagerly=True,
    )
    logs = model.fit(images, y, verbose=0, **kwargs).history
    return {name: values[0] for name, values in logs.items()}


# === Parts ===


def test_a_target_is_labels_or_a_dictionary():
    assert split_target("y") == ("y", None)
    assert split_target({"label": "y"}) == ("y", None)
    assert split_target({"label": "y", "attributes": "a"}) == ("y", "a")


def test_weights_may_be_shaped_like_a_target():
    assert label_weight({"label": "w", "attributes": "v"}) == "w"
    assert label_weight("w") == "w" and label_weight(None) is None


@pytest.mark.parametrize(
    "y",
    [
        np.array([2, 0, 1]),
        np.array([[2], [0], [1]], "uint8"),
        np.array([2.0, 0.0, 1.0]),
        np.eye(3)[[2, 0, 1]],
        np.array([[0.1, 0.2, 0.7], [0.6, 0.2, 0.2], [0.3, 0.4, 0.3]]),
    ],
    ids=["flat", "column", "float", "one_hot", "mixed"],
)
def test_labels_are_read_in_every_form(y):
    labels = integer_labels(y, 3)
    assert keras.backend.standardize_dtype(labels.dtype) == "int32"
    assert np.array(labels).tolist() == [2, 0, 1]


@pytest.mark.parametrize("labels", [[2, 0], [[2], [0]], np.eye(3)[[2, 0]]])
def test_categorical_cross_entropy_is_given_rows(labels):
    labels = ops.convert_to_tensor(np.array(labels, "float32"))
    given = class_targets(labels, SMOOTH, 3)
    np.testing.assert_array_equal(given, np.eye(3)[[2, 0]])
    assert class_targets(labels, SPARSE, 3) is labels


def test_a_loss_is_given_what_it_takes():
    outputs = {"logits": "logits", "probabilities": "probabilities"}
    assert class_predictions(outputs, SPARSE) == "logits"
    assert class_predictions(outputs, "mse") == "probabilities"
    probabilities = ops.convert_to_tensor([[0.25, 0.75], [0.0, 1.0]])
    assert class_predictions(probabilities, "mse") is probabilities
    logits = class_predictions(probabilities, SPARSE)
    assert np.isfinite(logits).all()
    np.testing.assert_allclose(ops.softmax(logits), probabilities, 1e-6, 1e-9)


# === In a training ===


@pytest.mark.filterwarnings("ignore:The gradient of a cross-entropy")
def test_every_form_of_label_gives_the_same_loss(
    classifier, pictures, every_term
):
    model, (images, labels) = classifier(**every_term), pictures
    start = model.get_weights()
    weights = np.arange(12) % 4 / 2
    found = []
    for y, loss in (
        (labels, SPARSE),
        (labels[:, None], SPARSE),
        (labels, [SPARSE]),
        ({"label": labels}, SPARSE),
        (labels, keras.losses.CategoricalCrossentropy(from_logits=True)),
        (labels[:, None], keras.losses.CategoricalCrossentropy(True)),
        (np.eye(3)[labels], keras.losses.CategoricalCrossentropy(True)),
        (np.eye(3)[labels], "categorical_crossentropy"),
    ):
        model.set_weights(start)
        column = weights[:, None] if len(np.shape(y)) == 2 else weights
        found.append(fit(model, images, y, loss, sample_weight=column))
    for logs in found[1:]:
        assert logs == pytest.approx(found[0], rel=1e-5)


@pytest.mark.parametrize("form", [lambda y: y[:, None], lambda y: np.eye(3)[y]])
def test_class_weights_know_every_form_of_label(
    classifier, pictures, every_term, form
):
    model, (images, labels) = classifier(**every_term), pictures
    start, chosen = model.get_weights(), {0: 0.5, 1: 0.0, 2: 2.0}
    expected = fit(model, images, labels, SMOOTH, class_weight=chosen)
    model.set_weights(start)
    given = fit(model, images, form(labels), SMOOTH, class_weight=chosen)
    assert given == pytest.approx(expected, rel=1e-5)


def test_keras_refuses_class_weights_beside_a_dictionary(classifier, pictures):
    model, (images, labels) = classifier(), pictures
    with pytest.raises(ValueError, match="`class_weight` is only supported"):
        fit(model, images, {"label": labels}, class_weight={0: 2.0})


@pytest.mark.parametrize("known", ["table", "numbers"])
def test_attributes_of_each_picture(classifier, pictures, table, known):
    attributes = table if known == "table" else (2, 3)
    model = classifier(attributes=attributes)
    start, (images, labels) = model.get_weights(), pictures
    values = np.array(VALUES[labels])
    values[3] = (1, 1)  # unlike the others of its class
    y = {"label": labels, "attributes": values}
    features = np.array(model.network(images, training=True)["features"])
    total = 0.0
    for f, row in zip(features, values, strict=True):
        squares = []
        for k in (0, 1):
            if row[k] >= 0:
                mean = features[values[:, k] == row[k]].mean(axis=0)
                squares.append(np.sum((f - mean) ** 2))
        total += np.mean(squares) / 2
    logs = fit(model, images, y, validation_data=(images, y))
    assert logs["attribute_distance"] == pytest.approx(
        0.01 * total / 12, rel=1e-5
    )
    assert np.array(model.centroids.initialized).tolist() == [1, 1, 1, 1, 1]
    found = model.evaluate(images, y, verbose=0)[0]
    assert found == pytest.approx(logs["val_loss"], rel=1e-5)
    if known == "table":  # which is looked up where a target has none
        model.set_weights(start)
        plain = fit(model, images, {"label": labels})
        model.set_weights(start)
        assert plain == pytest.approx(fit(model, images, labels), rel=1e-5)
        assert plain["attribute_distance"] != logs["attribute_distance"]


def test_weights_shaped_like_a_target_are_those_of_its_labels(
    classifier, pictures, every_term
):
    model, (images, labels) = classifier(**every_term), pictures
    start, weights = model.get_weights(), np.arange(12.0) ** 2 / 36
    y = {"label": labels, "attributes": np.maximum(VALUES[labels], 0)}
    given = {"label": weights, "attributes": np.ones(12)}
    found = [fit(model, images, y, sample_weight=given)]
    model.set_weights(start)
    found.append(fit(model, images, y, sample_weight=weights))
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    assert found[0]["same_class_pairs"] == 15  # of 3, 4 and 4


def test_numbers_of_values_are_saved(classifier, pictures, tmp_path):
    model = classifier(attributes=[2, 3])
    y = {"label": pictures[1], "attributes": VALUES[pictures[1]]}
    fit(model, pictures[0], y)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert tuple(again.attributes) == (2, 3)
    np.testing.assert_array_equal(again.centroids.table, model.centroids.table)
    fit(again, pictures[0], y)


# === Errors ===


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ({"labels": 0}, r"key 'label', and.*Received: keys=\['labels'\]"),
        ({"attributes": 0}, r"Received: keys=\['attributes'\]"),
        ({"label": 0, "box": 0}, r"Received: keys=\['box', 'label'\]"),
    ],
)
def test_rejects_other_keys(y, message):
    with pytest.raises(ValueError, match=message):
        split_target(y)


def test_without_a_table_attributes_must_be_given(classifier, pictures):
    for y in (pictures[1], {"label": pictures[1]}):
        model = classifier(attributes=(2, 3))
        with pytest.raises(ValueError, match="must be a dictionary.*Received"):
            fit(model, pictures[0], y)
