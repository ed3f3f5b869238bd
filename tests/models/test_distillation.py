"""What a classifier learns from a teacher, against loops over its outputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from keras.distillation import LogitsDistillation
from term_equations import cross_entropy

from kerasfg.models.distillation import distillation_term
from kerasfg.models.targets import teacher_logits

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
WEIGHTS = np.array([1, 0, 2, 1, 0, 0.5, 1, 1, 0, 3, 1, 1], "float32")

DICTIONARIES = "must be trained on targets that are dictionaries.*Received: "
# JAX sees what it is given, TensorFlow a graph for any batch.
BATCH = "None" if keras.backend.backend() == "tensorflow" else "12"


@pytest.fixture
def taught(pictures, rng):
    """Twelve pictures, and targets with what a teacher says of them."""
    images, labels = pictures
    said = rng.normal(size=(12, 3)).astype("float32") * 3
    return images, {"label": labels, "teacher_logits": said}


def compiled(model, optimizer=None, **kwargs):
    model.compile(
        optimizer or keras.optimizers.SGD(0.0), CROSS_ENTROPY, **kwargs
    )
    return model


def first_epoch(model, *arguments, **kwargs):
    logs = model.fit(*arguments, verbose=0, **kwargs).history
    return {name: values[0] for name, values in logs.items()}


def softened(logits, temperature):
    powers = [np.exp(z / temperature) for z in np.asarray(logits, "float64")]
    return [row / row.sum() for row in powers]


def divergence(teacher, student, temperature, weights):
    """The definition, one picture and one class at a time."""
    total = 0.0
    rows = softened(teacher, temperature), softened(student, temperature)
    for p, q, weight in zip(*rows, weights, strict=True):
        for k in range(len(p)):
            total += weight * p[k] * np.log(p[k] / q[k])
    return temperature**2 * total / len(weights)


# === The term ===


@pytest.mark.parametrize("temperature", [0.5, 1, 3.0, 20.0])
@pytest.mark.parametrize("weights", [None, WEIGHTS, WEIGHTS[:, None]])
def test_the_term_is_that_of_its_definition(rng, temperature, weights):
    teacher, student = rng.normal(size=(2, 12, 5)).astype("float32") * 2
    found = distillation_term(
        LogitsDistillation(temperature),
        ops.convert_to_tensor(teacher),
        ops.convert_to_tensor(student),
        weights,
    )
    flat = np.ones(12) if weights is None else np.ravel(weights)
    expected = divergence(teacher, student, temperature, flat)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_term_is_that_of_keras(rng):
    teacher, student = rng.normal(size=(2, 12, 5)).astype("float32")
    divergence = keras.losses.KLDivergence()
    distillation = LogitsDistillation(4.0, divergence)
    found = distillation_term(
        distillation, *map(ops.convert_to_tensor, (teacher, student))
    )
    expected = distillation.compute_loss(teacher, student)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_to_agree_costs_nothing_and_pulls_nowhere(rng, gradient):
    logits = rng.normal(size=(12, 5)).astype("float32") * 5
    distillation = LogitsDistillation(3.0)

    # A constant added to all logits of a picture changes no prediction.
    def term(student):
        return distillation_term(distillation, logits + 2, student)

    assert abs(term(logits)) < 1e-5
    assert np.abs(gradient(term, logits)[0]).max() < 1e-6
    for _ in range(20):
        moved = logits + rng.normal(size=(12, 5)).astype("float32")
        assert distillation_term(distillation, logits, moved) > 0.05


@pytest.mark.parametrize("gap", [10.0, 60.0, 1000.0])
def test_gradient_survives_logits_far_apart(gap, gradient):
    teacher, student = np.array([[[0, gap]], [[gap, 0]]], "float32")

    def term(logits):
        return distillation_term(LogitsDistillation(1.0), teacher, logits)

    assert np.isfinite(term(student))
    (slope,) = gradient(term, student)
    np.testing.assert_allclose(slope, [[1, -1]], rtol=1e-3)


# === The objective ===


@pytest.mark.parametrize("weighting", ["none", "samples"])
def test_loss_is_the_mixture_and_the_other_terms(
    classifier, taught, every_term, weighting
):
    model = classifier(
        distillation=LogitsDistillation(2.0),
        distillation_weight=0.3,
        **every_term,
    )
    compiled(model, run_eagerly=True)
    images, y = taught
    chosen, weights = {}, np.ones(12)
    if weighting == "samples":
        chosen, weights = {"sample_weight": WEIGHTS}, WEIGHTS
    outputs = model.network(images, training=True)
    hard = cross_entropy(outputs["probabilities"], y["label"], weights)
    soft = divergence(y["teacher_logits"], outputs["logits"], 2.0, weights)
    logs = first_epoch(model, images, y, 12, shuffle=False, **chosen)
    np.testing.assert_allclose(logs["distillation"], 0.3 * soft, rtol=1e-4)
    names = ("class_variance", "attribute_distance", "weight_decay")
    others = sum(logs[name] for name in names)
    assert min(logs[name] for name in names) > 1e-3
    expected = 0.7 * hard + 0.3 * soft + others
    np.testing.assert_allclose(logs["loss"], expected, rtol=1e-5)


def test_validation_is_on_labels_and_knows_no_teacher(classifier, taught):
    images, y = taught
    model = compiled(classifier(distillation=LogitsDistillation()))
    logs = first_epoch(model, images, y, validation_data=(images, y["label"]))
    assert set(logs) == {"loss", "distillation", "val_loss"}
    plain = compiled(classifier())
    plain.set_weights(model.get_weights())
    expected = plain.evaluate(images, y["label"], verbose=0)
    assert logs["val_loss"] == pytest.approx(expected, rel=1e-6)
    found = model.evaluate(images, y, verbose=0)  # the same, said otherwise
    assert found == pytest.approx(expected, rel=1e-6)
    assert model.predict(images, verbose=0).shape == (12, 3)


def test_losses_of_layers_are_not_lessened(tiny_backbone, classifier, taught):
    def loss_of(weight):
        keras.utils.set_random_seed(0)
        inputs = tiny_backbone()
        layer = keras.layers.Conv2D(
            8, 1, kernel_regularizer=keras.regularizers.L2(0.5)
        )
        backbone = keras.Model(inputs.input, layer(inputs.output))
        model = classifier(
            backbone,
            distillation=LogitsDistillation(),
            distillation_weight=weight,
        )
        penalty = 0.5 * np.sum(np.square(layer.kernel))
        logs = first_epoch(compiled(model), *taught, 12)
        return logs["loss"], logs["distillation"], penalty

    (hard, _, penalty), (soft, term, _) = loss_of(0.0), loss_of(1.0)
    half, part, _ = loss_of(0.5)
    assert penalty > 1
    assert soft == pytest.approx(term + penalty, rel=1e-5)
    assert part == pytest.approx(term / 2, rel=1e-5)
    expected = (hard - penalty) / 2 + term / 2 + penalty
    assert half == pytest.approx(expected, rel=1e-5)


def test_weight_zero_takes_a_picture_out(classifier, taught):
    images, y = taught
    model = classifier(distillation=LogitsDistillation())
    start, found = model.get_weights(), []
    for other in (0.0, 50.0):
        said = y["teacher_logits"].copy()
        said[WEIGHTS == 0, 0] = other
        model.set_weights(start)
        compiled(model, keras.optimizers.SGD(0.1), run_eagerly=True)
        first_epoch(
            model,
            images,
            {**y, "teacher_logits": said},
            batch_size=12,
            shuffle=False,
            sample_weight=WEIGHTS,
        )
        found.append(model.get_weights())
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.slow
def test_a_student_becomes_like_its_teacher(classifier, taught):
    images, y = taught
    model = classifier(
        distillation=LogitsDistillation(2.0), distillation_weight=1.0
    )
    images = images / 4
    images[np.arange(12), :, :, y["label"]] += 128  # told apart by colour
    said = np.roll(np.eye(3, dtype="float32"), 1, axis=0)[y["label"]] * 4
    y = {"label": y["label"], "teacher_logits": said}
    compiled(model, keras.optimizers.Adam(0.01))
    logs = model.fit(images, y, epochs=100, verbose=0).history["distillation"]
    assert logs[-1] < 0.1 * logs[0]
    answer = np.argmax(model.predict(images, verbose=0), axis=1)
    assert np.mean(answer == np.argmax(said, axis=1)) > 0.9  # not the labels


def test_takes_data_sets_attributes_and_float16(classifier, taught, table):
    images, y = taught
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = classifier(
            attributes=table, distillation=LogitsDistillation(4.0)
        )
    finally:
        keras.config.set_dtype_policy("float32")
    compiled(model, "sgd")
    y = {**y, "attributes": table.values[y["label"]]}
    y["teacher_logits"] = y["teacher_logits"] * 1e5  # float16 ends at 65504
    data = tf.data.Dataset.from_tensor_slices((images, y, WEIGHTS)).batch(4)
    logs = first_epoch(model, data, shuffle=False)
    assert np.isfinite(list(logs.values())).all()
    assert {"distillation", "attribute_distance"} < set(logs)


def test_is_saved_with_the_model_but_the_teacher_is_not(
    classifier, taught, tmp_path
):
    for loss in ("kl_divergence", keras.losses.KLDivergence()):
        model = classifier(
            distillation=LogitsDistillation(2.5, loss), distillation_weight=0.4
        )
        assert len(model.weights) == len(classifier().weights)
        compiled(model, "sgd").save(tmp_path / "model.keras")
        again = keras.saving.load_model(
            tmp_path / "model.keras", safe_mode=True
        )
        assert again.distillation.temperature == 2.5
        assert again.distillation_weight == 0.4
        expected = first_epoch(model, *taught, 12)
        assert first_epoch(again, *taught, 12) == pytest.approx(expected)


# === Errors ===


@pytest.mark.parametrize(
    ("drop", "message"),
    [
        (lambda y: y["label"], DICTIONARIES + "y of the type"),
        (
            lambda y: {"label": y["label"]},
            DICTIONARIES + r"keys=\['label'\]",
        ),
        (
            lambda y: {**y, "teacher_logits": y["teacher_logits"][:, :2]},
            rf"same 3 classes.*shape \({BATCH}, 2\)",
        ),
    ],
    ids=["labels", "no_logits", "too_few"],
)
def test_targets_fit_the_model(classifier, taught, drop, message):
    images, y = taught
    model = compiled(classifier(distillation=LogitsDistillation()))
    with pytest.raises(ValueError, match=message):
        model.fit(images, drop(y), verbose=0)


def test_a_model_without_a_teacher_takes_no_logits(classifier, taught):
    model = compiled(classifier())
    with pytest.raises(ValueError, match="give it `distillation`"):
        model.fit(*taught, verbose=0)


def test_what_a_teacher_says_is_taken_from_the_target():
    assert teacher_logits("y", needed=False) is None
    assert teacher_logits({"label": 0}, needed=False) is None
    y = {"label": 0, "teacher_logits": "said"}
    assert teacher_logits(y, needed=True) == "said"
