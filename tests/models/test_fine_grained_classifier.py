import keras
import numpy as np
import pytest

from kerasfg.models import FineGrainedClassifier


@pytest.fixture
def classifier(tiny_backbone):
    def make(**kwargs):
        kwargs = {"num_classes": 3, "dropout": 0.0, **kwargs}
        return FineGrainedClassifier(tiny_backbone(), **kwargs)

    return make


@pytest.fixture
def pictures(rng):
    images = rng.integers(0, 256, (12, 16, 16, 3)).astype("float32")
    return images, np.arange(12) % 3


def from_logits(**kwargs):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, **kwargs
    )


def test_gives_probabilities_in_inference_and_a_dictionary_in_training(
    classifier, pictures
):
    model, (images, _) = classifier(), pictures
    probabilities = np.asarray(model(images))
    assert probabilities.shape == (12, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    outputs = model(images, training=True)
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


def test_learns(classifier, pictures):
    keras.utils.set_random_seed(0)
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
    outputs = model(images, training=True)
    expected = cross_entropy(np.asarray(outputs["probabilities"]), labels)
    logs = model.fit(images, labels, verbose=0).history
    np.testing.assert_allclose(logs["weight_decay"][0], 0.005 * squares, 1e-5)
    np.testing.assert_allclose(
        logs["loss"][0], expected + 0.005 * squares, rtol=1e-5
    )
    assert set(model.evaluate(images, labels, verbose=0, return_dict=True)) == {
        "loss"
    }


def test_gradient_survives_logits_far_apart(classifier, pictures):
    model, (images, labels) = classifier(), pictures
    logits = model.network.get_layer("logits")
    logits.bias.assign([100.0, 0.0, 0.0])  # sure, and wrong for labels 1, 2
    model.compile(keras.optimizers.SGD(1.0), from_logits())
    model.fit(images, labels, batch_size=12, verbose=0)
    # the gradient of the first bias is the share of pictures wrongly given it
    np.testing.assert_allclose(logits.bias[0], 100 - 2 / 3, rtol=1e-3)


def test_sample_weight_zero_takes_a_picture_out(classifier, pictures):
    model, (images, labels) = classifier(), pictures
    model.compile("sgd", from_logits())
    weights = (np.arange(12) < 6).astype("float32")
    found = model.evaluate(images, labels, sample_weight=weights, verbose=0)
    kept = cross_entropy(np.asarray(model(images[:6])), labels[:6])
    np.testing.assert_allclose(found, kept / 2, rtol=1e-5)


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


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"num_classes": 1}, r"at least 2\. Received: num_classes=1"),
        ({"pooling": "max"}, r"or a layer\. Received: pooling='max'"),
        ({"dropout": 1.0}, r"in \[0, 1\)\. Received: dropout=1.0"),
        ({"weight_decay": -1}, r"negative\. Received: weight_decay=-1"),
        ({"class_names": ["a"]}, r"3 classes\. Received: class_names"),
    ],
)
def test_rejects(classifier, argument, message):
    with pytest.raises(ValueError, match=message):
        classifier(**argument)
