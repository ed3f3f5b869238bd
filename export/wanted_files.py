"""The files of an export, and what they are called."""

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
        camera: Pixels of the frame that it takes, or `None` where it takes
            pictures of the network's own size.
    """

    format: str
    variant: str = FLOAT32
    camera: int | None = None

    @property
    def name(self):
        """The file's name, such as `"model_int8.tflite"`."""
        camera = f"_camera{self.camera}" if self.camera else ""
        variant = "" if self.variant == FLOAT32 else f"_{self.variant}"
        return f"model{camera}{variant}.{self.format}"


def wanted_files(formats, variants=(), camera=None):
    """Lists what is to be written, a format's float32 file first.

    Args:
        formats: Some of `"tflite"` and `"onnx"`.
        variants: Some of `"float16"`, `"dynamic"`, `"int8"` and `"mixed"`, or
            `"all"`. Each is made in the formats that have it. Defaults to `()`.
        camera: Pixels of the frame that another `.tflite` takes. Defaults to
            `None`: no such file.

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
    idle = set(variants) - {file.variant for file in files}
    if idle:
        raise ValueError(
            f"Only a .tflite file can be made {' or '.join(sorted(idle))}. "
            f"Received: formats={formats}"
        )
    return files


def need_calibration(files):
    """Tells whether a file's value ranges must be shown by pictures."""
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
