import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasfg.export
from kerasfg.layers import CompactBilinearPooling
from kerasfg.models import FineGrainedClassifier


def from_logits(**kwargs):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, **kwargs
    )


def test_gives_probabilities_and_its_network_a_dictionary(classifier, pictures):
    model, (images, _) = classifier(), pictures
    probabilities = np.asarray(model(images))
    assert probabilities.shape == (12, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    outputs = model.network(images, training=True)
    assert set(outputs) == {"map", "features", "logits", "probabilities"}
    assert tuple(outputs["map"].shape) == (12, 8, 8, 8)
    assert tuple(outputs["features"].shape) == (12, 8)


def test_saves_and_loads_without_custom_objects(classifier, pictures, tmp_path):
    model = classifier(class_names=["a", "b", "c"], weight_decay=1e-3)
    model.compile("sgd", from_logits(), metrics=["accuracy"])
    model.fit(*pictures, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.class_names == ("a", "b", "c")
    configs = [m.get_config() for m in (model, again)]
    for config in configs:  # Keras's own, with tuples that became lists
        config.pop("backbone")
    assert configs[0] == configs[1]
    np.testing.assert_array_equal(
        model.predict(pictures[0], verbose=0),
        again.predict(pictures[0], verbose=0),
    )
    again.fit(*pictures, verbose=0)  # compiled as it was


@pytest.mark.slow
def test_learns(classifier, pictures):
    images, labels = pictures[0] / 4, pictures[1]
    images[np.arange(12), :, :, labels] += 128  # told apart by their colour
    model = classifier()
    model.compile(
        keras.optimizers.Adam(0.01), from_logits(), metrics=["accuracy"]
    )
    logs = model.fit(images, labels, epochs=60, verbose=0).history
    assert logs["loss"][-1] < 0.5 * logs["loss"][0]
    assert logs["accuracy"][-1] > 0.9


def cross_entropy(probabilities, labels, smoothing=0.0):
    """The definition, one picture at a time."""
    total = 0.0
    classes = probabilities.shape[1]
    for p, label in zip(probabilities, labels, strict=True):
        for k in range(classes):
            target = smoothing / classes + (1 - smoothing) * (k == label)
            total -= target * np.log(p[k])
    return total / len(labels)


@pytest.mark.parametrize(
    "loss",
    ["sparse_categorical_crossentropy", from_logits()],
    ids=["probabilities", "logits"],
)
def test_any_form_of_cross_entropy_has_the_value_of_its_definition(
    classifier, pictures, loss
):
    model, (images, labels) = classifier(), pictures
    model.compile("sgd", loss)
    expected = cross_entropy(np.asarray(model(images)), labels)
    found = model.evaluate(images, labels, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_label_smoothing_takes_integer_labels(classifier, pictures):
    model, (images, labels) = classifier(), pictures
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2
    )
    model.compile("sgd", loss, metrics=["accuracy"])
    expected = cross_entropy(np.asarray(model(images)), labels, 0.2)
    found = model.evaluate(images, labels, verbose=0, return_dict=True)
    np.testing.assert_allclose(found["loss"], expected, rtol=1e-5)
    accuracy = np.mean(np.argmax(model(images), axis=1) == labels)
    np.testing.assert_allclose(found["accuracy"], accuracy, rtol=1e-6)


def test_weight_decay_adds_half_the_squared_norm(classifier, pictures):
    model = classifier(weight_decay=0.01)
    model.compile(keras.optimizers.SGD(0.0), from_logits())
    squares = sum(np.sum(np.square(w)) for w in model.trainable_weights)
    images, labels = pictures
    outputs = model.network(images, training=True)
    expected = cross_entropy(np.asarray(outputs["probabilities"]), labels)
    logs = model.fit(images, labels, verbose=0).history
    np.testing.assert_allclose(logs["weight_decay"][0], 0.005 * squares, 1e-5)
    np.testing.assert_allclose(
        logs["loss"][0], expected + 0.005 * squares, rtol=1e-5
    )
    assert set(model.evaluate(images, labels, verbose=0, return_dict=True)) == {
        "loss"
    }


@pytest.mark.parametrize("gap", [30.0, 60.0, 100.0])
@pytest.mark.parametrize(
    "loss",
    [
        pytest.param(from_logits(), id="logits"),
        pytest.param(
            "sparse_categorical_crossentropy",
            id="probabilities",
            marks=pytest.mark.tensorflow("gradients of sure probabilities"),
        ),
    ],
)
def test_gradient_survives_logits_far_apart(classifier, pictures, loss, gap):
    model, (images, labels) = classifier(), pictures
    logits = model.network.get_layer("logits")
    logits.kernel.assign(np.zeros(logits.kernel.shape))
    logits.bias.assign([gap, 0.0, 0.0])  # sure, and wrong for labels 1, 2
    model.compile(keras.optimizers.SGD(1.0), loss, run_eagerly=True)
    model.fit(images, labels, batch_size=12, verbose=0)
    # The gradient of a bias is the share that is given its class, minus the
    # share that is of it.
    moved = np.array(logits.bias) - [gap, 0, 0]
    np.testing.assert_allclose(moved, [-2 / 3, 1 / 3, 1 / 3], rtol=1e-4)


def test_sample_weight_zero_takes_a_picture_out(classifier, pictures):
    model, (images, labels) = classifier(), pictures
    model.compile("sgd", from_logits())
    weights = (np.arange(12) < 6).astype("float32")
    found = model.evaluate(images, labels, sample_weight=weights, verbose=0)
    kept = cross_entropy(np.asarray(model(images[:6])), labels[:6])
    np.testing.assert_allclose(found, kept / 2, rtol=1e-5)


@pytest.mark.slow
def test_trains_in_float16_and_compiled(tiny_backbone, pictures):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = FineGrainedClassifier(tiny_backbone(), 3)
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile("sgd", from_logits(), jit_compile=True)
    logs = model.fit(*pictures, verbose=0).history
    assert np.isfinite(logs["loss"][0])
    assert model.predict(pictures[0], verbose=0).dtype == "float32"


def test_takes_a_pooling_layer(tiny_backbone, pictures, tmp_path):
    pooling = keras.layers.GlobalMaxPooling2D()
    model = FineGrainedClassifier(tiny_backbone(), 3, pooling=pooling)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model(pictures[0]), again(pictures[0]))


def test_metrics_are_given_probabilities(classifier, pictures, every_term):
    model, (images, labels) = classifier(**every_term), pictures
    model.compile(
        keras.optimizers.SGD(0.0),
        from_logits(),
        metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy()],
        run_eagerly=True,
    )
    in_training = model.network(images, training=True)["probabilities"]
    logs = model.fit(images, labels, validation_data=pictures, verbose=0)
    for prefix, probabilities in (("", in_training), ("val_", model(images))):
        probabilities = np.asarray(probabilities)
        found = {name: x[0] for name, x in logs.history.items()}
        np.testing.assert_allclose(
            found[f"{prefix}sparse_categorical_crossentropy"],
            cross_entropy(probabilities, labels),
            rtol=1e-5,
        )
        right = np.argmax(probabilities, axis=1) == labels
        np.testing.assert_allclose(found[f"{prefix}accuracy"], right.mean())


@pytest.mark.tensorflow("export")
def test_keras_exports_it_too(classifier, pictures, every_term, tmp_path):
    model = classifier(**every_term)
    expected = model.predict(pictures[0], verbose=0)
    model.export(tmp_path / "saved_model", verbose=False)
    again = tf.saved_model.load(tmp_path / "saved_model")
    np.testing.assert_allclose(again.serve(pictures[0]), expected, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.tensorflow("export")
def test_export_holds_nothing_of_the_training(
    classifier, pictures, every_term, tmp_path
):
    """Not its terms, not its centroids, not the FFT of its tensor sketch."""
    images = pictures[0].astype("uint8")
    pooling = {"output_dim": 32, "method": "fft"}
    files = {}
    for name, terms in (("whole", every_term), ("plain", {"attention": True})):
        keras.backend.clear_session()  # the same names in both
        keras.utils.set_random_seed(0)
        layer = CompactBilinearPooling(**pooling, name="pooling")
        model = classifier(pooling=layer, name="classifier", **terms)
        if name == "whole":
            model.centroids.set_means(np.ones((5, 32)), np.ones(5))
        folder = tmp_path / name
        kerasfg.export.export(model, folder, images, class_names="abc")
        for suffix in ("tflite", "onnx"):
            file = folder / f"model_pixels16.{suffix}"
            given = kerasfg.export.load(file).predict(images)
            np.testing.assert_allclose(
                given, model.predict(pictures[0], verbose=0), atol=1e-5
            )
            files[name, suffix] = file.read_bytes()
    for suffix in ("tflite", "onnx"):
        assert files["whole", suffix] == files["plain", suffix]
