"""Whether an export was made from a given network."""

import base64
import binascii

import numpy as np

from kerasfg.export.wanted_files import FLOAT32
from kerasfg.manifest_schema import PIXELS

# Of the largest probability. A network that runs on a GPU, where products are
# rounded to TF32, or in another backend, differs by less than a hundredth; on
# this picture, the least sure one, another network differs by far more.
_TOLERANCE = 0.02


def other_network(manifest, predict):
    """Finds out whether the answers of a network are those of an export.

    The picture of the self-test is given to the network. The probabilities of
    the float32 files for exact pixels are those of Keras when they were made.

    Args:
        manifest: Content of the `kerasfg.json` of the export.
        predict: Function from uint8 `(pictures, N, N, 3)` to the probabilities
            of the network `(pictures, classes)`, in float32.

    Returns:
        What differs, such as `"a self-test that differs by 0.31"`;
        `None` if the export was made from the network.
    """
    answers = [
        facts.get("self_test")
        for facts in manifest["files"].values()
        if facts.get("variant") == FLOAT32 and facts.get("takes") == PIXELS
    ]
    image = _image(manifest)
    if image is None or not answers:
        return "no self-test of a float32 file for exact pixels"
    found = np.asarray(predict(image[None]))[0].astype("float64")
    for answer in answers:
        expected = _probabilities(answer)
        if expected is None or expected.shape != found.shape:
            return "a self-test that is broken"
        difference = np.abs(found - expected).max()
        if not difference <= _TOLERANCE * expected.max():  # or it is no number
            return f"a self-test that differs by {difference:.2g}"
    return None


def _image(manifest):
    size = manifest["image_size"]
    text = (manifest["self_test"] or {}).get("image")
    try:
        contents = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return None
    if len(contents) != size * size * 3:
        return None
    return np.frombuffer(contents, "uint8").reshape(size, size, 3)


def _probabilities(answer):
    try:
        return np.array(answer["probabilities"], "float64")
    except (KeyError, TypeError, ValueError):
        return None
