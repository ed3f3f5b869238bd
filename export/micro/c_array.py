"""Writes a file for microcontrollers as a C array, with its constants."""

import math

import numpy as np

from kerasfg.export.micro.eight_bits import INPUT_SCALE
from kerasfg.export.micro.eight_bits import OUTPUT_SCALE
from kerasfg.export.micro.eight_bits import ZERO_POINT

HEADER, SOURCE = "model_micro.h", "model_micro.cc"
C_FILES = (HEADER, SOURCE)
# Methods of `MicroMutableOpResolver` that are not named after the operator.
_METHODS = {"BATCH_MATMUL": "AddBatchMatMul", "PADV2": "AddPadV2"}
# A board's kernels need more memory than the arena that was measured.
_MARGIN = 1.25

_HEADER = """\
// {name}
// Written by `kerasfg export --micro`: the network as a C array, like the
// examples of TensorFlow Lite for Microcontrollers.
#ifndef KERASFG_MODEL_MICRO_H_
#define KERASFG_MODEL_MICRO_H_

#include <cstdint>

// The file model_micro.tflite without its metadata.
extern const unsigned char g_model_micro[];
constexpr unsigned int g_model_micro_size = {bytes};

// One picture: {side} rows of {side} pixels of red, green and blue, bytes.
// {crop}
// Shrink it to {side} x {side} with antialiasing (each new pixel the mean of
// all those that it covers, or better), not by picking pixels.
constexpr int kNumRows = {side};
constexpr int kNumCols = {side};
constexpr int kNumChannels = 3;

// A pixel p of 0 to 255 becomes the number p - 128:
//   input->data.int8[i] = static_cast<int8_t>(p - 128);
constexpr float kInputScale = {input_scale}f;
constexpr int kInputZeroPoint = {zero_point};

// A number q of the output is the probability (q + 128) / 256:
//   (output->data.int8[i] - kOutputZeroPoint) * kOutputScale
constexpr float kOutputScale = {output_scale}f;
constexpr int kOutputZeroPoint = {zero_point};

// Probabilities are divided in their logarithm by the temperature before they
// are compared with the threshold, below which the answer is "not sure".
constexpr float kTemperature = {temperature}f;
constexpr float kThreshold = {threshold}f;

constexpr int kCategoryCount = {classes};
extern const char* const kCategoryLabels[kCategoryCount];

// {arena}
// Kernels of a board may need more, and this leaves a quarter for them:
// interpreter.arena_used_bytes() returns what is used.
constexpr int kTensorArenaSize = {kibibytes} * 1024;

// The operators:
//   static tflite::MicroMutableOpResolver<{count}> resolver;
{methods}

#endif  // KERASFG_MODEL_MICRO_H_
"""


def c_files(contents, manifest, operators, arena_bytes, is_measured=True):
    """Returns the texts of a header and a source file in C++.

    Args:
        contents: Bytes of the file.
        manifest: Content of `kerasfg.json`, whose `name`, `image_size`, `crop`,
            `crop_fraction`, `class_names`, `temperature` and `threshold` are
            written down.
        operators: Names of its operators.
        arena_bytes: Memory that the interpreter needs, in bytes.
        is_measured: Whether that was measured, not estimated. Defaults to
            `True`.

    Returns:
        `{file name: text}`.

    Raises:
        ValueError: If the temperature is not positive and finite in float32,
            or the threshold is not a probability.

    Example:

    >>> from kerasfg.manifest import make_manifest
    >>> manifest = make_manifest(32, ["tit", "wren"])
    >>> texts = c_files(b"TFL3", manifest, ["SOFTMAX"], 2000)
    >>> print(texts["model_micro.cc"])
    #include "model_micro.h"
    <BLANKLINE>
    alignas(16) const unsigned char g_model_micro[] = {
        0x54, 0x46, 0x4c, 0x33,
    };
    <BLANKLINE>
    const char* const kCategoryLabels[kCategoryCount] = {
        "tit",
        "wren",
    };
    <BLANKLINE>
    """
    labels = "".join(f"    {_c_string(x)},\n" for x in manifest["class_names"])
    source = (
        f'#include "{HEADER}"\n\n'
        "alignas(16) const unsigned char g_model_micro[] = {\n"
        f"{_c_bytes(contents)}}};\n\n"
        "const char* const kCategoryLabels[kCategoryCount] = {\n"
        f"{labels}}};\n"
    )
    header = _header(contents, manifest, operators, arena_bytes, is_measured)
    return {HEADER: header, SOURCE: source}


def _header(contents, manifest, operators, arena_bytes, is_measured):
    methods = [f"//   resolver.{_method(x)}();" for x in operators]
    how = "measured with tflite-micro" if is_measured else "an estimate"
    return _HEADER.format(
        name=_comment(manifest["name"]),
        bytes=len(contents),
        side=manifest["image_size"],
        crop=_crop(manifest),
        input_scale=INPUT_SCALE,
        output_scale=OUTPUT_SCALE,
        zero_point=ZERO_POINT,
        temperature=_temperature(manifest["temperature"]),
        threshold=_threshold(manifest["threshold"]),
        classes=len(manifest["class_names"]),
        arena=f"The tensors need {arena_bytes} bytes, {how}.",
        kibibytes=math.ceil(_MARGIN * arena_bytes / 1024),
        count=len(methods),
        methods="\n".join(methods),
    )


def _temperature(value):
    number = _float32(1 if value is None else value)
    smallest = np.finfo("float32").tiny  # its inverse is finite as well
    if not smallest <= number < np.inf:
        raise ValueError(
            "A microcontroller computes in float32, in which the temperature "
            f"must be positive and finite. Received: temperature={value!r}"
        )
    return str(number)


def _threshold(value):
    number = _float32(0 if value is None else value)
    if not 0 <= number <= 1:
        raise ValueError(
            "The threshold is a probability, from 0 to 1. "
            f"Received: threshold={value!r}"
        )
    return str(number)


def _float32(value):
    """Returns a number's text, from which C++ reads the same number."""
    with np.errstate(over="ignore", under="ignore"):
        return np.float32(value)


def _crop(manifest):
    if manifest["crop"] == "whole":
        whole = "It is the whole frame of the camera, squeezed into a square"
    else:
        whole = "It is the largest square in the middle of the camera's frame"
    fraction = manifest["crop_fraction"]
    if fraction == 1:
        return f"{whole}."
    return f"{whole}, of that the middle {fraction:g} of each side."


def _method(kind):
    words = kind.split("_")
    camel = "".join(
        word if word[0].isdigit() else word.capitalize() for word in words
    )
    return _METHODS.get(kind, f"Add{camel}")


def _c_bytes(contents):
    lines = (contents[i : i + 12] for i in range(0, len(contents), 12))
    return "".join(
        f"    {', '.join(f'0x{byte:02x}' for byte in line)},\n"
        for line in lines
    )


def _c_string(text):
    """Returns an ASCII literal of the UTF-8 bytes."""
    # Octal escapes end after three digits, those of other kinds do not; and
    # two question marks may begin a trigraph.
    escaped = "".join(
        f"\\{byte:03o}"
        if byte in b'"\\?' or not 32 <= byte < 127
        else chr(byte)
        for byte in text.encode("utf-8", "backslashreplace")
    )
    return f'"{escaped}"'


def _comment(text):
    """One line that ends no comment, and does not continue on the next."""
    printable = "".join(x if " " <= x <= "~" else " " for x in text)
    # A trigraph is read as a backslash, too.
    one_line = printable.replace("\\", " ").replace("??/", "?? /")
    return one_line.strip() or "A classifier"
