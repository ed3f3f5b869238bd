"""kerasfg.json, whoever wrote it."""

import json
import math
import os
import pathlib

import pytest

from kerasfg.evaluation.distance.optics import check_camera
from kerasfg.manifest import MAX_BYTES
from kerasfg.manifest import make_manifest
from kerasfg.manifest import read_manifest
from kerasfg.manifest import write_manifest
from kerasfg.manifest_rules.fitted import FITTED
from kerasfg.manifest_schema import FORMAT
from kerasfg.manifest_schema import GIVEN
from kerasfg.manifest_schema import check_manifest

ROOT = pathlib.Path(__file__).parents[1]
FACTS = {"sha256": "0" * 64}
LEVEL = {"name": "genus", "of_class": ["A", "B"], "threshold": 0.5}
POINT = {"resolution": 8, "top_1": 0.5, "top_1_interval": [0.4, 0.6]}
HIGHER = {**POINT, "resolution": 16}
CAMERA = {"object_size": 0.12, "fov": 66.0, "sensor_pixels": 4000.0}
DISTANCE = {**CAMERA, "curve": [POINT, HIGHER]}


@pytest.fixture
def manifest():
    return make_manifest(32, ["tit", "wren"], {"name": "Birds"})


@pytest.fixture
def write(tmp_path):
    """A function that writes the file as anybody might."""

    def write(contents):
        if not isinstance(contents, bytes):
            contents = json.dumps(contents).encode()
        (tmp_path / "kerasfg.json").write_bytes(contents)
        return tmp_path

    return write


def test_what_is_written_is_read(tmp_path):
    metadata = {"name": "Vögel", "threshold": 0.5, "own": [1], "crop": "whole"}
    names = ["tit", "a\u2028b", "Löwe"]
    written = make_manifest(32, names, metadata, {"image": ""}, {"keras": "3"})
    outputs = ["probabilities", "familiarity"]
    of_two = {"model_pixels32.tflite": {**FACTS, "outputs": outputs}}
    written["files"] = {"model.tflite": FACTS, **of_two}
    written["recommended"] = "model.tflite"
    write_manifest(written, tmp_path)
    assert read_manifest(tmp_path) == written
    labels = (tmp_path / "labels.txt").read_text("utf-8")
    assert labels == "".join(f"{name}\n" for name in names)
    assert sorted(x.name for x in tmp_path.iterdir()) == [
        "kerasfg.json",
        "labels.txt",
    ]


def test_no_file_is_none(tmp_path):
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "absent") is None


def test_an_older_file_is_refused_in_one_line(write):
    message = (
        r"kerasfg\.json: `format` must be 3, .*train or export the model "
        r"again.* Received: format=1$"
    )
    with pytest.raises(ValueError, match=message):
        read_manifest(write({"format": 1, "image_size": 32}))


def test_a_file_of_the_format_before_is_read(write, manifest):
    del manifest["frame_size"]
    sides = {"model.tflite": 32, "model_camera224.tflite": 224}
    files = {k: {**FACTS, "image_size": v} for k, v in sides.items()}
    older = {**manifest, "format": 2, "files": files}
    found = read_manifest(write(older))
    assert (found["format"], found["frame_size"]) == (3, 224)
    takes = [facts["takes"] for facts in found["files"].values()]
    assert takes == ["pixels", "frame"]
    with pytest.raises(ValueError, match="again.* Received: no crop$"):
        read_manifest(write({k: v for k, v in older.items() if k != "crop"}))
    with pytest.raises(ValueError, match="`format` must be 3"):
        read_manifest(write({**older, "files": {"../model.tflite": FACTS}}))


@pytest.mark.parametrize("key", sorted({*GIVEN, "files", "class_names"}))
def test_every_key_must_be_there(write, manifest, key):
    del manifest[key]
    with pytest.raises(ValueError, match=f"again.* Received: no {key}$"):
        read_manifest(write(manifest))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("image_size", 0),
        ("image_size", 32.0),
        ("image_size", True),
        ("image_size", 10**400),
        ("frame_size", 0),
        ("frame_size", "256"),
        ("takes", "photo"),
        ("crop", "left"),
        ("crop", ["center"]),
        ("crop_fraction", 0),
        ("crop_fraction", 1.5),
        ("crop_fraction", "1"),
        ("filter", "bilinear"),
        ("class_names", []),
        ("class_names", "tit"),
        ("class_names", ["tit", "tit"]),
        ("class_names", ["tit", ""]),
        ("class_names", ["tit", ["wren"]]),
        ("class_names", ["tit", "wren\udc80"]),
        ("temperature", 0),
        ("temperature", "1"),
        ("temperature", 10**400),
        ("threshold", True),
        ("prediction_sets", {"pictures": 9, "lowest": [0.5] * 49}),
        ("prediction_sets", {"pictures": 9, "lowest": [0.5] * 49 + [2]}),
        ("prediction_sets", {"pictures": 0, "lowest": [0.5] * 50}),
        ("prediction_sets", None),
        ("class_thresholds", {"precision": 0.9, "thresholds": [0.5, 2]}),
        ("class_thresholds", {"precision": 95, "thresholds": [0.5, 0.5]}),
        ("class_thresholds", {"precision": 0.9}),
        ("class_thresholds", None),
        ("levels", []),
        ("levels", [{"name": "genus", "of_class": ["A", "A"]}]),
        ("levels", [{**LEVEL, "of_class": ["A", ""]}]),
        ("levels", [{**LEVEL, "name": "\udc80"}]),
        ("levels", [{**LEVEL, "threshold": 2}]),
        ("levels", [LEVEL] * 21),
        ("distance", None),
        ("distance", []),
        ("distance", CAMERA),
        ("distance", {**DISTANCE, "object_size": 0}),
        ("distance", {**DISTANCE, "object_size": "0.12"}),
        ("distance", {**DISTANCE, "fov": 171}),
        ("distance", {**DISTANCE, "sensor_pixels": 10**400}),
        ("distance", {**DISTANCE, "curve": []}),
        ("distance", {**DISTANCE, "curve": [HIGHER, POINT]}),
        ("distance", {**DISTANCE, "curve": [POINT, POINT]}),
        ("distance", {**DISTANCE, "curve": [8, 16]}),
        ("distance", {**DISTANCE, "curve": [{**POINT, "resolution": 8.0}]}),
        ("distance", {**DISTANCE, "curve": [{**POINT, "top_1": 1.5}]}),
        (
            "distance",
            {**DISTANCE, "curve": [{**POINT, "top_1_interval": [0.6, 0.4]}]},
        ),
        (
            "distance",
            {**DISTANCE, "curve": [{**POINT, "top_1_interval": [0.4]}]},
        ),
        ("class_attributes", {"tit": 1}),
        ("self_test", []),
        ("versions", {"keras": 3}),
        ("files", ["model.tflite"]),
        ("files", {"model.tflite": None}),
        ("files", {"model.tflite": {}}),
        ("files", {"model.tflite": {"sha256": "0"}}),
        ("files", {"model.tflite": {**FACTS, "takes": "photo"}}),
        ("files", {"model.tflite": {**FACTS, "takes": ["frame"]}}),
        ("outputs", ["familiarity"]),
        ("outputs", "probabilities"),
        ("files", {"model.tflite": {**FACTS, "outputs": None}}),
        ("files", {"model.tflite": {**FACTS, "outputs": ["logits"]}}),
        ("files", {"model.tflite": {**FACTS, "image_size": "32"}}),
        (
            "files",
            {"model.tflite": {**FACTS, "takes": "pixels", "image_size": 0}},
        ),
        ("files", {"../model.tflite": FACTS}),
        ("files", {"..": FACTS}),
        ("files", {"/etc/model.tflite": FACTS}),
        ("refused", {"model.tflite": 3}),
        ("recommended", "absent.tflite"),
        ("recommended", ["model.tflite"]),
        ("name", None),
        ("euclidean", 1),
        ("variant", None),
    ],
)
def test_each_value_must_be_of_its_kind(write, manifest, key, value):
    with pytest.raises(ValueError, match=f"`{key}` must be .* Received: {key}"):
        read_manifest(write({**manifest, key: value}))


def test_each_class_has_its_threshold(write, manifest):
    fitted = {"precision": 0.9, "thresholds": [0.5, 1]}
    assert read_manifest(write({**manifest, "class_thresholds": fitted}))
    fitted["thresholds"].append(0.5)
    with pytest.raises(ValueError, match="3 thresholds of 2 classes"):
        read_manifest(write({**manifest, "class_thresholds": fitted}))


def test_each_class_has_its_name_at_a_level(write, manifest):
    level = {**LEVEL, "of_class": ["A", "A", "B"]}
    with pytest.raises(ValueError, match="3 names of 2 classes"):
        read_manifest(write({**manifest, "levels": [level]}))
    assert read_manifest(write({**manifest, "levels": [LEVEL]}))


def test_a_distance_is_read_and_begins_at_the_input(write, manifest):
    found = read_manifest(write({**manifest, "distance": DISTANCE}))
    assert found["distance"] == DISTANCE
    far = {**DISTANCE, "curve": [{**POINT, "resolution": 33}]}
    message = "call `kerasfg distance` again.*image_size=32, .* 33 pixels on$"
    with pytest.raises(ValueError, match=message):
        read_manifest(write({**manifest, "distance": far}))


@pytest.mark.parametrize("key", CAMERA)
@pytest.mark.parametrize("value", [0, 1, 0.9, 15, 16, 170, 171, 1e5, 1e5 + 1])
def test_a_camera_is_one_that_a_distance_card_takes(manifest, key, value):
    camera = {**CAMERA, key: value}
    found = {**manifest, "distance": {**DISTANCE, **camera}}
    try:
        check_camera(**camera)
    except ValueError:
        with pytest.raises(ValueError, match="`distance` must be"):
            check_manifest(found)
    else:
        check_manifest(found)


@pytest.mark.parametrize(
    ("frame_size", "takes", "side", "message"),
    [
        (None, "frame", 64, "`frame_size` must .*again.* frame_size=None$"),
        (48, "frame", 64, "model.tflite takes.* frame_size=48, but 64 in"),
        (64, "pixels", 64, "model.tflite takes.* image_size=32, but 64 in"),
        (64, "frame", 32, "model.tflite takes.* frame_size=64, but 32 in"),
    ],
)
def test_sides_of_files_must_be_those_of_the_model(
    write, manifest, frame_size, takes, side, message
):
    files = {"model.tflite": {**FACTS, "takes": takes, "image_size": side}}
    changed = {**manifest, "frame_size": frame_size, "files": files}
    with pytest.raises(ValueError, match=message):
        read_manifest(write(changed))


def test_a_frame_file_must_say_the_side_of_its_frame(manifest):
    with pytest.raises(ValueError, match="Received: frame_size=None"):
        check_manifest({**manifest, "takes": "frame"})
    check_manifest({**manifest, "takes": "frame", "frame_size": 64})


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff{}", "not JSON"),
        (b'{"format": NaN}', "NaN is no number"),
        (b'{"format": -Infinity}', "Infinity is no number"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": ' * 100_000, "not JSON"),
        (b"1" * 10_000, "not JSON"),
        (b"[]", r"`format` must be .* Received: format=\[\]"),
        (b"null", "Received: format=None"),
        (b'{"format": "' + b"2" * 10_000 + b'"}', ".{,300}$"),
        (b" " * (MAX_BYTES + 1), "not be larger than 16 MiB"),
    ],
    ids=range(12),
)
def test_any_bytes_give_a_clear_line(write, contents, message):
    with pytest.raises(ValueError, match="Received: ") as caught:
        read_manifest(write(contents))
    caught.match(message)
    assert len(str(caught.value)) < 400


def test_a_pipe_and_a_folder_are_no_file(tmp_path):
    (tmp_path / "a" / "kerasfg.json").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "kerasfg.json")
    for name in "ab":
        with pytest.raises(ValueError, match="must be a file"):
            read_manifest(tmp_path / name)


def test_nothing_is_written_that_would_not_be_read(manifest, tmp_path):
    for key, value in (("crop", "left"), ("threshold", math.nan)):
        with pytest.raises(ValueError, match=f"`{key}` must be"):
            write_manifest({**manifest, key: value}, tmp_path)
    with pytest.raises(ValueError, match="larger than 16 MiB"):
        write_manifest({**manifest, "more": "x" * MAX_BYTES}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_many_attributes_are_written_without_spaces(tmp_path):
    table = {f"bird {i}": dict.fromkeys("abcdef", "x") for i in range(9)}
    attributes = {"class_attributes": table | {"owl": {"a": "x" * 2**22}}}
    manifest = make_manifest(
        32, list(attributes["class_attributes"]), attributes
    )
    write_manifest(manifest, tmp_path)
    assert read_manifest(tmp_path) == manifest
    assert ':{"a":"x",' in (tmp_path / "kerasfg.json").read_text()
    with pytest.raises(ValueError, match="fewer attributes .* Received: 16777"):
        make_manifest(32, ["tit"], {"more": "x" * MAX_BYTES})


def test_the_phone_reads_the_same_format():
    page = (ROOT / "export" / "phone" / "kerasfg" / "description.js").read_text(
        "utf-8"
    )
    assert f"const FORMAT = {FORMAT};" in page


def test_every_key_is_documented(manifest):
    check_manifest(manifest)
    page = (ROOT / "docs" / "reference.md").read_text("utf-8")
    table = page.partition("## kerasfg.json")[2].partition("\n## ")[0]
    for key in (*manifest, *FITTED, "takes", "variant", "euclidean"):
        assert f"`{key}`" in table, key
