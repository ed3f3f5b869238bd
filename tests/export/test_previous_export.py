"""What an export does with the folder that is there already."""

import shutil

import pytest

from kerasfg.export import VerificationError
from kerasfg.export import export
from kerasfg.export import replaced_files
from kerasfg.export import write_files


def _contents(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def previous(exported, tmp_path):
    """A copy of an export that may be written to."""
    return shutil.copytree(exported, tmp_path / "out")


@pytest.fixture
def broken_tflite(monkeypatch):
    """Conversion to TFLite that gives a file which differs from Keras."""
    convert = write_files.CONVERTERS["tflite"]

    def spoiled(graph):
        kernel = next(w for w in graph.model.weights if w.shape == (8, 5))
        weights = kernel.numpy()
        kernel.assign(-weights)
        try:
            return convert(graph)
        finally:
            kernel.assign(weights)

    monkeypatch.setitem(write_files.CONVERTERS, "tflite", spoiled)


def test_same_model_gives_the_same_folder(
    tiny_classifier, pictures, exported, previous, class_names
):
    names, side = class_names, 48  # as in `exported`
    export(
        tiny_classifier, previous, pictures, class_names=names, frame_size=side
    )
    assert _contents(previous) == _contents(exported)


def test_files_of_other_formats_go_and_the_users_stay(
    tiny_classifier, pictures, previous, class_names
):
    (previous / "notes").mkdir()
    (previous / "notes" / "mine.txt").write_text("mine")
    export(
        tiny_classifier,
        previous,
        pictures,
        formats=["onnx"],
        class_names=class_names,
    )
    assert sorted(_contents(previous)) == [
        "kerasfg.json",
        "labels.txt",
        "model.onnx",
        "model_pixels16.onnx",
        "notes/mine.txt",
        "report.json",
        "report.md",
    ]


def test_differing_file_fails_and_leaves_the_previous_export(
    broken_tflite, tiny_classifier, pictures, previous, class_names
):
    before = _contents(previous)
    with pytest.raises(
        VerificationError, match=r"model\.tflite differs .*differs by \d"
    ):
        export(tiny_classifier, previous, pictures, class_names=class_names)
    assert _contents(previous) == before


def test_failed_first_export_leaves_nothing(
    broken_tflite, tiny_classifier, pictures, tmp_path
):
    with pytest.raises(VerificationError):
        export(tiny_classifier, tmp_path / "new", pictures, class_names="abcde")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_interrupted_conversion_leaves_the_previous_export(
    error, tiny_classifier, pictures, previous, monkeypatch
):
    def interrupted(graph):
        raise error

    before = _contents(previous)
    monkeypatch.setitem(write_files.CONVERTERS, "onnx", interrupted)
    with pytest.raises(error):
        export(tiny_classifier, previous, pictures, class_names="abcde")
    assert _contents(previous) == before


@pytest.mark.parametrize("nth", range(9))
def test_interrupted_renaming_leaves_the_previous_export(
    nth, previous, monkeypatch
):
    rename, calls = replaced_files.os.rename, []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == nth + 1:
            raise KeyboardInterrupt
        rename(source, target)

    before = _contents(previous)
    monkeypatch.setattr(replaced_files.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        with replaced_files.replaced_files(previous) as written:
            for name in ("model.tflite", "labels.txt", "kerasfg.json"):
                (written / name).write_text("new")
        pytest.fail("renamed less often")
    assert _contents(previous) == before


def test_folder_with_other_files_is_refused(
    tiny_classifier, pictures, tmp_path
):
    (tmp_path / "model.tflite").write_text("mine")
    with pytest.raises(ValueError, match="holds files, but no export"):
        export(tiny_classifier, tmp_path, pictures, class_names="abcde")
    assert _contents(tmp_path) == {"model.tflite": b"mine"}


def test_file_of_the_user_is_not_overwritten(
    tiny_classifier, pictures, tmp_path
):
    names = tuple("abcde")
    export(tiny_classifier, tmp_path, pictures, "onnx", class_names=names)
    (tmp_path / "model.tflite").write_text("mine")
    before = _contents(tmp_path)
    with pytest.raises(ValueError, match="away. Received: .*model.tflite"):
        export(tiny_classifier, tmp_path, pictures, class_names=names)
    assert _contents(tmp_path) == before


def test_foreign_json_is_no_export(tiny_classifier, pictures, tmp_path):
    (tmp_path / "kerasfg.json").write_text("{}")
    with pytest.raises(
        ValueError, match=r"`format` must be 3, .* Received: form"
    ):
        export(tiny_classifier, tmp_path, pictures, class_names="abcde")


def test_out_must_be_a_folder(tiny_classifier, pictures, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="must be a folder. Received: out="):
        export(
            tiny_classifier, tmp_path / "file", pictures, class_names="abcde"
        )
