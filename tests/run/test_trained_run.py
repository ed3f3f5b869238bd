import json
import shutil

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.metrics.attribute_confusion import attribute_confusion
from kerasfg.manifest import write_manifest
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun

ATTRIBUTES = (
    "patches",
    "crest",
    "wing_bar",
    "eye_ring",
    "bill",
    "tail",
    "habitat",
)


@pytest.fixture
def open_run(birds, tmp_path):
    """A function that opens a copy of a run, some of its recipe changed."""

    def open_run(name, **options):
        run = RunFolder(shutil.copytree(birds / name, tmp_path / name))
        recipe = run.read_recipe().with_options(**options)
        run.recipe.write_text(recipe.to_toml())
        return TrainedRun(run.path, verbose=False)

    return open_run


def predicted(run, rows):
    images = run.pixels.images[rows].astype("float32")
    return run.model.predict(images, verbose=0).argmax(axis=1)


def test_training_and_evaluation_report_the_attributes_of_the_model(open_run):
    run = open_run("helped", attributes="moved.csv")  # it needs no file now
    first = json.loads(run.folder.report.read_text())
    again = run.evaluate()
    for split in ("val", "test"):
        rows = run.splits == split
        expected = attribute_confusion(
            run.pixels.labels[rows], predicted(run, rows), run.model.attributes
        )
        assert tuple(expected) == ATTRIBUTES
        assert first[split]["attributes"] == expected
        assert again[split]["attributes"] == expected


def test_a_table_of_weight_0_is_for_the_evaluation_only(open_run):
    run = open_run("plain", attributes="field_guide", attribute_weight=0)
    assert run.model.attributes is None
    assert run.read_attributes().attributes == ATTRIBUTES
    assert tuple(run.evaluate()["test"]["attributes"]) == ATTRIBUTES


@pytest.mark.slow
def test_any_run_is_evaluated_by_a_table_of_more_classes(open_run, tmp_path):
    run = open_run("plain")
    assert run.read_attributes() is None
    assert "attributes" not in run.evaluate()["test"]
    names = run.pixels.class_names
    rows = [f"{name},{i % 2},{i // 6},0" for i, name in enumerate(names)]
    table = tmp_path / "more.csv"
    table.write_text(
        "\n".join(["class,odd,late,extinct", *rows[::-1], "dodo,0,0,1"])
    )
    read = run.read_attributes(table, ["late", "odd"])
    assert read.class_names == names
    assert read.attributes == ("late", "odd")
    assert read.values[:, 1].tolist() == [0, 1] * 6
    assert set(run.evaluate(read)["test"]["attributes"]) == {"late", "odd"}
    # only the dodo, which is not in the data, is extinct
    assert run.read_attributes(table).attributes == ("odd", "late")


def test_reads_some_of_its_own_attributes(open_run):
    run = open_run("helped")
    assert run.read_attributes(names=["tail"]).attributes == ("tail",)
    with pytest.raises(ValueError, match="lacks the attribute 'tial'"):
        run.read_attributes(names=["tial"])


def test_names_without_a_table_are_an_error(open_run):
    with pytest.raises(ValueError, match=r"Received: attribute=\['tail'\]"):
        open_run("plain").read_attributes(names=("tail",))


@pytest.mark.parametrize("split", ["test", "train"])
def test_features_are_what_the_last_layer_sees(open_run, split):
    run = open_run("plain")
    features = run.features(split)
    rows = np.flatnonzero(run.splits == split)
    assert features.shape == (len(rows), 8) and features.dtype == "float32"
    weights, bias = run.model.network.get_layer("logits").get_weights()
    logits = features @ weights + bias
    np.testing.assert_array_equal(logits.argmax(axis=1), predicted(run, rows))


@pytest.mark.slow
def test_resolutions_are_kept_in_the_run_folder(open_run):
    run = open_run("plain")  # of 16 pixels
    curve = run.resolution_curve([16, 4])
    report = run.evaluate(resolutions=curve)
    far, own = report["test"]["resolutions"]
    assert (far["resolution"], own["resolution"]) == (4, 16)
    assert own["top_1"] == report["test"]["top_1"]
    assert own["n"] == far["n"] == report["test"]["n"]
    assert json.loads(run.folder.report.read_text()) == report
    with Image.open(run.folder.path / "resolutions.png") as image:
        assert min(image.size) > 400
    assert "resolutions" not in run.evaluate()["test"]


@pytest.mark.slow
def test_attention_is_drawn_into_the_run_folder(open_run):
    run = open_run("helped")
    path = run.plot_attention()
    assert path == run.folder.path / "attention.png"
    with Image.open(path) as image:
        assert min(image.size) > 600


def test_a_run_without_attention_draws_none(open_run):
    run = open_run("plain")
    with pytest.raises(ValueError, match="`kerasfg train --attention`"):
        run.plot_attention()
    assert not (run.folder.path / "attention.png").exists()


def test_an_evaluation_leaves_what_it_fitted_for_predict(open_run):
    run = open_run("plain")
    trained = run.folder.read_manifest()
    older = {k: v for k, v in trained.items() if k != "prediction_sets"}
    write_manifest(older, run.folder.path)
    report = run.evaluate()
    manifest = run.folder.read_manifest()
    assert manifest["prediction_sets"] == report["prediction_sets"]
    assert manifest == trained


@pytest.mark.slow
def test_levels_and_questions_of_an_evaluation(open_run):
    run = open_run("helped")
    levels = run.read_levels(level=["crest", "habitat"])
    report = run.evaluate(levels=levels, questions=0.1)
    names = [level["name"] for level in report["levels"]]
    assert names == ["crest", "habitat"]
    assert len(report["test"]["levels"]["levels"]) == 3
    assert report["test"]["questions"]["wrong"] == 0.1
    assert run.folder.read_manifest()["levels"] == report["levels"]
    again = run.evaluate()  # with the levels of the run
    assert again["levels"] == report["levels"]
    assert "questions" not in again["test"]
    with pytest.raises(ValueError, match="give a table of `attributes`"):
        open_run("plain").evaluate(questions=0.1)


@pytest.mark.slow
def test_parts_and_thresholds_of_an_evaluation(open_run, tmp_path):
    run = open_run("plain")
    table = tmp_path / "places.csv"
    rows = [
        f"{name},{'sea' if i % 3 else 'hill'}"
        for i, name in enumerate(run.pixels.names)
    ]
    table.write_text("\n".join(["path,place", *rows]))
    before = run.folder.read_manifest()
    report = run.evaluate(by=["place", "size"], by_table=table, precision=0.9)
    test = report["test"]
    places = test["slices"]["place"]["values"]
    assert [row["value"] for row in places] == ["hill", "sea"]
    assert sum(row["n"] for row in places) == test["n"]
    right = sum(row["n"] * row["top_1"] for row in places)
    assert right == pytest.approx(test["n"] * test["top_1"])
    assert "size" in test["slices"]
    manifest = run.folder.read_manifest()
    assert manifest["class_thresholds"] == report["class_thresholds"]
    assert len(report["class_thresholds"]["thresholds"]) == 12
    again = run.evaluate()  # it keeps the precision, not the columns
    assert again["class_thresholds"] == report["class_thresholds"]
    assert "slices" not in again["test"]
    assert "class_thresholds" not in run.evaluate(precision=0)
    assert run.folder.read_manifest() == before
    with pytest.raises(ValueError, match="by='day', and the columns are: cam"):
        run.evaluate(by=["day"])


@pytest.mark.slow
def test_pictures_that_belong_together_widen_the_intervals(open_run):
    run = open_run("plain")
    assert run.recipe.data.join_copies is False
    alone = run.evaluate()["test"]
    run._group_ids = lambda: np.zeros(len(run.pixels), int)
    one = run.evaluate()["test"]
    assert one["top_1"] == alone["top_1"]
    (low, high), (least, most) = (
        found["top_1_interval"] for found in (alone, one)
    )
    assert most - least > high - low
