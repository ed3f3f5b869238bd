"""A classifier where Keras expects any model: nested, cloned, cut, exported."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasfg.models import FineGrainedClassifier

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def nested(model, functional):
    if not functional:
        flip = keras.layers.RandomFlip()
        return keras.Sequential([keras.Input((16, 16, 3)), flip, model])
    images = keras.Input((16, 16, 3))
    return keras.Model(images, model(keras.layers.RandomFlip()(images)))


@pytest.mark.parametrize(
    "functional", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_learns_inside_another_model(classifier, pictures, functional):
    images, labels = pictures[0] / 4, pictures[1]
    images[np.arange(12), :, :, labels] += 128  # told apart by their colour
    model = nested(classifier(), functional)
    assert tuple(model(images, training=True).shape) == (12, 3)
    model.compile(
        keras.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(images, labels, epochs=60, verbose=0)
    right = model.predict(images, verbose=0).argmax(axis=1) == labels
    assert right.mean() > 0.9


class Brighter(FineGrainedClassifier):
    """A subclass that prepares its images itself."""

    def call(self, images, training=None):
        return super().call(images / 2 + 64, training=training)


def test_call_of_a_subclass_is_trained_through(tiny_backbone, pictures):
    losses = []
    for cls, prepared in (
        (Brighter, pictures[0]),
        (FineGrainedClassifier, pictures[0] / 2 + 64),
    ):
        keras.utils.set_random_seed(0)
        model = cls(tiny_backbone(), 3, dropout=0.0)
        model.compile("sgd", CROSS_ENTROPY)
        losses.append(model.train_on_batch(prepared, pictures[1]))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_terms_that_do_not_act_are_named_once(
    classifier, pictures, every_term, run_eagerly
):
    model = nested(classifier(name="birds", **every_term), functional=False)
    model.compile(
        "sgd", "sparse_categorical_crossentropy", run_eagerly=run_eagerly
    )
    named = "class_variance, attribute_distance, weight_decay"
    with pytest.warns(UserWarning, match=f"'birds'.*do not act: {named}") as w:
        model.fit(*pictures, epochs=2, batch_size=4, verbose=0)
    assert len(w) == 1


def test_its_own_training_and_one_without_terms_do_not_warn(
    classifier, pictures, every_term
):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = classifier(**every_term)
        model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
        model.fit(*pictures, verbose=0, validation_data=pictures)
        model.train_on_batch(*pictures)
        model.predict(pictures[0], verbose=0)
        nested(classifier(), functional=True)(pictures[0], training=True)


def test_predicts_with_dropout(classifier, pictures):
    model = classifier(dropout=0.5)
    draws = np.stack([model(pictures[0], training=True) for _ in range(4)])
    assert draws.shape == (4, 12, 3) and np.ptp(draws, axis=0).max() > 0.01
    np.testing.assert_allclose(draws.sum(axis=2), 1, rtol=1e-5)


@pytest.mark.tensorflow("a gradient tape")
def test_is_cut_as_scripts_of_grad_cam_do(classifier, pictures):
    model, images = classifier(attention=True), pictures[0]
    cut = keras.Model(
        model.inputs[0], [model.get_layer("attention").output, model.outputs[0]]
    )
    with tf.GradientTape() as tape:
        maps, probabilities = cut(images)
        score = probabilities[:, 0]
    assert tape.gradient(score, maps).shape == (12, 8, 8, 8)
    np.testing.assert_array_equal(probabilities, model(images))


def test_a_clone_gives_the_same(classifier, pictures, every_term):
    model = classifier(**every_term)
    again = keras.models.clone_model(model)
    assert type(again) is type(model)
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(pictures[0]), model(pictures[0]))
    again.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    assert "pull" in again.fit(*pictures, verbose=0).history


def test_a_clone_and_a_loaded_model_have_the_same_head(classifier, tmp_path):
    model = classifier(attention=True, pooling="average")
    model.network.get_layer("logits").trainable = False
    model.network.get_layer("dropout").rate = 0.6
    model.backbone.trainable = False
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for copy in (keras.models.clone_model(model), loaded):
        assert copy.trainable_weights == []
        assert copy.network.get_layer("dropout").rate == 0.6
        assert copy.get_config()["frozen"] == ["logits"]


def test_a_loop_of_ones_own_has_the_terms(classifier, pictures, every_term):
    model, (images, labels) = classifier(**every_term), pictures
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    with pytest.raises(ValueError, match=r"pass model\.network\(x, training="):
        model.compute_loss(images, labels, model(images))
    outputs = model.network(images, training=True)
    loss = float(model.compute_loss(images, labels, outputs))
    logs = model.fit(images, labels, batch_size=12, verbose=0).history
    assert loss == pytest.approx(logs["loss"][0], rel=1e-3)


def load(model, folder):
    model.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


@pytest.mark.tensorflow("export")
def test_exports_right_after_loading(
    classifier, pictures, every_term, tmp_path
):
    model = classifier(**every_term)
    load(model, tmp_path).export(tmp_path / "saved_model", verbose=False)
    again = tf.saved_model.load(tmp_path / "saved_model")
    np.testing.assert_allclose(
        again.serve(pictures[0]), model(pictures[0]), rtol=1e-5
    )


@pytest.mark.slow
@pytest.mark.tensorflow("export")
@pytest.mark.parametrize(
    ("form", "suffix"), [("litert", "tflite"), ("onnx", "onnx")]
)
def test_exports_to_files_right_after_loading(
    classifier, every_term, tmp_path, form, suffix
):
    model = load(classifier(**every_term), tmp_path)
    file = tmp_path / f"model.{suffix}"
    model.export(file, format=form, verbose=False)
    assert file.stat().st_size > 1000


def test_rejects_an_argument_it_does_not_have(classifier):
    with pytest.raises(ValueError, match="'pools'"):
        classifier(pools="average")


def test_has_the_policy_it_is_given(classifier, tmp_path):
    model = classifier(dtype="mixed_float16", trainable=False, name="birds")
    again = load(model, tmp_path)
    assert again.dtype_policy.name == "mixed_float16"
    assert again.name == "birds" and not again.trainable
