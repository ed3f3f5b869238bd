"""Metadata in a .tflite file, and its readers."""

import hashlib
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.metadata import add_metadata
from kerasfg.export.metadata import read_metadata
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.associated_files import append_files
from kerasfg.export.tflite_file.associated_files import read_files
from kerasfg.export.tflite_file.flatbuffer import write_flatbuffer
from kerasfg.export.tflite_file.named_buffer import find_buffer
from kerasfg.export.tflite_file.named_buffer import with_buffer

NAME = "TFLITE_METADATA"
LABELS = "labels_without_background.txt"
CLASS_NAMES = ("bluebell", 'crocus, "late"', "Löwenzahn", "菊 🌼", " iris")
ARGUMENTS = {
    "class_names": CLASS_NAMES,
    "image_size": 16,
    "name": "Blümchen",
    "description": "Five flowers.",
    "author": "A. Gärtner",
    "license": "CC-BY-4.0",
    "version": "2",
    "files": {"kerasfg.json": b'{"a": 1}\n', "a.bin": bytes(range(256))},
}


@pytest.fixture(scope="module")
def plain(tiny_classifier):
    return convert_tflite(inference_graph(tiny_classifier))


@pytest.fixture(scope="module")
def full(plain):
    return add_metadata(plain, **ARGUMENTS)


def test_round_trip(full):
    assert read_metadata(full) == ARGUMENTS


def test_optional_texts_and_files_may_be_left_out(plain):
    contents = add_metadata(plain, class_names="ab", image_size=8, name="n")
    assert read_metadata(contents) == {
        "class_names": ("a", "b"),
        "image_size": 8,
        "name": "n",
        "description": "",
        "author": "",
        "license": "",
        "version": "",
        "files": {},
    }


def test_without_metadata(plain):
    assert read_metadata(plain) is None


def test_same_arguments_give_the_same_bytes(plain, full):
    files = dict(reversed(ARGUMENTS["files"].items()))
    assert add_metadata(plain, **{**ARGUMENTS, "files": files}) == full
    assert add_metadata(plain, **read_metadata(full)) == full


def test_network_computes_the_same(plain, full, pictures):
    before, after = TFLiteClassifier(plain), TFLiteClassifier(full)
    assert after.operators == before.operators
    expected = before.predict(pictures)
    np.testing.assert_array_equal(after.predict(pictures), expected)


def test_signature_and_other_metadata_stay(plain, full):
    from ai_edge_litert.interpreter import Interpreter

    names = {"inputs": ["image"], "outputs": ["probabilities"]}
    interpreter = Interpreter(model_content=full)
    assert interpreter.get_signature_list() == {"serving_default": names}
    for name in ("min_runtime_version", "CONVERSION_METADATA"):
        assert find_buffer(full, name) == find_buffer(plain, name) is not None


def test_files_are_a_zip_archive(plain, full):
    archive = zipfile.ZipFile(io.BytesIO(full))
    assert archive.testzip() is None
    assert archive.namelist() == [
        LABELS,
        "a.bin",
        "kerasfg.json",
        "model.sha256",
    ]
    for name, data in ARGUMENTS["files"].items():
        assert archive.read(name) == data
    for entry in archive.infolist():
        assert entry.compress_type == zipfile.ZIP_STORED
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    labels = archive.read(LABELS).decode()
    assert labels == "".join(f"{name}\n" for name in CLASS_NAMES)
    model = full[: archive.infolist()[0].header_offset]
    digest = hashlib.sha256(model).hexdigest()
    assert archive.read("model.sha256").decode() == digest


lines = st.text(min_size=1, max_size=20).filter(
    lambda text: text.splitlines() == [text] and text.strip()
)
texts = st.text(st.characters(codec="utf-8"), max_size=40)
filenames = st.text("abcXYZ019._-", min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    class_names=st.lists(lines, min_size=2, max_size=30).map(tuple),
    image_size=st.integers(1, 2**31),
    text=st.tuples(texts, texts, texts, texts, texts),
    files=st.dictionaries(filenames, st.binary(max_size=300), max_size=5),
)
def test_any_names_and_files_come_back(
    plain, class_names, image_size, text, files
):
    keys = ("name", "description", "author", "license", "version")
    arguments = {
        "class_names": class_names,
        "image_size": image_size,
        "files": files,
        **dict(zip(keys, text, strict=True)),
    }
    assert read_metadata(add_metadata(plain, **arguments)) == arguments


def test_cut_off_anywhere_is_refused(full):
    for size in range(len(full)):
        with pytest.raises(ValueError):
            read_metadata(full[:size])


def test_changed_bit_is_refused_or_changes_nothing(full):
    refused = 0
    for i in range(len(full)):
        changed = bytearray(full)
        changed[i] ^= 1 << i % 8
        try:
            assert read_metadata(bytes(changed)) == ARGUMENTS
        except ValueError:
            refused += 1
    # What is left are dates, versions and attributes inside the archive.
    assert refused > 0.9 * len(full)


@pytest.fixture(scope="module")
def foreign(full):
    """As others write it: without a digest, changes go unnoticed."""
    files, start = read_files(full)
    del files["model.sha256"]
    # one that is there, of the same length, in the list of files
    model = full[:start].replace(b"model.sha256", b"kerasfg.json")
    return append_files(model, files)


def test_other_writers_are_read(foreign):
    assert read_metadata(foreign) == ARGUMENTS


def test_changed_bit_of_another_writer_never_crashes(foreign):
    answers = []
    for i in range(len(foreign)):
        changed = bytearray(foreign)
        changed[i] ^= 1 << i % 8
        try:
            answers.append(read_metadata(bytes(changed)))
        except ValueError as error:
            answers.append(str(error))
    assert ARGUMENTS in answers
    assert len([x for x in answers if isinstance(x, str)]) > 100


def test_other_writers_may_say_little(plain):
    graph = {2: [{0: "image"}], 3: [{0: "probabilities"}]}
    for root in ({}, {3: []}, {3: [{}]}, {3: [graph]}):
        buffer = write_flatbuffer(root, b"M001")
        metadata = read_metadata(with_buffer(plain, NAME, buffer))
        assert metadata["class_names"] == ()
        assert metadata["image_size"] is None
        assert metadata["name"] == ""


def test_size_that_is_not_square_is_none(plain):
    size = {0: np.uint32(4), 1: np.uint32(6)}
    content = {0: np.uint8(2), 1: {0: np.uint8(1), 1: size}}
    buffer = write_flatbuffer({3: [{2: [{3: content}]}]}, b"M001")
    contents = with_buffer(plain, NAME, buffer)
    assert read_metadata(contents)["image_size"] is None


def test_metadata_twice_is_refused(full):
    with pytest.raises(ValueError, match="not have metadata yet.*Received"):
        add_metadata(full, **ARGUMENTS)


@pytest.mark.parametrize("contents", [b"", b"hello", bytes(999)])
def test_what_is_no_model(contents):
    with pytest.raises(ValueError, match="not a TensorFlow Lite model"):
        read_metadata(contents)
    with pytest.raises(ValueError, match="not a TensorFlow Lite model"):
        add_metadata(contents, **ARGUMENTS)


@pytest.mark.parametrize("name", ["two\nlines", "two\rlines", "", "end\n"])
def test_class_name_that_is_not_one_line(plain, name):
    arguments = {**ARGUMENTS, "class_names": ("iris", name)}
    with pytest.raises(ValueError, match="must be one line. Received: '"):
        add_metadata(plain, **arguments)


@pytest.mark.parametrize("name", ["", "a/b", "a\0b", "ä", LABELS])
def test_filename_that_cannot_be_used(plain, name):
    with pytest.raises(ValueError, match="must have a plain name.*Received"):
        add_metadata(plain, **{**ARGUMENTS, "files": {name: b""}})


def test_text_without_end_is_refused(plain):
    with pytest.raises(ValueError, match="shorter than 1048576.*Received"):
        add_metadata(plain, **{**ARGUMENTS, "license": "a" * 2**20})


def test_files_lost_by_a_quantizer_are_missed(full):
    _, start = read_files(full)
    with pytest.raises(ValueError, match=rf"quantized after .*{LABELS}"):
        read_metadata(full[:start])


def test_metadata_of_another_kind(plain):
    buffer = write_flatbuffer({0: "name"}, b"M002")
    with pytest.raises(ValueError, match="unknown kind. Received: b'M002'"):
        read_metadata(with_buffer(plain, NAME, buffer))


def test_labels_that_are_not_text(foreign):
    files, start = read_files(foreign)
    contents = append_files(foreign[:start], {**files, LABELS: b"\xff\n"})
    with pytest.raises(ValueError, match="labels are not UTF-8"):
        read_metadata(contents)
