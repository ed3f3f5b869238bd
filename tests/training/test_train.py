import csv
import json
import tomllib

import keras
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config.model import build_model
from kerasfg.data import decode_image
from kerasfg.data import shrink
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.models import backbone
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.run.exportable import exportable
from kerasfg.run.predictor import load_predictor
from kerasfg.training import train
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.numerics import numerics

pytestmark = pytest.mark.usefixtures("small_network")


def weights(run):
    model = keras.saving.load_model(run / "model.keras", compile=False)
    return model.get_weights()


def assert_same_weights(run, other):
    for mine, theirs in zip(weights(run), weights(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_leaves_a_complete_run_folder(recipe, tmp_path):
    run = tmp_path / "run"
    report = train(recipe, run, verbose=False)
    assert {file.name for file in run.iterdir()} == {
        "confusion.png",
        "history.csv",
        "history.png",
        "kerasfg.json",
        "labels.txt",
        "logs",
        "mistakes.png",
        "model.keras",
        "recipe.toml",
        "reliability.png",
        "report.json",
        "splits.csv",
    }
    assert (run / "labels.txt").read_text() == "amber\nblue\ncoral\n"
    assert Recipe.from_toml(run / "recipe.toml") == recipe
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["stage"] for row in rows] == ["head", *["all"] * 4]
    assert [row["epoch"] for row in rows] == list("12345")
    assert all(0 <= float(row["input_wait"]) <= 1 for row in rows)
    saved = json.loads((run / "report.json").read_text())
    assert saved["test"]["top_1"] == report["test"]["top_1"]


def test_a_folder_with_bad_pictures_trains_and_each_is_named(
    recipe, picture_folder, tmp_path, spoil
):
    bad = spoil(picture_folder / "blue")
    with pytest.warns(UserWarning) as caught:
        report = train(recipe, tmp_path / "run", verbose=False)
    message = "".join(str(warning.message) for warning in caught)
    for name in bad:
        assert f"blue/{name}" in message
    assert report["test"]["n"] >= 9
    splits = (tmp_path / "run" / "splits.csv").read_text()
    assert "blue/whole.jpg" in splits
    assert not any(name in splits for name in bad)


def test_only_the_head_learns_in_its_stage(recipe, tmp_path, monkeypatch):
    before = {}

    def remember(self, logs=None):
        values = self.model.backbone.get_weights()
        before.setdefault(self.stage, values)

    monkeypatch.setattr(Checkpoint, "on_train_begin", remember)
    train(recipe, tmp_path / "run", verbose=False)
    for first, later in zip(before["head"], before["all"], strict=True):
        np.testing.assert_array_equal(first, later)


def test_two_trainings_are_the_same(recipe, tmp_path):
    for name in ("a", "b"):
        train(recipe, tmp_path / name, verbose=False)
    assert_same_weights(tmp_path / "a", tmp_path / "b")


def test_another_seed_is_another_training(recipe, tmp_path):
    train(recipe, tmp_path / "a", verbose=False)
    train(recipe.with_options(seed=1), tmp_path / "b", verbose=False)
    assert not np.array_equal(
        weights(tmp_path / "a")[0], weights(tmp_path / "b")[0]
    )


def test_trains_by_all_methods(recipe, methods, tmp_path, capsys):
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


@pytest.fixture
def on_crops(recipe):
    """A recipe whose training pictures are not those that are tested."""
    return recipe.with_options(**OPTIONS["pictures"], epochs=1, head_epochs=0)


def test_trains_on_crops_and_tests_on_their_middle(
    on_crops, picture_folder, tmp_path
):
    report = train(on_crops, tmp_path / "run", verbose=False)
    card = json.loads((tmp_path / "run" / "kerasfg.json").read_text())
    assert card["crop_fraction"] == 16 / 20
    run = TrainedRun(tmp_path / "run", verbose=False)
    assert len(run.pixels.class_names) == 2
    assert run.evaluate()["test"] == report["test"]
    (row,) = run.resolution_curve([16])
    assert row["top_1"] == report["test"]["top_1"]
    index = np.flatnonzero(run.splits == "test")[0]
    file = picture_folder / run.pixels.names[index]
    predictor = load_predictor(tmp_path / "run")
    image = shrink(decode_image(file), 16, crop_fraction=0.8)
    np.testing.assert_array_equal(image, run.pixels.images[index])
    answer = predictor.predict(file)
    raw = predictor.classify(image[None])
    calibrated = apply_temperature(raw, card["temperature"])[0]
    assert answer["probability"] == calibrated.max()
    metadata = exportable(tmp_path / "run", verbose=False).metadata
    assert metadata["crop_fraction"] == 16 / 20


def test_a_run_on_whole_squares_says_nothing_of_crops(recipe, tmp_path):
    train(recipe.with_options(epochs=1), tmp_path / "run", verbose=False)
    card = json.loads((tmp_path / "run" / "kerasfg.json").read_text())
    assert "crop_fraction" not in card
    metadata = exportable(tmp_path / "run", verbose=False).metadata
    assert "crop_fraction" not in metadata


def test_trains_on_a_share_of_the_pictures(recipe, tmp_path, monkeypatch):
    taken = []

    def remember(*arguments, rows, **options):
        taken.append(rows)
        return TrainingBatches(*arguments, rows=rows, **options)

    monkeypatch.setattr("kerasfg.training.fit.TrainingBatches", remember)
    for name, share in (("all", 1.0), ("half", 0.5)):
        options = {"train_share": share, "epochs": 1, "head_epochs": 0}
        train(recipe.with_options(**options), tmp_path / name, verbose=False)
    everything, half = (
        TrainedRun(tmp_path / name, verbose=False).splits
        for name in ("all", "half")
    )
    unused = half == "unused"
    assert unused.sum() == 9 and np.all(everything[unused] == "train")
    np.testing.assert_array_equal(half[~unused], everything[~unused])
    assert "unused" in (tmp_path / "half" / "splits.csv").read_text()
    for rows, splits in zip(taken, (everything, half), strict=True):
        np.testing.assert_array_equal(rows, np.flatnonzero(splits == "train"))


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
    assert printed.count("means of the training set taken in") == 2
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


def test_the_head_stage_freezes_both_streams(
    recipe, methods, tmp_path, monkeypatch
):
    before = {}

    def remember(self, logs=None):
        streams = self.model.backbone
        before[self.stage] = [w for s in streams for w in s.get_weights()]

    monkeypatch.setattr(Checkpoint, "on_train_begin", remember)
    train(recipe.with_options(**methods), tmp_path / "run", verbose=False)
    for first, later in zip(before["head"], before["all"], strict=True):
        np.testing.assert_array_equal(first, later)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attribute": "warmth"}, "lacks the attribute 'warmth'.*'warm'"),
        ({"attributes": "absent.csv"}, "absent.csv', which is missing"),
        ({"batch_size": 16}, "batch_size=16, balanced=4, 3 classes"),
        ({"second_backbone": "resnet"}, "must be one of.*name='resnet'"),
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


OPTIONS = {
    "sgd": {"optimizer": "sgd"},
    "adamw": {},
    "step": {"schedule": "step", "step_epochs": 1},
    "average": {"ema": 0.8},
    "early stopping": {"early_stopping": 2, "epochs": 8},
    "average, early stopping": {"ema": 0.8, "early_stopping": 2},
    "float16": {"mixed_precision": True},
    "pictures": {
        "crop_from": 20,
        "augment_at": 32,
        "train_resolutions": (8, 16),
        "train_share": 0.5,
        "classes": 2,
    },
    "methods": None,  # those of the fixture
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_resumes_after_any_epoch(recipe, methods, tmp_path, monkeypatch, name):
    recipe = recipe.with_options(**(OPTIONS[name] or methods))
    train(recipe, tmp_path / "whole", verbose=False)
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    train_from = {"recipe": recipe, "resume": False}
    monkeypatch.setattr(Checkpoint, "save", save_and_stop)
    epochs = recipe.training.head_epochs + recipe.training.epochs
    for _ in range(epochs):
        try:
            train(out=tmp_path / "run", verbose=False, **train_from)
            break
        except KeyboardInterrupt:
            train_from = {"recipe": None, "resume": True}
    monkeypatch.setattr(Checkpoint, "save", save)
    train(None, tmp_path / "run", resume=True, verbose=False)
    assert_same_weights(tmp_path / "whole", tmp_path / "run")
    histories = [
        (tmp_path / run / "history.csv").read_text().splitlines()
        for run in ("whole", "run")
    ]
    assert len(histories[0]) == len(histories[1])


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


def test_evaluation_of_the_saved_run_gives_the_same_report(recipe, tmp_path):
    train(recipe, tmp_path / "run", verbose=False)
    before = json.loads((tmp_path / "run" / "report.json").read_text())
    again = TrainedRun(tmp_path / "run", verbose=False).evaluate()
    assert again["test"]["confusion"] == before["test"]["confusion"]
    assert again["temperature"] == pytest.approx(before["temperature"])


def test_pictures_may_have_moved(recipe, tmp_path, picture_folder):
    train(recipe, tmp_path / "run", verbose=False)
    moved = picture_folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="Received: directory="):
        TrainedRun(tmp_path / "run", verbose=False)
    TrainedRun(tmp_path / "run", data=moved, verbose=False)


def test_a_missing_picture_is_named_on_evaluation(
    recipe, tmp_path, picture_folder
):
    train(recipe, tmp_path / "run", verbose=False)
    (picture_folder / "blue" / "03.png").unlink()
    with pytest.raises(ValueError, match=r"1 missing, such as 'blue/03\.png'"):
        TrainedRun(tmp_path / "run", verbose=False)


def test_a_missing_picture_is_named_on_resume(
    recipe, tmp_path, picture_folder, monkeypatch
):
    monkeypatch.setattr(Checkpoint, "on_train_begin", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "run", verbose=False)
    (picture_folder / "blue" / "03.png").unlink()
    with pytest.raises(ValueError, match=r"1 missing, such as 'blue/03\.png'"):
        train(None, tmp_path / "run", resume=True, verbose=False)


def _interrupt(self, logs=None):
    raise KeyboardInterrupt


def test_does_not_write_into_a_folder_in_use(recipe, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"new or empty.*Received: out="):
        train(recipe, tmp_path / "run", verbose=False)


def test_resume_of_an_ended_training_trains_nothing(
    recipe, tmp_path, monkeypatch
):
    before = train(recipe, tmp_path / "run", verbose=False)
    monkeypatch.setattr(Checkpoint, "on_train_begin", _interrupt)
    again = train(None, tmp_path / "run", resume=True, verbose=False)
    assert again["test"] == before["test"]


def test_resume_wants_a_run_folder(tmp_path):
    with pytest.raises(ValueError, match=r"recipe\.toml.*Received: run="):
        train(None, tmp_path / "nothing", resume=True)


def test_the_recipe_of_a_run_finds_its_files_from_anywhere(
    recipe, tmp_path, monkeypatch, picture_folder, attributes
):
    monkeypatch.chdir(picture_folder.parent)
    recipe = recipe.with_options(data="pictures", attributes=attributes.name)
    train(recipe, tmp_path / "r", verbose=False)
    values = tomllib.loads((tmp_path / "r" / "recipe.toml").read_text())
    assert values["data"]["data"] == str(picture_folder)
    assert values["attributes"]["attributes"] == str(attributes)


def test_a_published_data_set_is_found_from_anywhere(
    recipe, tmp_path, monkeypatch, awa2
):
    monkeypatch.chdir(tmp_path)
    recipe = recipe.with_options(
        data="awa2:awa2", attributes="awa2:awa2", epochs=1, head_epochs=0
    )
    report = train(recipe, tmp_path / "r", verbose=False)
    values = tomllib.loads((tmp_path / "r" / "recipe.toml").read_text())
    assert values["data"]["data"] == f"awa2:{awa2}"
    assert values["attributes"]["attributes"] == f"awa2:{awa2}"
    assert report["test"]["n"] == 12  # 30 % of 36, by class
    monkeypatch.chdir("/")
    trained = TrainedRun(tmp_path / "r", verbose=False)
    assert trained.read_attributes().attributes == ("warm",)
