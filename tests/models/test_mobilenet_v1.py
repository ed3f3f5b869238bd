import keras
import numpy as np
import pytest

from kerasfg.models.backbones import backbone


@pytest.fixture(scope="module", params=[False, True], ids=["bare", "whole"])
def weights(request, tmp_path_factory):
    """A file of random weights, and the network that they are of."""
    keras.utils.set_random_seed(1)
    network = keras.applications.MobileNet(
        (224, 224, 3), 0.25, include_top=request.param, weights=None
    )
    rng = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for weight in layer.weights:
                weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    path = tmp_path_factory.mktemp("mobilenet") / "mobilenet.weights.h5"
    network.save_weights(path)
    return path, network


@pytest.mark.slow
def test_a_file_of_weights_gives_what_keras_gives(weights, rng):
    path, network = weights
    images = rng.integers(0, 256, (2, 224, 224, 3), dtype="uint8")
    given = backbone("mobilenet_v1_025", 224, weights=path)(images)
    last = network.get_layer("conv_pw_13_relu").output
    expected = keras.Model(network.input, last)(images / 127.5 - 1)
    assert np.asarray(expected).std() > 0.1
    np.testing.assert_allclose(given, expected, atol=1e-4)


def test_a_file_of_another_network_is_refused(tmp_path):
    path = tmp_path / "half.weights.h5"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save_weights(
        path
    )
    with pytest.raises(OSError, match="does not hold Keras's weights.*half"):
        backbone("mobilenet_v1_025", 32, weights=path)


@pytest.mark.parametrize("weights", ["no_such_place", 3, "weights.npz"])
def test_rejects_weights(weights):
    with pytest.raises(ValueError, match=r"\.h5 file .* Received: weights="):
        backbone("mobilenet_v1_025", 32, weights=weights)


def test_a_missing_file_is_named():
    with pytest.raises(ValueError, match="'none.h5', which is nothing"):
        backbone("mobilenet_v1_025", 32, weights="none.h5")


def test_without_a_network_the_error_says_what_to_do(monkeypatch):
    def refuse(*_, **__):
        raise Exception("URL fetch failure")  # what Keras raises

    monkeypatch.setattr(keras.applications, "MobileNet", refuse)
    with pytest.raises(OSError, match="URL fetch failure.*weights=None.*h5"):
        backbone("mobilenet_v1_025", 32)
