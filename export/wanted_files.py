"""Lists the files of an export and their names."""

import dataclasses

from kerasfg.export.quantize import CALIBRATED
from kerasfg.export.quantize import VARIANTS

FLOAT32 = "float32"
MICRO = "micro"
FORMATS = tuple(VARIANTS)


@dataclasses.dataclass(frozen=True)
class WantedFile:
    """One file to write.

    Attributes:
        format: `"tflite"` or `"onnx"`.
        variant: `"float32"`, one of `kerasfg.export.quantize`, or `"micro"`.
        pixels: Side of the picture, in pixels, of a file that takes a picture
            already shrunk; or `None` if the file takes a frame.
    """

    format: str
    variant: str = FLOAT32
    pixels: int | None = None

    @property
    def name(self):
        """Name of the file, such as `"model_pixels32_int8.tflite"`."""
        return file_name(self.format, self.variant, self.pixels)


def file_name(format_, variant=FLOAT32, pixels=None):
    """Returns the name of a file; the arguments are those of `WantedFile`."""
    # A file for microcontrollers always takes exact pixels.
    exact = "" if pixels is None or variant == MICRO else f"_pixels{pixels}"
    variant = "" if variant == FLOAT32 else f"_{variant}"
    return f"model{exact}{variant}.{format_}"


def wanted_files(formats, variants=(), image_size=None, micro=False):
    """Lists the files to write, the float32 file of each format first.

    Args:
        formats: Some of `"tflite"` and `"onnx"`.
        variants: Some of the variants of `kerasfg.export.quantize`, or `"all"`.
            Each is written in the formats that support it. Defaults to `()`.
        image_size: Side of the network's input in pixels. Defaults to `None`:
            only the files for frames are listed.
        micro: Whether to add the file for microcontrollers. Defaults to
            `False`.

    Returns:
        List of `WantedFile`s: those that take a frame, then those that take
        exact pixels.

    Raises:
        ValueError: If there is no such format or variant, or the file for
            microcontrollers is wanted without the format `"tflite"`.

    Example:

    >>> [file.name for file in wanted_files(["tflite"], ["int8"])]
    ['model.tflite', 'model_int8.tflite']
    >>> [file.name for file in wanted_files(["onnx"], image_size=32)]
    ['model.onnx', 'model_pixels32.onnx']
    """
    formats = _some_of("formats", formats, FORMATS)
    known = tuple(dict.fromkeys(x for some in VARIANTS.values() for x in some))
    if variants == "all":
        variants = {x for name in formats for x in VARIANTS[name]}
    elif variants:
        variants = _some_of("variants", variants, known)
    files = [
        WantedFile(name, variant)
        for name in formats
        for variant in (FLOAT32, *VARIANTS[name])
        if variant == FLOAT32 or variant in variants
    ]
    unused = set(variants) - {file.variant for file in files}
    if unused:
        raise ValueError(
            f"Only a .tflite file can be {' or '.join(sorted(unused))}: add "
            f"that format. Received: formats={formats}"
        )
    if image_size is not None:
        files += [dataclasses.replace(x, pixels=image_size) for x in files]
    if micro:
        if "tflite" not in formats:
            raise ValueError(
                "The file for microcontrollers is a .tflite: add that format. "
                f"Received: micro=True, formats={formats}"
            )
        files.append(WantedFile("tflite", MICRO, image_size))
    return files


def need_calibration(files):
    """Returns whether a file needs pictures to measure ranges of values."""
    return any(file.variant in (*CALIBRATED, MICRO) for file in files)


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
