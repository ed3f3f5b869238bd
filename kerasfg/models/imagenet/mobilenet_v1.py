"""MobileNet v1, from Keras itself, whose weights are in one `.h5` file."""

import pathlib

import keras

from kerasfg.given_file import check_given

_SHAPE = (224, 224, 3)  # of the pictures that Keras's weights are for
_LAST = "conv_pw_13_relu"


def mobilenet_v1(alpha, weights):
    """Builds MobileNet v1 without its classifier.

    Args:
        alpha: Share of the channels of the full network: 0.25, 0.5, 0.75 or 1.
        weights: `"imagenet"`: Keras downloads them, once; `None` for random
            ones; or the path of an `.h5` file with Keras's weights of this
            network, with its ImageNet classifier or without.

    Returns:
        Functional `keras.Model` from pixels, -1 to 1, to a feature map.

    Raises:
        ValueError: If `weights` is something else.
        OSError: If the weights cannot be read or downloaded.
    """
    if weights in ("imagenet", None):
        try:
            return _network(alpha, weights=weights)
        except Exception as error:  # of a download, of many types
            raise OSError(
                "Keras could not download the ImageNet weights of MobileNet "
                f"({_cause(error)}). Give weights=None for random weights, or "
                "the path of an .h5 file of them, or take efficientnet_lite0, "
                f"whose weights need no download. Received: alpha={alpha}"
            ) from error
    return _of_file(alpha, _weights_file(weights))


def _network(alpha, include_top=False, weights=None):
    return keras.applications.MobileNet(
        _SHAPE, alpha=alpha, include_top=include_top, weights=weights
    )


def _weights_file(weights):
    path = pathlib.Path(weights) if isinstance(weights, str) else weights
    if not isinstance(path, pathlib.Path) or path.suffix != ".h5":
        raise ValueError(
            'Argument `weights` must be "imagenet", None or the path of an '
            ".h5 file with Keras's weights of MobileNet. "
            f"Received: weights={weights!r}"
        )
    check_given(path, "The weights")
    return path


def _of_file(alpha, path):
    for include_top in (False, True):
        network = _network(alpha, include_top)
        try:
            network.load_weights(path)
        except Exception as error:  # h5py and Keras raise many types
            cause = error
        else:
            return keras.Model(network.input, network.get_layer(_LAST).output)
    raise OSError(
        "The file does not hold Keras's weights of MobileNet with this alpha "
        f"({_cause(cause)}). Received: weights={str(path)!r}, alpha={alpha}"
    )


def _cause(error):
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"
