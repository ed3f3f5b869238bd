"""What a training leaves behind, and how it learns."""

import csv
import json

import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config.model import build_model
from kerasfg.models import backbone
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("small_network")


def test_leaves_a_complete_run_folder(trained):
    run = trained.run
    assert {file.name for file in run.iterdir()} == {
        "README.md",
        "confusion.png",
        "familiarity.npz",
        "history.csv",
        "history.png",
        "kerasfg.json",
        "labels.txt",
        "logs",
        "mistakes.png",
        "model.keras",
        "per_class.csv",
        "recipe.toml",
        "reliability.png",
        "report.json",
        "splits.csv",
    }
    assert (run / "labels.txt").read_text() == "amber\nblue\ncoral\n"
    assert Recipe.from_toml(run / "recipe.toml") == trained.recipe
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["stage"] for row in rows] == ["head", *["all"] * 4]
    assert [row["epoch"] for row in rows] == list("12345")
    assert all(0 <= float(row["input_wait"]) <= 1 for row in rows)
    saved = json.loads((run / "report.json").read_text())
    assert saved["test"]["top_1"] == trained.report["test"]["top_1"]


def test_batch_normalization_follows_a_short_training(trained):
    model = keras.saving.load_model(trained.run / "model.keras", compile=False)
    momenta = {
        layer.momentum
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
    }
    assert momenta == {0.9}


def test_evaluation_of_the_saved_run_gives_the_same_report(trained):
    before = json.loads((trained.run / "report.json").read_text())
    again = TrainedRun(trained.run, verbose=False).evaluate()
    assert again["test"]["confusion"] == before["test"]["confusion"]
    assert again["temperature"] == pytest.approx(before["temperature"])


@pytest.mark.slow
def test_trains_by_all_methods(recipe, methods, tmp_path, capsys, monkeypatch):
    before = {}

    def remember(self, logs=None):
        streams = self.model.backbone
        before[self.stage] = [w for s in streams for w in s.get_weights()]

    monkeypatch.setattr(Checkpoint, "on_train_begin", remember)
    recipe = recipe.with_options(**methods, centroid_update="exact")
    run = tmp_path / "run"
    train(recipe, run, verbose=False)
    assert capsys.readouterr().out == ""  # --json has it to itself
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for key in ("attribute_distance", "class_variance", "feature_norm"):
        assert all(np.isfinite(float(row[key])) for row in rows)
    # two classes, four pictures of each
    assert {float(row["same_class_pairs"]) for row in rows} == {12}
    model = keras.saving.load_model(run / "model.keras", compile=False)
    assert model.attributes.attributes == ("warm", "habitat")
    assert model.centroids.update == "exact"
    np.testing.assert_array_equal(model.centroids.initialized, 1)
    assert Recipe.from_toml(run / "recipe.toml") == recipe
    # The head's stage freezes both streams.
    for first, later in zip(before["head"], before["all"], strict=True):
        np.testing.assert_array_equal(first, later)


@pytest.mark.slow
def test_exact_centroids_are_means_of_the_training_pictures(
    recipe, attributes, tmp_path, capsys
):
    recipe = recipe.with_options(
        attributes=str(attributes),
        attribute="warm",
        centroid_update="exact",
        epochs=1,
    )
    train(recipe, tmp_path / "run")
    printed = capsys.readouterr().out
    assert printed.count("means of the training set computed in") == 2
    run = TrainedRun(tmp_path / "run", verbose=False)
    centroids, table = run.model.centroids, run.model.attributes
    # They were taken before the only epoch in which the backbone learned.
    with numerics(recipe.training):
        model = build_model(recipe, run.pixels.class_names, table)
    rows = run.splits == "train"
    pixels = run.pixels.images[rows].astype("float32")
    features = model.network.predict(pixels, verbose=0)["features"]
    values = table.values[run.pixels.labels[rows], 0]
    means = [features[values == value].mean(axis=0) for value in (0, 1)]
    np.testing.assert_allclose(centroids.table, means, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_history_grows_epoch_by_epoch(recipe, tmp_path, monkeypatch):
    lines = []
    write = RunFolder.write_history

    def write_and_count(self, rows):
        write(self, rows)
        lines.append(len(self.history.read_text().splitlines()))

    monkeypatch.setattr(RunFolder, "write_history", write_and_count)
    train(recipe.with_options(epochs=3), tmp_path / "run", verbose=False)
    # With the names of the columns, and an epoch of the head.
    assert sorted(set(lines)) == [2, 3, 4, 5]


@pytest.mark.slow
def test_early_stopping_keeps_the_best_epoch(recipe, tmp_path):
    recipe = recipe.with_options(
        early_stopping=1, epochs=20, learning_rate=3.0, label_smoothing=0
    )
    report = train(recipe, tmp_path / "run", verbose=False)
    with open(tmp_path / "run" / "history.csv", newline="") as file:
        scores = [
            float(row["val_accuracy"])
            for row in csv.DictReader(file)
            if row["stage"] == "all"
        ]
    assert len(scores) < 20
    assert report["val"]["top_1"] == pytest.approx(max(scores))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attribute": "warmth"}, "lacks the attribute 'warmth'.*'warm'"),
        ({"attributes": "absent.csv"}, "absent.csv', which is missing"),
        ({"batch_size": 16}, "batch_size=16, balanced=4, 3 classes"),
        (
            {"second_backbone": "resnet"},
            "must be one of.*second_backbone='resnet'",
        ),
    ],
    ids=["attribute", "table", "balanced", "backbone"],
)
def test_nothing_is_written_before_all_was_checked(
    recipe, methods, tmp_path, monkeypatch, options, message
):
    if "second_backbone" in options:  # the real function refuses it
        monkeypatch.setattr("kerasfg.config.model.backbone", backbone)
    recipe = recipe.with_options(**{**methods, **options}, weights="none")
    with pytest.raises(ValueError, match=message):
        train(recipe, tmp_path / "run", verbose=False)
    assert not (tmp_path / "run").exists()


def test_does_not_write_into_a_folder_in_use(recipe, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"new or empty.*Received: out="):
        train(recipe, tmp_path / "run", verbose=False)
