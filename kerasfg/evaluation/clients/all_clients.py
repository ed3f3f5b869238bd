"""The clients of a table, in its order."""

from kerasfg.evaluation.clients import canvas
from kerasfg.evaluation.clients import client as faults
from kerasfg.evaluation.clients import mistakes
from kerasfg.evaluation.clients import opencv
from kerasfg.evaluation.clients import pillow_kernels
from kerasfg.evaluation.clients.android import scaled_bitmap
from kerasfg.evaluation.clients.client import Client
from kerasfg.evaluation.clients.linear import linear

TRAINING = Client(
    "training", "as in training", "", pillow_kernels.as_trained, faults.SAME
)
_ANTIALIASED = (
    (
        "pillow_bilinear",
        "Pillow's bilinear",
        "Pillow's BILINEAR",
        pillow_kernels.bilinear,
    ),
    (
        "pillow_lanczos",
        "Pillow's Lanczos",
        "Pillow's LANCZOS",
        pillow_kernels.lanczos,
    ),
    ("pillow_box", "Pillow's box", "Pillow's BOX", pillow_kernels.box),
    ("area", "area (OpenCV)", "OpenCV's INTER_AREA", opencv.area),
    (
        "canvas_image",
        "canvas, of an <img>",
        "a canvas that draws an <img>",
        canvas.draw_image,
    ),
)
_ALIASED = (
    (
        "linear",
        "linear (OpenCV, TensorFlow)",
        "OpenCV's INTER_LINEAR or TensorFlow's resize",
        linear,
    ),
    (
        "android",
        "Android's filtered bitmap",
        "Android's createScaledBitmap",
        scaled_bitmap,
    ),
    (
        "canvas_video",
        "canvas, of a video",
        "a canvas that draws a video",
        canvas.draw_video,
    ),
    (
        "nearest",
        "nearest (Pillow, TensorFlow)",
        "nearest neighbour",
        pillow_kernels.nearest,
    ),
    (
        "nearest_opencv",
        "nearest (OpenCV)",
        "OpenCV's INTER_NEAREST",
        opencv.nearest,
    ),
)
_MISTAKES = (
    Client(
        "turned",
        "EXIF rotation ignored",
        "",
        pillow_kernels.as_trained,
        faults.TURNED,
        mistakes.turned,
    ),
    Client(
        "bgr",
        "BGR for RGB",
        "",
        pillow_kernels.as_trained,
        faults.COLOURS,
        mistakes.blue_green_red,
    ),
    Client(
        "jpeg_50",
        "JPEG at quality 50",
        "",
        mistakes.compressed,
        faults.COMPRESSED,
    ),
)
_OTHER_CROP = {
    "center": ("squashed", "squashed, not cropped"),
    "whole": ("cropped", "cropped, not squashed"),
}
# One of each fault.
_FEW = ("training", "area", "linear", "squashed", "cropped", "turned", "bgr")
_FEW += ("jpeg_50",)


def all_clients(crop="center"):
    """Lists the clients of a table.

    Args:
        crop: `"center"` or `"whole"`, what training took of a picture.
            Defaults to `"center"`.

    Returns:
        List of `Client`s; the first does as training did.

    Example:

    >>> [client.name for client in all_clients()][:3]
    ['training', 'pillow_bilinear', 'pillow_lanczos']
    """
    other = Client(
        *_OTHER_CROP[crop],
        "",
        pillow_kernels.as_trained,
        faults.CROP,
        other_crop=True,
    )
    return [
        TRAINING,
        *(Client(*kernel, faults.ANTIALIASED) for kernel in _ANTIALIASED),
        *(Client(*kernel, faults.ALIASED) for kernel in _ALIASED),
        other,
        *_MISTAKES,
    ]


def few_clients(crop="center"):
    """Lists the clients of a short table, one for each kind of fault.

    Args:
        crop: As of `all_clients`. Defaults to `"center"`.

    Returns:
        List of `Client`s; the first does as training did.
    """
    return [client for client in all_clients(crop) if client.name in _FEW]
