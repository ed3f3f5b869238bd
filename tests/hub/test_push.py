import io
import json
import os
import pickle
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.data.splits import write_splits
from kerasfg.folder_lock import locked_folder
from kerasfg.hub import download
from kerasfg.run.push import push
from kerasfg.run.push.without_optimizer import without_optimizer
from kerasfg.run.run_folder import RunFolder

ADDRESS = "hf://ann/rails"
NAMES = [
    "README.md",
    "confusion.png",
    "kerasfg.json",
    "labels.txt",
    "model.keras",
    "recipe.toml",
    "report.json",
    "splits.csv",
]


def test_a_run_goes_up_in_one_commit_and_comes_down(hub, finished_run):
    done = push(finished_run.path, ADDRESS, verbose=False)
    assert [file["name"] for file in done["files"]] == NAMES
    assert done["url"].endswith(f"/commit/{'0123456789abcdef' * 2}01234567")
    assert len(hub.commits) == 1
    assert sorted(hub.files["ann/rails"]) == NAMES
    assert "kerasfg predict hf://ann/rails photo.jpg" in card_of(hub)
    back = RunFolder(ADDRESS)
    assert back.model.read_bytes() == without_optimizer(finished_run.model)
    assert back.read_manifest() == finished_run.read_manifest()


def card_of(hub):
    return hub.files["ann/rails"]["README.md"].decode()


def test_no_path_of_this_computer_goes_up(hub, finished_run):
    assert "secret" in finished_run.recipe.read_text()
    push(finished_run.path, ADDRESS, verbose=False)
    everything = b"".join(hub.files["ann/rails"].values())
    assert b"secret" not in everything
    recipe = hub.files["ann/rails"]["recipe.toml"].decode()
    assert 'path = "rails"' in recipe


def test_names_that_are_paths_do_not_go_up(hub, finished_run):
    run = finished_run
    names = ["/home/ann/a.jpg", "https://e.org/b?key=1", r"C:\ann\c", "d/e.jpg"]
    write_splits(run.splits, names, ["train", "val", "test", "test"])
    run.decisions.write_text("path,decision\n/home/ann/a.jpg,keep\n")
    run.write_recipe(
        run.read_recipe().with_options(leave_out=str(run.decisions))
    )
    push(run.path, ADDRESS, verbose=False)
    up = hub.files["ann/rails"]
    assert up["splits.csv"].decode().splitlines()[1:] == [
        "elsewhere/1,train",
        "elsewhere/2,val",
        "elsewhere/3,test",
        "d/e.jpg,test",
    ]
    assert "decisions.csv" not in up
    assert b"ann/a.jpg" not in b"".join(up.values())
    RunFolder(ADDRESS).read_recipe()


def test_a_dry_run_asks_nobody(hub, finished_run, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    done = push(finished_run.path, ADDRESS, dry_run=True, verbose=False)
    assert [file["name"] for file in done["files"]] == NAMES
    assert done["bytes"] == sum(file["bytes"] for file in done["files"])
    assert done["url"] is None
    assert hub.asked == []


def test_pictures_go_up_only_if_they_are_asked_for(finished_run):
    given = {"dry_run": True, "verbose": False}
    done = push(finished_run.path, ADDRESS, examples=True, **given)
    notes = {file["name"]: file["note"] for file in done["files"]}
    assert notes["mistakes.png"] == "shows test pictures"
    assert "mistakes.png" not in NAMES


@pytest.mark.slow
def test_what_an_earlier_upload_left_is_removed(hub, finished_run):
    theirs = {"own.md": b"", "photos/a.png": b"", "logo.png": b""}
    hub.files["ann/rails"] = {"model_int8.tflite": b"", **theirs}
    push(finished_run.path, ADDRESS, verbose=False)
    assert ("deletedFile", "model_int8.tflite") in hub.commits[0]
    assert set(theirs) < set(hub.files["ann/rails"])


@pytest.mark.parametrize("name", ["history.csv", "model.keras", "README.md"])
def test_a_link_is_not_followed(finished_run, tmp_path, name):
    file = finished_run.path / name
    secret = tmp_path / "secret"
    secret.write_bytes(finished_run.model.read_bytes())
    file.unlink(missing_ok=True)
    file.symlink_to(secret)
    with pytest.raises(ValueError, match="must not be a link"):
        push(finished_run.path, ADDRESS, dry_run=True)


def test_a_pipe_in_place_of_the_card_does_not_hang(finished_run):
    os.mkfifo(finished_run.path / "README.md")
    done = push(finished_run.path, ADDRESS, dry_run=True)
    assert [file["name"] for file in done["files"]] == NAMES


def test_a_run_in_training_stays_here(finished_run):
    with (
        locked_folder(finished_run.path, "training"),
        pytest.raises(ValueError, match="training"),
    ):
        push(finished_run.path, ADDRESS, dry_run=True)


def test_the_model_goes_up_without_its_optimizer(finished_run, tmp_path):
    content = without_optimizer(finished_run.model)
    assert content == without_optimizer(finished_run.model)
    assert len(content) < finished_run.model.stat().st_size / 2
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "compile_config" not in json.loads(archive.read("config.json"))
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as file:
        assert list(file) == ["layers"]
        assert file["layers/dense/vars/0"][:].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", ["link", "soft link", "outside"])
def test_weights_in_another_file_are_refused(finished_run, tmp_path, kind):
    other = str(tmp_path / "other")
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        if kind == "outside":
            outside = [(other, 0, 8)]
            file.create_dataset("a", (1,), "f8", external=outside)
        elif kind == "link":
            file["a"] = h5py.ExternalLink(other, "a")
        else:
            file["a"] = h5py.SoftLink("/b")
    with zipfile.ZipFile(finished_run.model, "w") as archive:
        config = {"class_name": "Model", "config": {}}
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights.getvalue())
    with pytest.raises(ValueError, match="weights 'a' are in another file"):
        push(finished_run.path, ADDRESS, dry_run=True)


def test_what_is_no_model_of_keras_stays_here(finished_run):
    finished_run.model.write_bytes(pickle.dumps("model"))
    with pytest.raises(ValueError, match=r"must be a \.keras file"):
        push(finished_run.path, ADDRESS, dry_run=True)


@pytest.mark.slow
def test_a_readme_of_yours_goes_up_as_it_is(hub, finished_run):
    (finished_run.path / "README.md").write_text("mine")
    push(finished_run.path, ADDRESS, verbose=False)
    assert card_of(hub) == "mine"
    assert b"# rails" in hub.files["ann/rails"]["MODEL_CARD.md"]


@pytest.mark.slow
def test_private_is_private_or_nothing_goes_up(hub, finished_run):
    push(finished_run.path, ADDRESS, private=True, verbose=False)
    assert hub.private == {"ann/rails"}
    hub.private.clear()
    with pytest.raises(ValueError, match="everybody can see it.*private=True"):
        push(finished_run.path, ADDRESS, private=True, verbose=False)
    assert len(hub.commits) == 1


@pytest.mark.slow
def test_an_export_goes_up_with_its_files(hub, tmp_path, made_export):
    done = push(made_export, ADDRESS, verbose=False)
    names = [file["name"] for file in done["files"]]
    assert names == ["README.md", "kerasfg.json", "labels.txt", "model.tflite"]
    (made_export / "model.tflite").unlink()
    with pytest.raises(ValueError, match="Received: no model.tflite in"):
        push(made_export, ADDRESS, verbose=False)


@pytest.fixture
def made_export(finished_run, tmp_path):
    """An export folder that holds what its kerasfg.json names."""
    from kerasfg.manifest import write_manifest

    out = tmp_path / "exported"
    out.mkdir()
    (out / "model.tflite").write_bytes(b"file")
    (out / "notes.txt").touch()
    facts = {"format": "tflite", "sha256": "0" * 64}
    files = {"model.tflite": facts}
    manifest = finished_run.read_manifest()
    write_manifest({**manifest, "files": files}, out)
    return out


@pytest.mark.parametrize(
    "token, message",
    [
        (None, "You must be logged in to the Hub: `hf auth login`"),
        ("wrong", "You must be logged in to the Hub: `hf auth login`"),
    ],
)
def test_without_a_login_nothing_goes_up(
    hub, finished_run, monkeypatch, token, message
):
    monkeypatch.delenv("HF_TOKEN")
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ValueError, match=message):
        push(finished_run.path, ADDRESS, verbose=False)
    assert hub.commits == []


def test_an_unfinished_run_stays_here(finished_run):
    finished_run.model.unlink()
    finished_run.manifest.unlink()
    with pytest.raises(ValueError, match="must have ended"):
        push(finished_run.path, ADDRESS, dry_run=True, verbose=False)


@pytest.mark.parametrize("to", ["ann/rails", "hf://ann/rails@main"])
def test_an_address_has_no_revision(finished_run, to):
    with pytest.raises(ValueError, match="without a revision. Received: to="):
        push(finished_run.path, to, dry_run=True)


@pytest.mark.slow
@pytest.mark.usefixtures("small_network")
def test_a_model_of_the_hub_predicts_and_teaches(hub, birds, tmp_path):
    from kerasfg.run.load_keras import load_keras
    from kerasfg.run.predictor import load_predictor
    from kerasfg.training import train

    run = shutil.copytree(birds / "plain", tmp_path / "plain")
    push(run, ADDRESS, verbose=False)
    download._downloaded.cache_clear()
    here, there = load_predictor(run), load_predictor(ADDRESS)
    assert there.class_names == here.class_names
    own, copied = (
        load_keras(RunFolder(x).model).get_weights() for x in (run, ADDRESS)
    )
    for weights, others in zip(own, copied, strict=True):
        np.testing.assert_array_equal(weights, others)
    student = Recipe().with_options(
        data="field_guide",
        images_per_class=8,
        image_size=8,
        epochs=1,
        batch_size=16,
        teacher=ADDRESS,
    )
    train(student, tmp_path / "student", verbose=False)
    recipe = Recipe.from_toml(tmp_path / "student" / "recipe.toml")
    assert recipe.teacher.run == ADDRESS
    report = json.loads((tmp_path / "student" / "report.json").read_text())
    assert report["test"]["n"] > 0
