import numpy as np
import pytest

from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_pixels
from kerasfg.data.batches.pipeline import evaluation_batches
from kerasfg.data.splits import read_splits
from kerasfg.evaluation import read_report
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_class_mean
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_neighbour
from kerasfg.evaluation.report.html_page.same_recipe import same_recipe
from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.reproduce.euclidean import measure_euclidean
from kerasfg.run.run_folder import RunFolder
from kerasfg.training.numerics import numerics
from kerasfg.training.setup.splits import split_of
from kerasfg.training.train import train


@pytest.fixture(autouse=True)
def _network(small_network):
    """Each of these measures the features of the tiny backbone."""


def features_of(recipe):
    """Features, labels and splits of all pictures."""
    pixels = load_pixels(recipe.data, verbose=False)
    with numerics(recipe.training):
        network = build_model(recipe, pixels.class_names).network
    batches = evaluation_batches(pixels.images)
    features = [np.asarray(network(x)["features"]) for x in batches]
    splits = split_of(pixels, recipe)
    return np.concatenate(features), np.asarray(pixels.labels), splits


def test_leaves_a_run_folder_without_a_model(recipe, tmp_path):
    run = RunFolder(tmp_path / "out" / "run")
    report = measure_euclidean(recipe, run.path, "mean")
    files = sorted(file.name for file in run.path.iterdir())
    assert files == [
        "kerasfg.json",
        "labels.txt",
        "recipe.toml",
        "report.json",
        "splits.csv",
    ]
    assert run.read_recipe() == recipe
    assert read_report(run.report) == report
    manifest = run.read_manifest()
    assert (manifest["euclidean"], manifest["files"]) == ("mean", {})
    assert manifest["class_names"] == ["amber", "blue", "coral"]
    assert report["classes"] == ["amber", "blue", "coral"]
    assert report["test"]["n"] == 9  # a quarter of 36
    assert report["val"]["n"] == 6
    tested = [x for x in read_splits(run.splits).values() if x == "test"]
    assert len(tested) == 9


@pytest.mark.slow
def test_is_tested_on_the_pictures_that_a_training_is(recipe, tmp_path):
    recipe = recipe.with_options(epochs=1, train_share=0.5)
    measure_euclidean(recipe, tmp_path / "euc-0", "mean")
    train(recipe, tmp_path / "plain-0", verbose=False)
    euclidean, plain = (RunFolder(tmp_path / x) for x in ("euc-0", "plain-0"))
    assert euclidean.splits.read_bytes() == plain.splits.read_bytes()
    runs = [read_run(run.path, run.path.name) for run in (euclidean, plain)]
    assert [group.name for group in same_recipe(runs)] == ["euc-0", "plain-0"]


@pytest.mark.parametrize(
    ("rule", "classify"),
    [("neighbour", nearest_neighbour), ("mean", nearest_class_mean)],
)
def test_is_as_good_as_the_nearest_in_features(
    recipe, tmp_path, rule, classify
):
    recipe = recipe.with_options(crop_from=20, train_share=0.5, seed=2)
    report = measure_euclidean(recipe, tmp_path / "run", rule)
    features, labels, splits = features_of(recipe)
    train = splits == "train"
    for split in ("val", "test"):
        rows = splits == split
        predicted = classify(features[train], labels[train], features[rows])
        right = 0
        for mine, true in zip(predicted, labels[rows], strict=True):
            right += mine == true
        assert report[split]["top_1"] == pytest.approx(right / rows.sum())
    assert report["test"]["top_1"] > 1 / 3


def test_attributes_are_confused_as_the_classes_are(
    recipe, attributes, tmp_path
):
    recipe = recipe.with_options(attributes=str(attributes))
    report = measure_euclidean(recipe, tmp_path / "run", "mean")
    for split in ("val", "test"):
        assert list(report[split]["attributes"]) == ["warm", "habitat"]
        rates = [c["rate"] for c in report[split]["attributes"].values()]
        assert max(rates) <= 1 - report[split]["top_1"] + 1e-9


def test_the_same_again_is_the_same(recipe, tmp_path):
    first = measure_euclidean(recipe, tmp_path / "run", "neighbour")
    again = measure_euclidean(recipe, tmp_path / "run", "neighbour")
    assert first == again


def test_an_unknown_rule_leaves_no_result(recipe, tmp_path):
    with pytest.raises(ValueError, match="Received: rule='median'"):
        measure_euclidean(recipe, tmp_path / "run", "median")
    assert not (tmp_path / "run" / "kerasfg.json").exists()
