"""The formats of pictures that are read, known by suffix or first bytes.

Importing this module teaches Pillow to read HEIC and HEIF, as phones write
them.
"""

import os
import re

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

# Pillow knows the suffixes of these formats, but has no decoder for them; EPS
# would be run as a program by Ghostscript.
_NO_DECODER = {
    *("BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "PALM", "PDF", "WMF")
}

# First bytes of the formats that are also known without a suffix. Those of
# rare formats, two bytes or none, would match other files.
_SIGNATURES = re.compile(
    rb"\xff\xd8\xff"  # JPEG
    rb"|\x89PNG\r\n\x1a\n"
    rb"|GIF8[79]a"
    rb"|RIFF....WEBP"
    rb"|BM....\0\0\0\0"  # BMP
    rb"|II\*\0|MM\0\*|II\+\0|MM\0\+"  # TIFF
    rb"|....ftyp(?:avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|msf1)"
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"  # JPEG 2000
    rb"|qoif",
    re.DOTALL,
)

# The number of first bytes that `is_picture` needs.
HEAD = 32

# Raw files of cameras begin like TIFF but hold the sensor's values.
RAW = {
    *(".3fr", ".arw", ".cr2", ".cr3", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
    *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2"),
    *(".rwl", ".sr2", ".srf", ".srw", ".x3f"),
}


def suffix_of(name):
    """Returns the suffix of a file's name in lower case, with the dot."""
    return os.path.splitext(name)[1].lower()


def picture_suffixes():
    """Returns the suffixes of the picture formats that are decoded.

    Returns:
        Set of strings in lower case, with the dot.

    Example:

    >>> {".jpg", ".heic"} <= picture_suffixes()
    True
    """
    known = Image.registered_extensions()  # also loads every decoder
    return {suffix for suffix, name in known.items() if name not in _NO_DECODER}


def decoded_formats():
    """Returns Pillow's names of the formats that may be decoded, a list."""
    Image.init()
    return [name for name in Image.ID if name not in _NO_DECODER]


def is_picture(head):
    """Returns whether a file is a picture by its first `HEAD` bytes.

    Example:

    >>> is_picture(b"GIF89a")
    True
    >>> is_picture(b"%PDF-1.7")
    False
    """
    return _SIGNATURES.match(head) is not None
