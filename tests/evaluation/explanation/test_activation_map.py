import keras
import numpy as np
import pytest
from small_networks import several_maps
from small_networks import tiny_backbone

from kerasfg.evaluation import class_activation_map
from kerasfg.evaluation.explanation.activation_map import method_of
from kerasfg.evaluation.explanation.features import features_model
from kerasfg.evaluation.explanation.last_map import cut_at_last_map
from kerasfg.models import FineGrainedClassifier

CLASSES = np.array([2, 0, 1])


@pytest.fixture
def images(rng):
    return rng.uniform(0, 255, (3, 16, 16, 3)).astype("float32")


def plain(end):
    """A network with average pooling, and what follows it."""
    pictures = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, 4, activation="relu", name="map")(pictures)
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(pictures, end(keras.layers.Dropout(0.5)(pooled)))


def by_loops(model, images, dense):
    """CAM of Zhou et al., Eq. 2, in plain loops."""
    maps = keras.Model(model.input, model.get_layer("map").output)(images)
    maps, kernel = np.asarray(maps), np.asarray(dense.kernel)
    found = np.zeros(maps.shape[:3])
    for n, label in enumerate(CLASSES):
        for y in range(maps.shape[1]):
            for x in range(maps.shape[2]):
                for channel in range(maps.shape[3]):
                    weight = kernel[channel, label]
                    found[n, y, x] += weight * maps[n, y, x, channel]
    return found


def test_is_the_map_weighted_by_the_weights_of_the_class(images):
    dense = keras.layers.Dense(5, activation="softmax")
    model = plain(dense)
    found = class_activation_map(model, images, CLASSES)
    assert found.dtype == np.float32 and method_of(model) == "CAM"
    assert (found < 0).any() and (found > 0).any()
    np.testing.assert_allclose(
        found, by_loops(model, images, dense), rtol=1e-4, atol=1e-3
    )


def test_its_mean_is_the_logit_without_the_bias(images):
    model = FineGrainedClassifier(tiny_backbone(), 5, attention=True)
    logits = keras.Model(model.input, model.network.output["logits"])
    expected = np.asarray(logits(images))[range(3), CLASSES]
    found = class_activation_map(model, images, CLASSES)
    assert method_of(model) == "CAM" and found.shape == (3, 8, 8)
    np.testing.assert_allclose(
        found.mean(axis=(1, 2)), expected, rtol=1e-4, atol=1e-5
    )  # the bias of a new layer is 0


def test_grad_cam_is_the_same_where_the_pooling_is_the_average(images):
    dense = keras.layers.Dense(5)
    # The product by 1 hides from it that nothing else follows the pooling.
    model = plain(lambda x: keras.layers.Softmax()(dense(x * 1.0)))
    assert method_of(model) == "Grad-CAM"
    found = class_activation_map(model, images, CLASSES)
    np.testing.assert_allclose(
        found, by_loops(model, images, dense), rtol=1e-4, atol=1e-3
    )


def test_looks_into_a_model_that_is_a_layer(images):
    dense = keras.layers.Dense(5, activation="softmax")
    inner = plain(dense)
    pictures = keras.Input((16, 16, 3))
    model = keras.Model(pictures, inner(keras.layers.Identity()(pictures)))
    np.testing.assert_allclose(
        class_activation_map(model, images, CLASSES),
        class_activation_map(inner, images, CLASSES),
        rtol=1e-5,
    )
    assert method_of(model) == "CAM"


def test_a_sigmoid_stands_for_the_second_of_two_classes(images):
    model = plain(keras.layers.Dense(1, activation="sigmoid"))
    ones = class_activation_map(model, images, [1, 1, 1])
    zeros = class_activation_map(model, images, [0, 0, 0])
    np.testing.assert_array_equal(ones, -zeros)
    assert np.abs(ones).max() > 0


def test_a_softmax_or_sigmoid_of_its_own_is_left_out(images):
    last = keras.layers.Dense(1)
    model = plain(last)
    for outputs in (
        keras.layers.Activation("sigmoid")(model.output),
        keras.ops.sigmoid(model.output),
    ):
        whole = keras.Model(model.input, outputs)
        assert method_of(whole) == "CAM"
        np.testing.assert_array_equal(
            class_activation_map(whole, images, [1, 1, 1]),
            class_activation_map(model, images, [1, 1, 1]),
        )


@pytest.mark.parametrize("pooling", ["bilinear", "hierarchical_bilinear"])
def test_other_poolings_have_a_map_by_the_gradient(pooling, images):
    filters = [4, 4] if pooling.startswith("hier") else [4]
    model = FineGrainedClassifier(several_maps(filters), 5, pooling=pooling)
    found = class_activation_map(model, images, CLASSES)
    assert method_of(model) == "Grad-CAM"
    assert found.shape == (3, 4, 4) and np.isfinite(found).all()
    cut = cut_at_last_map(model)
    assert isinstance(cut.before[-1](images), list) == (len(filters) > 1)


def test_a_map_with_a_channel_for_each_class_explains_itself(images):
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(5, 3, 4, name="map"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Softmax(),
        ]
    )
    maps = keras.Model(model.inputs[0], model.get_layer("map").output)(images)
    expected = [np.asarray(maps)[n, ..., c] for n, c in enumerate(CLASSES)]
    found = class_activation_map(model, images, CLASSES)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    features = features_model(model).predict(images, verbose=0)
    np.testing.assert_allclose(features, np.mean(maps, axis=(1, 2)), rtol=1e-5)


def test_features_are_what_the_last_layer_takes(images):
    model = FineGrainedClassifier(tiny_backbone(), 5, pooling="bilinear")
    network = model.network
    own = keras.Model(model.input, network.output["features"])
    np.testing.assert_allclose(
        features_model(model).predict(images, verbose=0),
        own.predict(images, verbose=0),
        rtol=1e-5,
        atol=1e-7,
    )


def test_rejects_what_has_no_map_and_other_classes(images):
    flat = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(5),
        ]
    )
    with pytest.raises(ValueError, match="must have a feature map"):
        class_activation_map(flat, images, CLASSES)

    class Own(keras.Model):
        def call(self, pixels):
            return pixels

    with pytest.raises(ValueError, match="functional or sequential"):
        class_activation_map(Own(), images, CLASSES)
    model = plain(keras.layers.Dense(5))
    for wrong in ([0, 1], [0, 1, 5], [0.0, 1.0, 2.0], [-1, 0, 0]):
        with pytest.raises(ValueError, match="from 0 to 4. Received"):
            class_activation_map(model, images, wrong)
