"""The hash that an exported .onnx file carries."""

import json

import numpy as np
import pytest

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.onnx_file.own_hash import check_hash
from kerasfg.export.onnx_metadata import add_onnx_metadata
from kerasfg.export.runtime.file_contents import read_contents


@pytest.fixture(scope="module")
def plain(tiny_classifier):
    return convert_onnx(inference_graph(tiny_classifier))


@pytest.fixture(scope="module")
def ours(plain):
    text = json.dumps({"name": 300 * "x"})
    return add_onnx_metadata(plain, {"kerasfg.json": text})


def test_a_whole_file_and_one_of_other_makers_pass(plain, ours):
    check_hash(ours)
    check_hash(plain)
    check_hash(b"")


def test_every_flipped_byte_is_noticed(ours):
    random = np.random.default_rng(0)
    places = {*random.integers(0, len(ours), 300), *range(-90, 0)}
    for place in places:
        changed = bytearray(ours)
        changed[place] ^= int(random.integers(1, 256))
        with pytest.raises(ValueError, match="changed since it was exported"):
            check_hash(bytes(changed))


@pytest.mark.parametrize("end", [-1, -40, -84, -85, -90])
def test_a_cut_file_is_noticed(ours, end):
    with pytest.raises(ValueError, match="changed since it was exported"):
        check_hash(ours[:end])


def test_a_changed_file_alone_in_a_folder_is_not_read(ours, tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(ours)
    assert read_contents(file) == (ours, "unknown")
    file.write_bytes(ours.replace(b"name", b"nome"))
    with pytest.raises(ValueError, match=r"model\.onnx: the model is broken"):
        read_contents(file)
