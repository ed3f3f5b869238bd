"""An export of a network with a familiarity: its files and what they say."""

import dataclasses
import json

import numpy as np
import pytest

from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.export import VerificationError
from kerasfg.export import export
from kerasfg.export import load
from kerasfg.export import read_manifest
from kerasfg.export import read_metadata
from kerasfg.export.onnx_metadata import read_onnx_metadata
from kerasfg.export.runtime.child_classifier import ChildClassifier
from kerasfg.export.verification import verify
from kerasfg.manifest_schema import check_manifest

ALONE, BOTH = ["probabilities"], ["probabilities", "familiarity"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(network, head, pictures, tmp_path_factory):
    """An export of all variants; not to be written to."""
    out = tmp_path_factory.mktemp("export") / "exported"
    export(
        network,
        out,
        pictures,
        variants="all",
        calibration=np.concatenate([pictures] * 9),
        frame_size=32,
        micro=True,
        familiarity=head,
        max_drop=0.2,
    )
    return out


def test_what_the_files_give(folder):
    files = read_manifest(folder)["files"]
    assert len(files) == 17
    for name, facts in files.items():
        one = name.endswith("tflite") and "pixels" not in name
        assert facts["outputs"] == (ALONE if one else BOTH), name
        assert load(folder / name).has_familiarity is not one
        assert ("familiarity_difference" in facts) is not one
        if facts["variant"] == "float32" and not one:
            assert facts["familiarity_difference"] < 1e-5


def test_what_a_file_says_of_itself(folder):
    contents = (folder / "model_pixels16_int8.tflite").read_bytes()
    said = read_metadata(contents)
    assert said["image_size"] == 16 and len(said["class_names"]) == 5
    inside = json.loads(said["files"]["kerasfg.json"])
    properties = read_onnx_metadata((folder / "model.onnx").read_bytes())
    for each in (inside, json.loads(properties["kerasfg.json"])):
        check_manifest(each)
        assert each["outputs"] == BOTH
    contents = (folder / "model_int8.tflite").read_bytes()
    inside = json.loads(read_metadata(contents)["files"]["kerasfg.json"])
    assert inside["outputs"] == ALONE


def test_a_process_of_its_own_gives_the_same(folder, suffix, pictures):
    path = folder / f"model_pixels16.{suffix}"
    with ChildClassifier(path.read_bytes(), suffix) as child:
        given = child.predict_with_familiarity(pictures)
        np.testing.assert_array_equal(child.predict(pictures), given[0])
    wanted = load(path).predict_with_familiarity(pictures)
    for one, other in zip(given, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_frames_two_files(network, head, pictures, tmp_path):
    names = "model.tflite", "model_pixels16.tflite"
    given = {"frame_size": 16, "familiarity": head}
    report = export(network, tmp_path / "out", pictures, "tflite", **given)
    assert report.shrinking is None
    files = read_manifest(tmp_path / "out")["files"]
    assert [files[name]["outputs"] for name in names] == [ALONE, BOTH]
    assert files[names[0]]["takes"] == files[names[1]]["takes"] == "pixels"


def test_a_smaller_file_that_is_too_far_off_keeps_probabilities(
    network, head, pictures, tmp_path, monkeypatch
):
    def judge(given, expected, variant):
        failure = None if variant == "float32" else "It is far off."
        return 0.0, 1.0, failure

    monkeypatch.setattr(verify, "judge_familiarity", judge)
    report = export(
        network,
        tmp_path / "out",
        pictures,
        "tflite",
        "float16",
        familiarity=head,
    )
    name = "model_pixels16_float16.tflite"
    assert not report.refused
    assert report.manifest["files"][name]["outputs"] == ALONE
    assert not load(tmp_path / "out" / name).has_familiarity
    (note,) = report.verifications[name].notes
    assert note == (
        f"{name} gives probabilities only, without the familiarity. It is far "
        "off."
    )
    assert note in report.to_dict()["notes"]


def test_a_float32_file_that_differs_keeps_probabilities(
    network, head, pictures, tmp_path, suffix
):
    class Other(Familiarity):
        def score(self, features, logits):
            return super().score(features, logits) + np.float32(2e-4)

    content = {x.name: getattr(head, x.name) for x in dataclasses.fields(head)}
    report = export(
        network,
        tmp_path / "out",
        pictures,
        suffix,
        familiarity=Other(**content),
    )
    files = report.manifest["files"]
    assert {name: facts["outputs"] for name, facts in files.items()} == (
        dict.fromkeys(files, ALONE)
    )
    notes = "\n".join(report.to_dict()["notes"])
    assert "differs by 0.0002 from Keras's, more than 0.0001" in notes


def test_a_file_without_it_is_refused_where_it_is_expected(
    folder, pictures, graph
):
    known = graph.predict_familiarity(pictures)
    with pytest.raises(VerificationError, match="probabilities only"):
        verify.verify(
            folder / "model.tflite",
            pictures.repeat(2, axis=1).repeat(2, axis=2),
            graph.predict(pictures),
            expected_familiarity=known,
        )
