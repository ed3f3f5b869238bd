"""Decodes a picture file of any format to RGB pixels."""

from __future__ import annotations

import contextlib
import io
import os
from typing import BinaryIO

import numpy as np
from PIL import ExifTags
from PIL import Image
from PIL import UnidentifiedImageError

from kerasfg.data.files.formats import HEAD
from kerasfg.data.files.formats import decoded_formats
from kerasfg.data.files.formats import is_picture
from kerasfg.data.files.openable import OpenablePath
from kerasfg.data.pixels import capture

# Pillow's own limit, above which a picture may be a decompression bomb.
MAX_PIXELS = 178_956_970

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode_image(
    file: str | os.PathLike[str] | BinaryIO,
) -> Image.Image:
    """Decodes a picture in any format that Pillow reads, or HEIC.

    The EXIF orientation is applied, transparent pixels are blended with
    white, 16-bit grey is scaled to 8 bits, and of an animation the first frame
    is used. Colour profiles are ignored.

    Args:
        file: Path, an `OpenablePath`, or a binary file object.

    Returns:
        RGB `PIL.Image.Image`. Its `info["kerasfg_captured"]` is the camera and
        the time in the EXIF data, see `kerasfg.data.pixels.capture`.

    Raises:
        OSError: If the file cannot be read, is not a picture or is truncated.
        ValueError: If the picture has more than `MAX_PIXELS` pixels (checked
            before decoding), is damaged, or has floating-point pixels or
            integers of more than 16 bits, for which no value means white.

    Example:

    >>> file = io.BytesIO()
    >>> Image.new("L", (3, 2), 128).save(file, "png")
    >>> decode_image(file).getpixel((0, 0))
    (128, 128, 128)
    """
    if hasattr(file, "read"):
        return _decode(file)
    if isinstance(file, OpenablePath):
        with file.file.open() as opened:
            return _decode(opened)
    with open(file, "rb") as opened:  # pyright: ignore
        return _decode(opened)


def upright_size(file: BinaryIO) -> tuple[int, int]:
    """Returns the width and height of a picture turned upright.

    Only its head is read.

    Args:
        file: Binary file object.

    Raises:
        OSError: If it is not a picture.
        ValueError: If it is damaged.
    """
    try:
        with Image.open(file, formats=decoded_formats()) as image:
            turned = _exif(image).get(ExifTags.Base.Orientation) in range(5, 9)
            turned &= image.format != "TIFF"  # Pillow has turned its size
            width, height = image.size
            return (height, width) if turned else (width, height)
    except OSError:
        raise
    except Exception as error:  # of many types, as in decoding
        raise ValueError(_one_line(error)) from error


def _decode(file):
    if not file.seekable():
        file = io.BytesIO(file.read())
    if not file.seek(0, io.SEEK_END):
        raise OSError("the file is empty")
    try:
        with Image.open(file, formats=decoded_formats()) as image:
            _check_pixels(*image.size)
            image.load()
            exif = _exif(image)
            orientation = exif.get(ExifTags.Base.Orientation)
            upright = _rotate(_to_rgb(image), orientation)
            upright.info[capture.KEY] = capture.captured(exif)
            return upright
    except UnidentifiedImageError:
        raise OSError(_unidentified(file)) from None
    except Image.DecompressionBombError as error:
        raise ValueError(_one_line(error)) from None
    except (OSError, ValueError) as error:
        raise type(error)(_one_line(error)) from error
    except Exception as error:
        # For a damaged file Pillow's decoders raise errors of many types.
        reason = f"damaged ({type(error).__name__}: {_one_line(error)})"
        raise ValueError(reason) from error


def _unidentified(file):
    file.seek(0)
    if is_picture(file.read(HEAD)):
        return "damaged or truncated at its beginning"
    return "not a picture in a format that Pillow reads"


def _one_line(error):
    return " ".join(str(error).split())


def _check_pixels(width, height):
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"{width} x {height} pixels are more than the limit of "
            f"{MAX_PIXELS} (a decompression bomb?)"
        )


def _exif(image):
    # A picture with damaged EXIF data is still usable.
    with contextlib.suppress(Exception):
        return image.getexif()
    return Image.Exif()


def _rotate(image, orientation):
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def _to_rgb(image):
    if image.mode == "F":
        raise ValueError("floating-point pixels: convert it to 8 or 16 bits")
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    # `convert` would copy an RGB picture.
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_16_bits(image):
    # Pillow's conversion to 8 bits clips the values instead of scaling them.
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise ValueError("pixels of more than 16 bits: convert it to 8 or 16")
    grey = ((values + 128) // 257).astype(np.uint8)  # 65535 becomes 255
    return Image.fromarray(grey).convert("RGB")
