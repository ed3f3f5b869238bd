import os

import pytest
from command_line import kerasfg

from kerasfg.config import Recipe
from kerasfg.config.first_weights import trained_model
from kerasfg.config.places import with_absolute_paths
from kerasfg.hub import download
from kerasfg.hub.download import local_folder
from kerasfg.hub.download import local_weights
from kerasfg.run.given_paths import check_exportable
from kerasfg.run.given_paths import find_model
from kerasfg.run.run_folder import RunFolder

ADDRESS = "hf://ann/rails"


@pytest.fixture
def uploaded(hub, finished_run):
    """The hub with a run, and with a file that could run code."""
    files = {x.name: x.read_bytes() for x in finished_run.path.iterdir()}
    hub.files["ann/rails"] = {**files, "code.py": b"", "model.pkl": b""}
    return hub


def test_a_run_is_downloaded_once_and_is_a_run(uploaded):
    run = RunFolder(ADDRESS)
    run.check_trained()
    assert run.name == "rails"
    assert run.read_class_names()[0] == "Black_rail"
    assert not (run.path / "code.py").exists()
    assert not (run.path / "model.pkl").exists()
    asked = len(uploaded.asked)
    assert find_model(ADDRESS) == run.path / "model.keras"
    assert len(uploaded.asked) == asked


def test_what_is_kept_serves_without_a_network(uploaded, monkeypatch):
    from huggingface_hub import constants

    before = local_folder(ADDRESS)
    download._downloaded.cache_clear()
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    assert local_folder(ADDRESS) == before


def test_a_folder_here_stays_what_it_is(tmp_path):
    assert local_folder(tmp_path) == tmp_path
    assert local_weights("imagenet") is None


@pytest.mark.parametrize(
    "address, message",
    [
        ("hf://ann/rails@v9", "no such revision.*Received: hf://ann/rails@v9"),
        ("hf://ann/none", "no such model on the Hub, or it is private"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(uploaded, address, message):
    with pytest.raises(ValueError, match=message) as caught:
        RunFolder(address)
    assert "\n" not in str(caught.value)


def test_a_private_model_needs_a_login(uploaded, monkeypatch):
    uploaded.private.add("ann/rails")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ValueError, match="log in by `hf auth login`"):
        local_folder(ADDRESS)


def test_no_network_is_said(hub, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(ValueError, match="cannot be reached, and the model is"):
        local_folder(ADDRESS)
    assert local_weights("hf://ann/preset") is None  # KerasHub says it


def test_a_model_of_others_is_refused_but_as_weights_is_a_preset(hub):
    hub.files["ann/preset"] = {"config.json": b"{}", "README.md": b""}
    with pytest.raises(ValueError, match="must be of kerasfg.* model="):
        local_folder("hf://ann/preset")
    assert local_weights("hf://ann/preset") is None


def test_a_huge_model_is_not_downloaded(uploaded):
    uploaded.claimed = download.MAX_BYTES
    with pytest.raises(ValueError, match="of 4 GiB.*Received: hf://ann"):
        local_folder(ADDRESS)
    assert not any(
        x.startswith("GET") and "resolve" in x for x in uploaded.asked
    )


def test_too_many_files_are_not_downloaded(uploaded):
    names = (f"model{i}.onnx" for i in range(download.MAX_FILES))
    uploaded.files["ann/rails"] |= dict.fromkeys(names, b"")
    with pytest.raises(ValueError, match="may have 200 files"):
        local_folder(ADDRESS)


def test_files_of_folders_are_not_downloaded(uploaded):
    others = {"model/a.onnx": b"", "model/../../a.onnx": b""}
    uploaded.files["ann/rails"] |= others
    assert not list(local_folder(ADDRESS).rglob("*.onnx"))


def test_an_answer_of_something_else_is_said(uploaded, monkeypatch):
    def answer(self, value):
        self.send_response(200)
        self._send(b"<html>Log in</html>")

    handler = uploaded.server.RequestHandlerClass
    monkeypatch.setattr(handler, "_json", answer)
    with pytest.raises(ValueError, match="What answers is not the Hub"):
        local_folder(ADDRESS)


def test_a_recipe_takes_its_teacher_and_weights_from_it(uploaded):
    folder = local_folder(ADDRESS)
    learns = Recipe().with_options(teacher=ADDRESS)
    assert trained_model(learns) == folder / "model.keras"
    begins = Recipe().with_options(weights=ADDRESS)
    assert trained_model(begins) == folder / "model.keras"
    absolute = with_absolute_paths(learns.with_options(weights=ADDRESS))
    assert absolute.teacher.run == absolute.model.weights == ADDRESS


def test_the_copy_is_not_written_to(uploaded):
    with pytest.raises(ValueError, match="hf download ann/rails --local-dir"):
        RunFolder(ADDRESS).check_own()


def test_its_export_needs_the_pictures(uploaded):
    with pytest.raises(ValueError, match="without pictures.*without `data`"):
        check_exportable(ADDRESS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["predict", "hf://ann", "x.jpg"], "is named hf://USER/NAME"),
        (["train", "--data", ".", "--out", ADDRESS], "--out='hf://ann/rails'"),
        (["export", ADDRESS, "--out", ADDRESS], "Received: --out="),
        (["export", ADDRESS], "without `--out`"),
        (["push", "nowhere", "--to", ADDRESS], "must be a run folder that"),
        (["push", ".", "--to", "ann/rails"], "Received: --to='ann/rails'"),
    ],
)
def test_the_command_line_says_it_in_its_words(tmp_path, arguments, message):
    done = kerasfg(
        *arguments, cwd=tmp_path, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
