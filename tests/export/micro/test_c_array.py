import re
import shutil
import subprocess

import pytest

from kerasfg.export.micro.c_array import HEADER
from kerasfg.export.micro.c_array import SOURCE
from kerasfg.export.micro.c_array import c_files
from kerasfg.manifest import make_manifest

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


@pytest.mark.parametrize("name", ["a\n#error no", "\\", "x */ \\", "", "é"])
def test_a_name_stays_in_its_comment(name):
    first, second = files(name=name)[HEADER].splitlines()[:2]
    assert first.startswith("// ") and not first.endswith("\\")
    assert second.startswith("// Written by")


def test_a_compiler_reads_the_same(tmp_path):
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")
    contents = bytes(range(256))
    for name, text in files(contents, name="a \\").items():
        (tmp_path / name).write_text(text, "ascii")
    (tmp_path / "main.cc").write_text(
        '#include <cstdio>\n#include "model_micro.h"\n'
        "int main() {\n"
        "  fwrite(g_model_micro, 1, g_model_micro_size, stdout);\n"
        '  for (auto label : kCategoryLabels) printf("%s\\n", label);\n}\n'
    )
    program = tmp_path / "program"
    subprocess.run(
        [compiler, "-std=c++17", "-Wall", "-Werror", "-trigraphs"]
        + [tmp_path / "main.cc", tmp_path / SOURCE, "-o", program],
        check=True,
    )
    given = subprocess.run([program], capture_output=True, check=True).stdout
    assert given[:256] == contents
    assert given[256:].decode().split("\n")[:-1] == NAMES
