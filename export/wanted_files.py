"""Lists the files of an export and their names."""

import dataclasses

from kerasfg.export.quantize import CALIBRATED
from kerasfg.export.quantize import VARIANTS

FLOAT32 = "float32"
FORMATS = tuple(VARIANTS)


@dataclasses.dataclass(frozen=True)
class WantedFile:
    """One file to write.

    Attributes:
        format: `"tflite"` or `"onnx"`.
        variant: `"float32"`, or one of `kerasfg.export.quantize`.
        camera: Side in pixels of the camera frame that the file takes, or
            `None` if it takes pictures of the network's input size.
    """

    format: str
    variant: str = FLOAT32
    camera: int | None = None

    @property
    def name(self):
        """Name of the file, such as `"model_int8.tflite"`."""
        camera = f"_camera{self.camera}" if self.camera else ""
        variant = "" if self.variant == FLOAT32 else f"_{self.variant}"
        return f"model{camera}{variant}.{self.format}"


def wanted_files(formats, variants=(), camera=None):
    """Lists the files to write, the float32 file of each format first.

    Args:
        formats: Some of `"tflite"` and `"onnx"`.
        variants: Some of the variants of `kerasfg.export.quantize`, or `"all"`.
            Each is written in the formats that support it. Defaults to `()`.
        camera: Side in pixels of the frame of an additional `.tflite` file for
            camera frames. Defaults to `None`: no such file.

    Returns:
        List of `WantedFile`s.

    Raises:
        ValueError: If there is no such format or variant.

    Example:

    >>> [file.name for file in wanted_files(["tflite"], ["int8"], camera=224)]
    ['model.tflite', 'model_int8.tflite', 'model_camera224.tflite']
    """
    formats = _some_of("formats", formats, FORMATS)
    known = tuple(dict.fromkeys(x for some in VARIANTS.values() for x in some))
    if variants == "all":
        variants = {x for name in formats for x in VARIANTS[name]}
    elif variants:
        variants = _some_of("variants", variants, known)
    if camera is not None and "tflite" not in formats:
        raise ValueError(
            "The file for camera frames is a .tflite: add that format. "
            f"Received: camera={camera}, formats={formats}"
        )
    files = []
    for name in formats:
        files.append(WantedFile(name))
        files += [WantedFile(name, x) for x in VARIANTS[name] if x in variants]
        if camera is not None and name == "tflite":
            files.append(WantedFile(name, camera=camera))
    unused = set(variants) - {file.variant for file in files}
    if unused:
        raise ValueError(
            f"Only a .tflite file can be {' or '.join(sorted(unused))}: add "
            f"that format. Received: formats={formats}"
        )
    return files


def need_calibration(files):
    """Returns whether a file needs pictures to measure ranges of values."""
    return any(file.variant in CALIBRATED for file in files)


def _some_of(name, given, known):
    given = _tuple(given)
    if not given or set(given) - set(known):
        raise ValueError(
            f"`{name}` must be some of {', '.join(known)}. "
            f"Received: {name}={given}"
        )
    return tuple(x for x in known if x in given)


def _tuple(given):
    return (given,) if isinstance(given, str) else tuple(given)
