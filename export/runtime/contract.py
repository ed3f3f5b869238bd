"""The input and output that every exported classifier must have."""

import dataclasses

import numpy as np

FAMILIARITY = "familiarity"  # name of the second output


@dataclasses.dataclass(frozen=True)
class Port:
    """An input or output of a file; `dtype` is NumPy's name."""

    name: str
    dtype: str
    shape: tuple


def check_ports(inputs, outputs):
    """Checks that a file takes one picture and returns probabilities.

    It may also return the familiarity of the picture, float32 `(1, 1)`.

    Args:
        inputs: `Port`s.
        outputs: `Port`s.

    Returns:
        `(image_size, num_classes, places)`: the last is the positions of two
        outputs, the probabilities and the familiarity; `None` without one.

    Raises:
        ValueError: If the file is no classifier of this kind.
    """
    places = [i for i, port in enumerate(outputs) if port.name == FAMILIARITY]
    others = [i for i in range(len(outputs)) if i not in places]
    if len(inputs) != 1 or len(others) != 1 or len(places) > 1:
        raise ValueError(
            "a classifier has one input and one output, or a second one named "
            f"{FAMILIARITY}. Received: inputs={[p.name for p in inputs]}, "
            f"outputs={[p.name for p in outputs]}"
        )
    image, probabilities = inputs[0], outputs[others[0]]
    for place in places:
        _check_familiarity(outputs[place])
    shape = image.shape
    if image.dtype != "uint8" or not (
        _is_fixed(shape, 4) and shape == (1, shape[1], shape[1], 3)
    ):
        raise ValueError(
            "the input must be one picture of fixed size, uint8 (1, N, N, 3). "
            f"Received: {image.dtype} {shape}"
        )
    shape = probabilities.shape
    if probabilities.dtype != "float32" or not (
        _is_fixed(shape, 2) and shape[0] == 1 and shape[1] > 1
    ):
        raise ValueError(
            "the output must be float32 (1, classes). "
            f"Received: {probabilities.dtype} {shape}"
        )
    return image.shape[1], shape[1], (others[0], places[0] if places else None)


def _check_familiarity(port):
    if port.dtype != "float32" or port.shape != (1, 1):
        raise ValueError(
            f"the output {FAMILIARITY} must be float32 (1, 1). "
            f"Received: {port.dtype} {port.shape}"
        )


def check_images(images, image_size, name="images"):
    """Checks that pictures are uint8 `(pictures, N, N, 3)`.

    Args:
        images: Array to check.
        image_size: N.
        name: Name of the argument in an error. Defaults to `"images"`.

    Returns:
        The array.

    Raises:
        ValueError: If it is of another shape or dtype, or empty.
    """
    images = np.asarray(images)
    size = (image_size, image_size, 3)
    if images.dtype != "uint8" or images.ndim != 4 or images.shape[1:] != size:
        raise ValueError(
            f"`{name}` must be uint8 of shape (pictures, {image_size}, "
            f"{image_size}, 3). Received: {images.dtype} {images.shape}"
        )
    if not len(images):
        raise ValueError("At least one picture is needed. Received: 0 images")
    return images


def _is_fixed(shape, rank):
    return len(shape) == rank and all(
        isinstance(size, int) and size > 0 for size in shape
    )
