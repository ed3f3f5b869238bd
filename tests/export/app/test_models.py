"""Which file of which export goes into the phone app."""

import json

import pytest

from kerasfg.export.app.models import copy_models

FILES = tuple(
    f"model{takes}{variant}.{ending}"
    for ending in ("tflite", "onnx")
    for takes in ("", "_pixels8")
    for variant in ("", "_int8")
)


def _names(models):
    return [(model.name, model.folder) for model in models]


def test_the_list_is_what_the_page_reads(make_export, tmp_path):
    copy_models([make_export()], tmp_path / "models")
    listed = json.loads((tmp_path / "models" / "models.json").read_text())
    assert listed == [
        {
            "name": "Birds",
            "folder": "birds",
            "file": "model_pixels8.tflite",
            "engine": "litert",
        }
    ]
    manifest = json.loads(
        (tmp_path / "models" / "birds" / "kerasfg.json").read_text("utf-8")
    )
    assert list(manifest["files"]) == ["model_pixels8.tflite"]


@pytest.mark.parametrize(
    ("recommended", "variant", "engine", "file"),
    [
        (None, None, "litert", "model_pixels8.tflite"),
        ("model_int8.tflite", None, "litert", "model_pixels8_int8.tflite"),
        ("model_int8.tflite", "float32", "litert", "model_pixels8.tflite"),
        (None, "int8", "litert", "model_pixels8_int8.tflite"),
        ("model_int8.tflite", None, "onnxruntime", "model_pixels8.onnx"),
        (None, "int8", "onnxruntime", "model_pixels8_int8.onnx"),
    ],
)
def test_takes_the_variant_or_what_is_recommended(
    make_export, tmp_path, recommended, variant, engine, file
):
    export = make_export(files=FILES, recommended=recommended)
    (model,) = copy_models([export], tmp_path / "models", variant, engine)
    assert (model.file, model.engine) == (file, engine)
    copied = tmp_path / "models" / model.folder / file
    assert copied.read_bytes() == (export / file).read_bytes()


def test_a_recommended_variant_for_frames_alone_is_not_missed(
    make_export, tmp_path
):
    files = [name for name in FILES if name != "model_pixels8_int8.tflite"]
    export = make_export(
        files=files,
        recommended="model_int8.tflite",
        refused={"model_pixels8_int8.tflite": "it loses 3 points."},
    )
    (model,) = copy_models([export], tmp_path / "models")
    assert model.file == "model_pixels8.tflite"
    with pytest.raises(ValueError, match="it loses 3 points"):
        copy_models([export], tmp_path / "asked", "int8")


def test_an_export_of_an_older_version_has_its_files_taken(
    make_export, tmp_path
):
    export = make_export(files=("model.tflite", "model_camera16.tflite"))
    manifest = json.loads((export / "kerasfg.json").read_text())
    del manifest["frame_size"]
    for name, facts in manifest["files"].items():
        del facts["takes"]
        facts["image_size"] = 16 if "camera" in name else 8
    text = json.dumps({**manifest, "format": 2})
    (export / "kerasfg.json").write_text(text)
    (model,) = copy_models([export], tmp_path / "models")
    assert model.file == "model.tflite"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("../../etc", "etc"),
        ("..", "model"),
        ("</script><b>", "script-b"),
        ("Löwenzahn & Co.", "lowenzahn-co"),
        ("花", "model"),
        ("a\\b/c d", "a-b-c-d"),
        ("NUL\0", "nul"),
    ],
)
def test_a_name_stays_a_title_and_gives_a_plain_folder(
    make_export, tmp_path, name, folder
):
    models = copy_models([make_export(name=name)], tmp_path / "models")
    assert _names(models) == [(name, folder)]
    assert (tmp_path / "models" / folder / "model_pixels8.tflite").exists()


def test_models_of_one_name_get_different_names(make_export, tmp_path):
    exports = [make_export(f"export{i}") for i in range(3)]
    exports.append(make_export("other", name="birds"))
    assert _names(copy_models(exports, tmp_path / "models")) == [
        ("Birds", "birds"),
        ("Birds (2)", "birds-2"),
        ("Birds (3)", "birds-3"),
        ("birds", "birds-4"),
    ]


def test_a_nameless_model_is_called_after_its_folder(make_export, tmp_path):
    models = copy_models([make_export("Tits", name="")], tmp_path / "models")
    assert _names(models) == [("Tits", "tits")]


def test_a_folder_without_an_export_is_refused(tmp_path):
    with pytest.raises(ValueError, match="as `kerasfg export` writes it. Rec"):
        copy_models([tmp_path / "absent"], tmp_path / "models")


def test_a_changed_file_is_refused(make_export, tmp_path):
    export = make_export()
    (export / "model_pixels8.tflite").write_bytes(b"changed")
    with pytest.raises(ValueError, match="not the file that was verified"):
        copy_models([export], tmp_path / "models")


def test_a_refused_variant_is_named_with_its_reason(make_export, tmp_path):
    refused = {"model_pixels8_mixed.tflite": "it loses 3 points."}
    export = make_export(files=FILES, refused=refused)
    with pytest.raises(ValueError, match="which was refused: it loses 3 poin"):
        copy_models([export], tmp_path / "models", "mixed")


@pytest.mark.parametrize("variant", ["int4", "../x", ""])
def test_an_absent_variant_is_named_with_those_that_are_there(
    make_export, tmp_path, variant
):
    export = make_export(files=FILES)
    with pytest.raises(
        ValueError,
        match=r"It has: model_pixels8\.tflite, model_pixels8_int8\.tflite\. R",
    ):
        copy_models([export], tmp_path / "models", variant)


def test_a_name_outside_of_the_folder_is_not_followed(make_export, tmp_path):
    (tmp_path / "outside.tflite").write_bytes(b"outside")
    export = make_export()
    manifest = json.loads((export / "kerasfg.json").read_text())
    manifest["files"] = {"../outside.tflite": {"sha256": "0" * 64}}
    manifest["recommended"] = "../outside.tflite"
    (export / "kerasfg.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match="`files` must be .*plain file names"):
        copy_models([export], tmp_path / "models")
