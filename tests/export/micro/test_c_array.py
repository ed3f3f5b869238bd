import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from kerasfg.export.micro.c_array import HEADER
from kerasfg.export.micro.c_array import SOURCE
from kerasfg.export.micro.c_array import c_files
from kerasfg.manifest import make_manifest

ROOT = Path(__file__).parents[3]
NAMES = ["tit", "Zaunkönig", 'a "b" \\ c', "what??/", "山雀", "1\x07"]


def files(
    contents=b"\x00TFL3\xff", names=NAMES, operators=("SOFTMAX",), **more
):
    manifest = make_manifest(32, names, more)
    return c_files(contents, manifest, operators, 10000)


def constant(header, name):
    return re.search(rf"\b{name} = (.+);", header)[1]


def test_source_holds_every_byte():
    contents = bytes(range(256)) * 3
    source = files(contents)[SOURCE]
    assert "alignas(16)" in source
    found = re.findall(r"0x([0-9a-f]{2}),", source)
    assert bytes(int(x, 16) for x in found) == contents


def test_header_tells_the_numbers():
    header = files(b"x" * 1000, temperature=1.25, threshold=0.6)[HEADER]
    assert constant(header, "g_model_micro_size") == "1000"
    assert constant(header, "kNumRows") == constant(header, "kNumCols") == "32"
    assert constant(header, "kInputScale") == "1.0f"
    assert constant(header, "kInputZeroPoint") == "-128"
    assert constant(header, "kOutputScale") == "0.00390625f"
    assert constant(header, "kTemperature") == "1.25f"
    assert constant(header, "kThreshold") == "0.6f"
    assert constant(header, "kCategoryCount") == "6"
    assert constant(header, "kTensorArenaSize") == "13 * 1024"  # 12500
    assert "10000 bytes, measured" in header


def test_temperatures_keep_their_digits():
    for value in (1e-9, 0.123456789, 1e9, None):
        header = files(temperature=value)[HEADER]
        found = constant(header, "kTemperature")
        assert found.endswith("f") and set(found) & set(".e")
        assert np.float32(found[:-1]) == np.float32(value or 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 1e300),
        ("temperature", 1e-60),
        ("temperature", 0.0),
        ("temperature", float("nan")),
        ("threshold", float("nan")),
        ("threshold", 1.5),
    ],
)
def test_numbers_that_float32_does_not_have_are_refused(name, value):
    manifest = {**make_manifest(32, NAMES), name: value}
    with pytest.raises(ValueError, match=f"Received: {name}="):
        c_files(b"TFL3", manifest, ("SOFTMAX",), 10000)


def test_crop_is_told_as_the_network_was_trained():
    assert "largest square in the middle" in files()[HEADER]
    assert "squeezed into a square." in files(crop="whole")[HEADER]
    assert "the middle 0.5 of each" in files(crop_fraction=0.5)[HEADER]


def test_operators_have_the_names_of_the_resolver():
    header = files(
        operators=["BATCH_MATMUL", "CONV_2D", "MAX_POOL_2D", "PADV2", "MEAN"]
    )[HEADER]
    assert "MicroMutableOpResolver<5>" in header
    assert re.findall(r"resolver\.(\w+)\(\)", header) == [
        "AddBatchMatMul",
        "AddConv2D",
        "AddMaxPool2D",
        "AddPadV2",
        "AddMean",
    ]


@pytest.mark.parametrize(
    "name", ["a\n#error no", "\\", "x */ \\", "", "é", "???/"]
)
def test_a_name_stays_in_its_comment(name):
    first, second = files(name=name)[HEADER].splitlines()[:2]
    assert first.startswith("// ") and not first.endswith(("\\", "??/"))
    assert second.startswith("// Written by")


@pytest.fixture
def run(tmp_path):
    """A function that compiles a program beside the array, and runs it."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")

    def run(code, stdin=b"", **more):
        for name, text in files(**more).items():
            (tmp_path / name).write_text(text, "ascii")
        (tmp_path / "main.cc").write_text(code)
        program = tmp_path / "program"
        options = ["-std=c++17", "-Wall", "-Werror", "-trigraphs"]
        sources = [tmp_path / "main.cc", tmp_path / SOURCE]
        subprocess.run(
            [compiler, *options, *sources, "-o", program], check=True
        )
        return subprocess.run(
            [program], input=stdin, capture_output=True, check=True
        ).stdout

    return run


def test_a_compiler_reads_the_same(run):
    contents = bytes(range(256))
    given = run(
        '#include <cstdio>\n#include "model_micro.h"\n'
        "int main() {\n"
        "  fwrite(g_model_micro, 1, g_model_micro_size, stdout);\n"
        '  for (auto label : kCategoryLabels) printf("%s\\n", label);\n}\n',
        contents=contents,
        name="a \\",
    )
    assert given[:256] == contents
    assert given[256:].decode().split("\n")[:-1] == NAMES


def test_the_shrinking_of_the_docs_is_the_mean_of_the_middle_square(run, rng):
    page = (ROOT / "docs" / "micro.md").read_text("utf-8")
    code = re.search(r"```cpp\n(.*?)```", page, re.S)[1]
    frame = rng.integers(0, 1 << 16, (96, 130), dtype="uint16")
    given = run(
        f"{code}\n#include <cstdio>\nint main() {{\n"
        "  static uint8_t frame[96 * 130 * 2];\n"
        "  int8_t input[kNumRows * kNumCols * 3];\n"
        "  if (fread(frame, 1, sizeof frame, stdin) < sizeof frame) return 1;\n"
        "  Shrink(frame, 130, 96, input);\n"
        "  fwrite(input, 1, sizeof input, stdout);\n}\n",
        frame.astype(">u2").tobytes(),
    )
    colours = frame >> 11, frame >> 5 & 63, frame & 31
    pixels = np.stack(
        [x * 255 // (63 if i == 1 else 31) for i, x in enumerate(colours)], -1
    )
    square = pixels[:, 17:113].astype(int).reshape(32, 3, 32, 3, 3)
    expected = square.sum(axis=(1, 3)) // 9 - 128
    np.testing.assert_array_equal(
        np.frombuffer(given, "int8").reshape(32, 32, 3), expected
    )
