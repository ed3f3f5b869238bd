"""The familiarity as an output of files, compared with the formula."""

import keras
import numpy as np
import pytest
from small_networks import tiny_backbone

from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.export import quantize
from kerasfg.export import take_frames
from kerasfg.export.familiarity.network import familiarity
from kerasfg.export.familiarity.remove import without_familiarity
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.quantization.equalization import equalized
from kerasfg.export.runtime.load import runtime_of
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.models import FineGrainedClassifier

CONVERTERS = {"tflite": convert_tflite, "onnx": convert_onnx}
VARIANTS = (
    ("tflite", "float16"),
    ("tflite", "dynamic"),
    ("tflite", "int8"),
    ("tflite", "mixed"),
    ("onnx", "float16"),
    ("onnx", "int8"),
)


@pytest.fixture(scope="module")
def converted(graph):
    return {name: make(graph) for name, make in CONVERTERS.items()}


def _oracle(head, features, logits):
    if head.normalize:
        length = np.sqrt(sum(np.float64(x) ** 2 for x in features))
        features = [x / max(length, 1e-6) for x in features]
    z = [
        sum(
            x * row[j] for x, row in zip(features, head.projection, strict=True)
        )
        + head.bias[j]
        for j in range(len(head.bias))
    ]
    nearest = min(
        sum((a - b) ** 2 for a, b in zip(z, mean, strict=True))
        for mean in head.means.astype("float64")
    )
    energy = np.log(sum(np.exp(np.float64(x)) for x in logits))
    value = head.offset + head.energy * energy - head.distance * nearest
    return 1 / (1 + np.exp(-value))


@pytest.mark.parametrize(
    ("distance", "energy", "means", "normalize"),
    [
        (1, 0.3, 4, True),
        (1, 0, 4, False),
        (0, 0.3, 4, True),
        (-1, -0.5, 4, True),
        (-1, 0, 1, True),
        (1, 0, 1, False),
    ],
)
def test_operations_compute_the_formula(
    rng, distance, energy, means, normalize
):
    head = Familiarity(
        rng.normal(size=(7, 3)) * [0.01, 1, 30],
        rng.normal(size=3),
        rng.normal(size=(means, 3)) * [0.01, 1, 30],
        distance / 900,
        energy,
        -0.5,
        normalize,
    )
    features = rng.uniform(size=(6, 7)).astype("float32")
    features[5] = 0  # of which nothing can be made of length 1
    logits = (8 * rng.normal(size=(6, 4))).astype("float32")
    shares = keras.ops.softmax(logits)
    found = np.asarray(familiarity(head, features, logits, shares))
    wanted = [_oracle(head, *x) for x in zip(features, logits, strict=True)]
    assert found.shape == (6, 1) and np.ptp(found) > 0.02
    np.testing.assert_allclose(found[:, 0], wanted, atol=2e-6)


def test_files_give_what_keras_does(converted, graph, pictures, suffix):
    classifier = runtime_of(suffix)(converted[suffix])
    given, known = classifier.predict_with_familiarity(pictures)
    wanted = graph.predict_familiarity(pictures)
    assert classifier.has_familiarity and 0 < (wanted >= 0.5).mean() < 1
    np.testing.assert_allclose(known, wanted, atol=1e-5)
    np.testing.assert_allclose(given, graph.predict(pictures), atol=1e-5)
    np.testing.assert_array_equal(classifier.predict(pictures), given)
    assert not any("Flex" in x or ":" in x for x in classifier.operators)


def test_one_output_is_left(converted, pictures, suffix):
    alone = without_familiarity(converted[suffix])
    assert len(alone) < len(converted[suffix]) - 64 * 6 * 4
    classifier = runtime_of(suffix)(alone)
    given, known = classifier.predict_with_familiarity(pictures)
    assert known is None and not classifier.has_familiarity
    both = runtime_of(suffix)(converted[suffix]).predict(pictures)
    np.testing.assert_array_equal(given, both)
    assert not {"Log", "LOG", "Sigmoid", "LOGISTIC"} & {*classifier.operators}
    assert without_familiarity(alone) is alone


@pytest.mark.slow
def test_conversion_is_repeatable(converted, network, head, suffix):
    again = CONVERTERS[suffix](inference_graph(network, head=head))
    assert again == converted[suffix]


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "variant"), VARIANTS)
def test_smaller_files(converted, graph, pictures, suffix, variant):
    contents = quantize(
        converted[suffix], variant, np.concatenate([pictures] * 9)
    )
    given, known = runtime_of(suffix)(contents).predict_with_familiarity(
        pictures
    )
    alone = quantize(
        without_familiarity(converted[suffix]),
        variant,
        np.concatenate([pictures] * 9),
    )
    # The network is rounded as it is without the familiarity.
    expected = runtime_of(suffix)(alone).predict(pictures)
    np.testing.assert_allclose(given, expected, atol=1e-6)
    np.testing.assert_allclose(
        known, graph.predict_familiarity(pictures), atol=0.05
    )
    # The projection takes one or two bytes a number, not four.
    bytes_each = 2 if variant == "float16" else 1
    weights = 64 * 6 * bytes_each
    assert weights < len(contents) - len(alone) < weights + 4000


@pytest.mark.slow
def test_the_head_of_an_int8_file_computes_in_float32(converted, pictures):
    contents = quantize(
        converted["tflite"], "int8", np.concatenate([pictures] * 9)
    )
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=contents)
    types = {x["name"]: x["dtype"] for x in interpreter.get_tensor_details()}
    operators = tflite_graph(contents)
    place = next(i for i, x in enumerate(operators) if x.kind == "SQUARE")
    for operator in operators[place:]:
        assert {types[x] for x in operator.outputs} == {np.float32}


@pytest.mark.slow
def test_equalization_is_the_same_beside_the_head(converted, pictures):
    whole = converted["tflite"]
    scaled = runtime_of("tflite")(equalized(whole, pictures))
    given = scaled.predict_with_familiarity(pictures)
    wanted = runtime_of("tflite")(whole).predict_with_familiarity(pictures)
    for one, other in zip(given, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.slow
def test_frames_may_be_taken_beside_it(converted, pictures):
    frames = pictures.repeat(2, axis=1).repeat(2, axis=2)
    contents = take_frames(converted["onnx"], 32)
    _, known = runtime_of("onnx")(contents).predict_with_familiarity(frames)
    assert known.shape == (12,) and np.ptp(known) > 0.01


@pytest.mark.slow
def test_mixed_precision(make_head, pictures):
    keras.utils.set_random_seed(3)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = FineGrainedClassifier(tiny_backbone(filters=64), 5)
    finally:
        keras.config.set_dtype_policy(before)
    graph = inference_graph(model, head=make_head(to=model))
    contents = convert_tflite(graph)
    _, known = runtime_of("tflite")(contents).predict_with_familiarity(pictures)
    np.testing.assert_allclose(
        known, graph.predict_familiarity(pictures), atol=1e-5
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"projection": np.zeros((8, 6))}, "gives 64 features.*for 8 features"),
        ({"distance": 0, "energy": 0}, "must depend on the picture"),
    ],
)
def test_a_head_of_another_network_is_refused(network, head, change, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        inference_graph(network, head=Familiarity(**{**vars(head), **change}))


def test_other_models_have_no_familiarity(tiny_classifier, head):
    class Darker(FineGrainedClassifier):
        def call(self, images, training=None):
            return super().call(images / 2, training=training)

    for model in (tiny_classifier, Darker(tiny_backbone(filters=64), 5)):
        with pytest.raises(ValueError, match="Only a model of kerasfg"):
            inference_graph(model, head=head)
