"""The ways in which apps shrink a picture to the size of the network."""

from __future__ import annotations

from PIL import Image

# As the pictures of validation and test are shrunk.
TRAINING = "bicubic"

# One of these is drawn for each view; one that is listed twice is drawn twice
# as often.
MIXED = (
    "bicubic",
    "bicubic",
    "bilinear",
    "box",
    "lanczos",
    "linear",
    "linear",
    "nearest",
    "frame_128",
    "frame_256",
)

# Each pixel of the result is a mean over all pixels that it covers.
_ANTIALIASED = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}
# Each pixel is taken from where its middle is, from one pixel or from four, as
# MediaPipe, OpenCV and Android do.
_POINTS = {
    "linear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
}
# An app shrinks to a frame of that many pixels, an exported file the frame.
_FRAMES = {"frame_128": 128, "frame_256": 256}


def resize(image: Image.Image, image_size: int, name: str) -> Image.Image:
    """Resizes a picture to a square in one of the ways of `MIXED`.

    Args:
        image: RGB picture of any size.
        image_size: Side of the result in pixels.
        name: Name of the way. `"frame_128"` and `"frame_256"` are what
            `frame_of` is followed by: `"bicubic"`.

    Returns:
        RGB picture of `image_size` x `image_size` pixels.

    Example:

    >>> resize(Image.new("RGB", (40, 30), "red"), 2, "linear").size
    (2, 2)
    """
    size = (image_size, image_size)
    if name in _POINTS:
        return _sampled(image, size, _POINTS[name])
    name = TRAINING if name in _FRAMES else name
    return image.resize(size, _ANTIALIASED[name])


def frame_of(image: Image.Image, image_size: int, name: str) -> Image.Image:
    """Shrinks a picture to the frame that an app gives to an exported file.

    Args:
        image: RGB picture of any size.
        image_size: Side of the network's input, in pixels.
        name: One of `MIXED`.

    Returns:
        RGB picture: that of a frame, or `image` itself where the way has none,
        or its frame would not be between the picture and the network.

    Example:

    >>> frame_of(Image.new("RGB", (300, 200)), 32, "frame_128").size
    (128, 128)
    """
    frame = _FRAMES.get(name, 0)
    if not image_size < frame < min(image.size):
        return image
    return _sampled(image, (frame, frame), Image.Resampling.BILINEAR)


def _sampled(image, size, resample):
    across, down = (
        old / new for old, new in zip(image.size, size, strict=True)
    )
    return image.transform(
        size,
        Image.Transform.AFFINE,
        (across, 0, 0, 0, down, 0),
        resample=resample,
    )
