"""The hash that an exported .onnx file contains of itself.

It is the last property of the file: the bytes of a model with that property
only, appended, which protobuf reads as one more property of the model. So the
hash is over all bytes before it, and can be checked without an ONNX library.
"""

import hashlib

from kerasfg.manifest import MANIFEST

KEY = "kerasfg.sha256"
_DIGITS = 64


def with_hash(contents):
    """Appends the hash to a file that has none.

    Args:
        contents: Bytes of the model.

    Returns:
        Bytes of the model.

    Example:

    >>> len(with_hash(b"a model")) - len(b"a model")
    84
    """
    return contents + _property(hashlib.sha256(contents).hexdigest())


def check_hash(contents):
    """Checks a file against its hash; files from elsewhere have none.

    Args:
        contents: Bytes of the model.

    Raises:
        ValueError: If the file was changed, or is one of `kerasfg export` and
            has lost its hash.
    """
    end = len(contents) - len(_property("0" * _DIGITS))
    digest = hashlib.sha256(contents[: max(end, 0)]).hexdigest()
    if contents[max(end, 0) :] == _property(digest):
        return
    if KEY.encode() in contents or MANIFEST.encode() in contents:
        raise ValueError(
            "the model was changed since it was exported: its SHA-256 differs "
            f"from the one in the file. Received: {digest}"
        )


def _property(digest):
    """Returns the bytes of a model that has nothing but the property."""
    key, value = KEY.encode(), digest.encode()
    entry = b"\x0a" + _sized(key) + b"\x12" + _sized(value)
    return b"\x72" + _sized(entry)  # field 14, metadata_props


def _sized(content):
    return bytes([len(content)]) + content  # below 128, hence one byte
