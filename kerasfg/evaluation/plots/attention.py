"""Computes and draws the attention masks of a classifier."""

import numpy as np

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.plots.picture_sheet import PictureSheet
from kerasfg.evaluation.predictions import check_images
from kerasfg.evaluation.predictions import check_predictions

CLASSES = 8
PER_CLASS = 3  # pictures in one row, each next to its mask
COLORS = "viridis"  # perceptually uniform
OPACITY = 0.65  # of the mask over the grey picture


def attention_maps(model, images):
    """Computes the attention mask of pictures, `mean(sigmoid(F))`.

    `F` is the input of the deepest attention layer, and the mean is over its
    channels. If `F` is the output of a ReLU, a mask is in [0.5, 1).

    Args:
        model: Model whose `network` is a functional model with a layer named
            `"attention"`, or with layers named `"attention_1"` and so on. The
            layer with the highest number is the deepest.
        images: Pixels of shape `(n, height, width, 3)`, 0 to 255.

    Returns:
        Float32 array of shape `(n, map_height, map_width)`.

    Raises:
        ValueError: If the model has no attention.
    """
    import keras

    # Masks differ by less than the precision of a mean in float16.
    features = keras.ops.cast(_deepest(model).input, "float32")
    mask = keras.ops.mean(keras.ops.sigmoid(features), axis=-1)
    network = keras.Model(model.network.inputs, mask)
    return network.predict(np.asarray(images, "float32"), verbose=0)


def a_few_of_each(labels):
    """Chooses up to 3 pictures of each of up to 8 classes for drawing.

    The choice is not random: the classes are spread evenly over all classes
    with a picture, and the pictures over all pictures of a class.

    Args:
        labels: True classes, integers of shape `(n,)`.

    Returns:
        Array of indices into `labels`.

    Example:

    >>> a_few_of_each([1, 1, 1, 1, 1, 0]).tolist()
    [5, 0, 2, 4]
    """
    labels = np.asarray(labels)
    classes = _spread(np.unique(labels), CLASSES)
    return np.concatenate(
        [_spread(np.flatnonzero(labels == c), PER_CLASS) for c in classes]
    )


def plot_attention(images, labels, probabilities, masks, class_names, filepath):
    """Draws the input pictures of the network next to their masks.

    The mask is drawn over the picture in grey, with one square for each cell.
    Its colours range from the lowest to the highest value of the mask. Both
    values are written below the picture, since they may be nearly equal.

    Args:
        images: uint8 input pixels of the network, `(n, height, width, 3)`.
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`.
        masks: Result of `attention_maps`, `(n, map_height, map_width)`.
        class_names: One unique name per class.
        filepath: Path of the picture.

    Raises:
        ValueError: If the arguments do not fit together.
    """
    labels, probabilities = check_predictions(
        labels, probabilities, class_names
    )
    _check_shapes(images, masks, len(labels))
    sheet = PictureSheet(2 * len(labels), 2 * min(PER_CLASS, len(labels)), 2)
    sheet.title("Attention of each picture, from lowest (dark) to highest")
    for i, (label, predicted) in enumerate(
        zip(labels, probabilities.best[0], strict=True)
    ):
        sheet.tile(2 * i, images[i])
        sheet.line(2 * i, 0, "true: ", class_names[label], BLUE)
        start = f"predicted {percent(probabilities.best[1][i])}: "
        color = BLUE if predicted == label else ORANGE
        sheet.line(2 * i, 1, start, class_names[predicted], color)
        _draw_mask(sheet.tile(2 * i + 1, _grey(images[i])), masks[i])
        low, high = masks[i].min(), masks[i].max()
        sheet.line(2 * i + 1, 0, f"mask {low:.4f} to {high:.4f}", "", GREY)
        verdict = "right" if predicted == label else "wrong"
        sheet.line(2 * i + 1, 1, verdict, "", color)
    save_figure(sheet.figure, filepath)


def _deepest(model):
    network = getattr(model, "network", None)
    found = {
        int(number or 0): layer
        for layer in getattr(network, "layers", ())
        for name, _, number in [layer.name.partition("_")]
        if name == "attention" and (number.isdigit() or not number)
    }
    if not found:
        raise ValueError(
            "The model must have an attention layer. Train one with "
            f"`kerasfg train --attention`. Received: model={model.name!r} "
            "without a layer named 'attention'"
        )
    return found[max(found)]


def _spread(values, most):
    chosen = np.linspace(0, len(values) - 1, min(most, len(values)))
    return values[chosen.round().astype(int)]


def _grey(image):
    luma = (image @ np.array([0.299, 0.587, 0.114])).round().astype("uint8")
    return np.repeat(luma[..., None], 3, axis=-1)


def _draw_mask(axes, mask):
    axes.imshow(
        mask,
        cmap=COLORS,
        alpha=OPACITY,
        extent=axes.images[0].get_extent(),
        interpolation="nearest",
    )


def _check_shapes(images, masks, n):
    check_images(images)
    if np.ndim(masks) != 3 or not n == len(images) == len(masks):
        raise ValueError(
            "Argument `masks` must be of shape `(n, map_height, map_width)`, "
            "one for each of `images` and `labels`. Received: masks.shape="
            f"{np.shape(masks)}, {len(images)} images, {n} labels"
        )
