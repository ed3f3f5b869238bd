"""The self-test of the phone app: a picture and its expected probabilities."""

import base64

import numpy as np

# Largest difference of a probability between this machine and a phone. It is
# larger for 8-bit files: sums in another order may round to the next value.
TOLERANCES = {"float32": 1e-4, "float16": 1e-4}
_ROUNDED, _SHRUNK = 0.02, 1e-3
_CANDIDATES = 32


def self_test_image(graph):
    """Draws the picture: coloured blots and noise, not a user's picture.

    Of several pictures it chooses the one whose probabilities in Keras have
    the largest entropy. A broken network is unlikely to return the same
    probabilities by chance.

    Args:
        graph: `InferenceGraph`.

    Returns:
        uint8 array of shape `(N, N, 3)`, determined by the network.
    """
    random = np.random.default_rng(0)
    size = graph.image_size
    images = np.stack([_blots(random, size) for _ in range(_CANDIDATES)])
    probabilities = graph.predict(images).astype("float64")
    logarithms = np.log(np.maximum(probabilities, 1e-12))
    entropies = -(probabilities * logarithms).sum(axis=1)
    return images[int(np.argmax(entropies))]


def self_test_frame(image, frame_size):
    """Enlarges the picture to a frame, by the nearest pixel.

    So a file that takes frames needs no picture of its own: row `i` of the
    frame is row `i * N // frame_size` of the picture, and columns likewise.

    Args:
        image: uint8 array `(N, N, 3)`.
        frame_size: Side of the frame in pixels.

    Returns:
        uint8 array `(frame_size, frame_size, 3)`.
    """
    nearest = np.arange(frame_size) * len(image) // frame_size
    return image[nearest][:, nearest]


def describe_image(image):
    """Returns the picture for JSON: base64 of its RGB bytes, row by row."""
    return {"image": base64.b64encode(image.tobytes()).decode("ascii")}


def describe_answer(probabilities, variant, frame=False):
    """Returns a file's probabilities for the picture and their tolerance.

    Args:
        probabilities: Array of shape `(classes,)`.
        variant: `"float32"`, or one of `kerasfg.export.quantize`.
        frame: Whether the file shrinks the picture itself. Defaults to
            `False`.
    """
    tolerance = TOLERANCES.get(variant, _ROUNDED)
    if frame:  # where sums are in another order, a pixel may differ by one
        tolerance = max(tolerance, _SHRUNK)
    return {
        "probabilities": [float(f"{x:.7g}") for x in probabilities],
        "tolerance": tolerance,
    }


def _blots(random, size):
    """Draws a background and three soft blots in random colours, and noise."""
    rows, columns = np.mgrid[:size, :size] / size
    image = np.broadcast_to(random.uniform(0, 255, 3), (size, size, 3))
    for _ in range(3):
        row, column = random.uniform(0, 1, 2)
        width = random.uniform(0.1, 0.4)
        distance = (rows - row) ** 2 + (columns - column) ** 2
        weight = np.exp(-distance / (2 * width**2))[..., None]
        image = image * (1 - weight) + random.uniform(0, 255, 3) * weight
    image = image + random.normal(0, 12, image.shape)
    return np.clip(np.rint(image), 0, 255).astype("uint8")
