import shutil

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import read_splits
from kerasfg.data import write_splits
from kerasfg.evaluation.metrics.silhouette import silhouettes
from kerasfg.run import RunFolder
from kerasfg.run import TrainedRun
from kerasfg.run.features import plot_features


def test_runs_are_drawn_by_the_attributes_that_one_of_them_has(birds, tmp_path):
    runs = [birds / "plain", birds / "helped"]
    scores = plot_features(runs, tmp_path / "tsne.png", verbose=False)
    with Image.open(tmp_path / "tsne.png") as image:
        assert min(image.size) > 600
    assert list(scores) == ["plain", "helped"]
    table = TrainedRun(runs[1], verbose=False).model.attributes
    for run in runs:
        trained = TrainedRun(run, verbose=False)
        labels = trained.pixels.labels[trained.splits == "test"]
        expected = silhouettes(trained.features(), labels, table)
        assert len(expected["attributes"]) == 7
        assert scores[run.name] == expected


def test_attributes_are_optional_and_may_be_chosen(birds, tmp_path):
    runs, out = [birds / "plain"], tmp_path / "tsne.svg"
    scores = plot_features(runs, out, verbose=False)
    assert scores["plain"]["attributes"] == {}
    scores = plot_features(
        runs, out, "field_guide", ["tail", "bill"], verbose=False
    )
    assert list(scores["plain"]["attributes"]) == ["tail", "bill"]
    with pytest.raises(ValueError, match=r"Received: attribute=\['tail'\]"):
        plot_features(runs, out, names=["tail"], verbose=False)


@pytest.mark.slow
def test_runs_of_one_name_go_by_their_paths(birds, tmp_path):
    paths = [
        birds / "plain",
        shutil.copytree(birds / "plain", tmp_path / "other" / "plain"),
    ]
    scores = plot_features(paths, tmp_path / "tsne.png", verbose=False)
    assert list(scores) == [str(path) for path in paths]


@pytest.mark.slow
def test_runs_may_be_given_names(birds, tmp_path):
    runs = {"a": birds / "helped", "b": birds / "plain"}
    named = plot_features(runs, tmp_path / "named.svg", verbose=False)
    assert list(named) == ["a", "b"]
    scores = plot_features(
        [*runs.values()], tmp_path / "plain.svg", verbose=False
    )
    assert list(named.values()) == list(scores.values())


def test_rejects_other_test_pictures(birds, tmp_path):
    other = RunFolder(shutil.copytree(birds / "plain", tmp_path / "other"))
    splits = read_splits(other.splits)
    splits[min(n for n in splits if splits[n] == "train")] = "test"
    write_splits(other.splits, tuple(splits), np.array([*splits.values()]))
    runs = [birds / "plain", other.path]
    with pytest.raises(ValueError, match="Received: 1 of 25 in 'other'"):
        plot_features(runs, tmp_path / "tsne.png", verbose=False)


def test_rejects_other_classes(birds, tmp_path, picture_folder):
    other = RunFolder(shutil.copytree(birds / "plain", tmp_path / "other"))
    recipe = other.read_recipe().with_options(data=str(picture_folder))
    other.recipe.write_text(recipe.to_toml())
    other.labels.write_text("amber\nblue\ncoral\n")
    other.splits.write_text("path,split\nblue/00.png,test\n")
    runs = [birds / "plain", other.path]
    with pytest.raises(ValueError, match=r"'blue', 'coral'\) of 'other'"):
        plot_features(runs, tmp_path / "tsne.png", verbose=False)


@pytest.mark.parametrize("out", ["tsne", "tsne.txt", "absent/tsne.png"])
def test_rejects_a_picture_before_anything_else(tmp_path, out):
    with pytest.raises(ValueError, match="Received: out="):
        plot_features([tmp_path / "absent"], tmp_path / out)


def test_rejects_a_run_twice(tmp_path):
    with pytest.raises(ValueError, match=r"once\. Received: runs="):
        plot_features([tmp_path, tmp_path / "."], tmp_path / "tsne.png")
