"""Which pictures a training takes, and how it finds them again."""

import shutil
import sys
import tomllib

import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.data import decode_image
from kerasfg.data import shrink
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.manifest import read_manifest
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.run.beginning import compare_beginning
from kerasfg.run.beginning import write_beginning
from kerasfg.run.exportable import exportable
from kerasfg.run.predictor import load_predictor
from kerasfg.training import train

pytestmark = pytest.mark.usefixtures("small_network")


@pytest.mark.slow
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


@pytest.fixture
def on_crops(recipe):
    """A recipe whose training pictures are not those that are tested."""
    return recipe.with_options(
        crop_from=20,
        augment_at=32,
        train_resolutions=(8, 16),
        train_share=0.5,
        classes=2,
        epochs=1,
        head_epochs=0,
    )


@pytest.mark.slow
def test_trains_on_crops_and_tests_on_their_middle(
    on_crops, picture_folder, tmp_path
):
    report = train(on_crops, tmp_path / "run", verbose=False)
    manifest = read_manifest(tmp_path / "run")
    assert manifest["crop_fraction"] == 16 / 20
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
    calibrated = apply_temperature(raw, manifest["temperature"])[0]
    assert answer["probability"] == calibrated.max()
    metadata = exportable(tmp_path / "run", verbose=False).metadata
    assert metadata["crop_fraction"] == 16 / 20


def test_trains_on_a_share_of_the_pictures(trained, tmp_path, monkeypatch):
    taken = []

    def remember(*arguments, rows, **options):
        taken.append(rows)
        return TrainingBatches(*arguments, rows=rows, **options)

    monkeypatch.setattr("kerasfg.training.fit.TrainingBatches", remember)
    options = {"train_share": 0.5, "epochs": 1, "head_epochs": 0}
    recipe = trained.recipe.with_options(**options)
    train(recipe, tmp_path / "half", verbose=False)
    everything, half = (
        TrainedRun(run, verbose=False).splits
        for run in (trained.run, tmp_path / "half")
    )
    unused = half == "unused"
    assert unused.sum() == 9 and np.all(everything[unused] == "train")
    np.testing.assert_array_equal(half[~unused], everything[~unused])
    assert "unused" in (tmp_path / "half" / "splits.csv").read_text()
    np.testing.assert_array_equal(taken, [np.flatnonzero(half == "train")])


@pytest.fixture
def lost(trained, tmp_path):
    """The folder of a run whose pictures are no longer where they were."""
    run = shutil.copytree(trained.run, tmp_path / "run")
    text = (run / "recipe.toml").read_text()
    moved = text.replace(str(trained.pictures), str(tmp_path / "pictures"))
    (run / "recipe.toml").write_text(moved)
    return run


def test_pictures_may_have_moved(lost, trained):
    with pytest.raises(ValueError, match="Received: data="):
        TrainedRun(lost, verbose=False)
    TrainedRun(lost, data=trained.pictures, verbose=False)


def test_a_missing_picture_is_named_on_evaluation(lost, picture_folder):
    (picture_folder / "blue" / "03.png").unlink()
    with pytest.raises(ValueError, match=r"1 missing, such as 'blue/03\.png'"):
        TrainedRun(lost, verbose=False)


@pytest.mark.slow
def test_the_recipe_of_a_run_finds_its_files_from_anywhere(
    recipe, tmp_path, monkeypatch, picture_folder, attributes
):
    monkeypatch.chdir(picture_folder.parent)
    recipe = recipe.with_options(
        data="pictures", attributes=attributes.name, epochs=1, head_epochs=0
    )
    train(recipe, tmp_path / "r", verbose=False)
    values = tomllib.loads((tmp_path / "r" / "recipe.toml").read_text())
    assert values["data"]["path"] == str(picture_folder)
    assert values["attributes"]["table"] == str(attributes)


@pytest.mark.slow
def test_a_published_data_set_is_found_from_anywhere(
    recipe, tmp_path, monkeypatch, awa2
):
    monkeypatch.chdir(tmp_path)
    recipe = recipe.with_options(
        data="awa2:awa2", attributes="awa2:awa2", epochs=1, head_epochs=0
    )
    report = train(recipe, tmp_path / "r", verbose=False)
    values = tomllib.loads((tmp_path / "r" / "recipe.toml").read_text())
    assert values["data"]["path"] == f"awa2:{awa2}"
    assert values["attributes"]["table"] == f"awa2:{awa2}"
    assert report["test"]["n"] == 12  # 30 % of 36, by class
    monkeypatch.chdir("/")
    trained = TrainedRun(tmp_path / "r", verbose=False)
    assert trained.read_attributes().attributes == ("warm",)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:By .* left out")
def test_pictures_are_left_out_and_relabelled_for_good(
    recipe, picture_folder, tmp_path
):
    file = tmp_path / "suspects.csv"
    file.write_text(
        "path,looks_like,decision\n"
        "amber/00.png,blue,leave out\n"
        "blue/03.png,coral,relabel\n"
        "coral/05.png,blue,keep\n"
        "coral/06.png,blue,\n"
    )
    recipe = recipe.with_options(leave_out=str(file), epochs=1, head_epochs=0)
    report = train(recipe, tmp_path / "run", verbose=False)
    splits = (tmp_path / "run" / "splits.csv").read_text()
    assert splits.count(".png") == 35 and "amber/00.png" not in splits
    # The run goes by its own copy, whatever becomes of the file.
    file.write_text("path,decision\nblue/03.png,leave out\n")
    run = TrainedRun(tmp_path / "run", verbose=False)
    assert run.evaluate()["test"] == report["test"]
    labels = dict(zip(run.pixels.names, run.pixels.labels, strict=True))
    # A resumed training does not take the copy for another file.
    write_beginning(run.folder, recipe, run.pixels)
    compare_beginning(run.folder, run.recipe, run.pixels)
    names = run.pixels.class_names
    assert names[labels["blue/03.png"]] == "coral"
    assert names[labels["coral/05.png"]] == names[labels["coral/06.png"]]
    shutil.rmtree(tmp_path / "cache")
    file.unlink()
    assert TrainedRun(tmp_path / "run", verbose=False).pixels.names == (
        run.pixels.names
    )


@pytest.mark.filterwarnings("ignore:By .* left out")
def test_what_best_leaves_out_is_named_by_its_own_place(
    recipe, tmp_path, monkeypatch
):
    """Its recipe is written before its teacher, and again afterwards."""
    file = tmp_path / "suspects.csv"
    file.write_text("path,decision\namber/00.png,leave out\n")
    recipe = recipe.with_options(leave_out=str(file))
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    run.write_recipe(recipe)
    file.unlink()  # there is a copy in the folder

    def fit(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["kerasfg.training.train"], "fit", fit)
    with pytest.raises(KeyboardInterrupt):
        train(None, run.path, resume=True, verbose=False)
    assert run.begun.exists()
    assert Recipe.from_toml(run.recipe).data.leave_out == str(file)
    assert run.read_recipe().data.leave_out == str(run.decisions)
    assert len(run.splits.read_text().splitlines()) == 36
