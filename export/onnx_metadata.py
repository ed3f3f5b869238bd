"""Adds and reads labels and preprocessing inside an .onnx file."""

from kerasfg.export.onnx_file.own_hash import KEY
from kerasfg.export.onnx_file.own_hash import with_hash


def add_onnx_metadata(contents, properties):
    """Adds properties that onnxruntime shows as `custom_metadata_map`.

    The last one is the SHA-256 of the whole file before it, `kerasfg.sha256`.

    Args:
        contents: Bytes of the model.
        properties: `{name: text}`, such as JSON. They replace properties of
            the same name.

    Returns:
        Bytes of the model with its properties, sorted by name, and its hash.
        They are determined by the arguments.

    Raises:
        ValueError: If `contents` is not a model.

    Example:

    ```python
    properties = {"class_names": json.dumps(["bluebell", "crocus"])}
    contents = add_onnx_metadata(contents, properties)
    ```
    """
    import onnx

    proto = _parse(contents)
    merged = {**_properties(proto), **properties}
    onnx.helper.set_model_props(proto, dict(sorted(merged.items())))
    return with_hash(proto.SerializeToString(deterministic=True))


def read_onnx_metadata(contents):
    """Reads the properties of an ONNX model, which may be malicious.

    Args:
        contents: Bytes of the model.

    Returns:
        `{name: text}`, empty if there are no properties; without the hash,
        which `kerasfg.export.onnx_file.own_hash` checks.

    Raises:
        ValueError: If `contents` is not a model, a property is not text, or
            two properties have the same name.
    """
    return _properties(_parse(contents))


def _parse(contents):
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return onnx.load_model_from_string(contents)
    except (DecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"this is not an ONNX model, or it is broken: {error}"
        ) from error


def _properties(proto):
    properties = {}
    for entry in proto.metadata_props:
        # Protobuf returns text that is not UTF-8 as bytes.
        if not isinstance(entry.key, str) or not isinstance(entry.value, str):
            raise ValueError(
                f"a property of the model is not UTF-8. Received: {entry.key!r}"
            )
        if entry.key in properties:
            raise ValueError(
                "two properties of the model have the same name. "
                f"Received: {entry.key!r}"
            )
        properties[entry.key] = entry.value
    properties.pop(KEY, None)
    return properties
