import json
import warnings

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.evaluation.metrics.resolution_curve import check_resolutions
from kerasfg.evaluation.metrics.resolution_curve import resolution_curve
from kerasfg.evaluation.plots.resolutions import plot_resolutions

SIZE = 10


class Model:
    """Answers by a fixed mixture of all pixels, and keeps what it was shown."""

    def __init__(self):
        self.mixture = np.random.default_rng(1).normal(size=(SIZE**2 * 3, 3))
        self.seen = []

    def predict(self, batches, verbose):
        images = np.concatenate([np.asarray(batch) for batch in batches])
        self.seen.append(images)
        return self.answer(images)

    def answer(self, images):
        return images.reshape(len(images), -1) @ self.mixture


@pytest.fixture
def pixels_at(picture_folder, tmp_path):
    source = from_folder(picture_folder)

    def pixels_at(size):
        return prepare(source, size, cache_dir=tmp_path, progress=False)

    return pixels_at


@pytest.fixture
def pixels(pixels_at):
    return pixels_at(SIZE)


@pytest.fixture
def splits(pixels):
    splits = np.full(len(pixels), "train", "<U5")
    splits[::3] = "test"
    splits[1::3] = "val"
    return splits


def test_rows_are_strict_json_from_far_to_near(pixels, splits, pixels_at):
    rows = resolution_curve(
        Model(), pixels, splits, pixels_at, [8, 4, 8], verbose=False
    )
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert [row["resolution"] for row in rows] == [4, 8]
    for row in rows:
        assert row["n"] == 12
        right = round(row["top_1"] * 12)
        assert row["top_1_interval"] == list(wilson_interval(right, 12))


@pytest.mark.parametrize("size", [1, 3, 7, SIZE, 17])
def test_model_sees_what_pillow_makes_of_the_originals(
    pixels, splits, pixels_at, picture_folder, size
):
    model = Model()
    (row,) = resolution_curve(
        model, pixels, splits, pixels_at, [size], verbose=False
    )
    right = 0
    test = [i for i in range(len(pixels)) if splits[i] == "test"]
    for i, seen in zip(test, model.seen[0], strict=True):
        with Image.open(picture_folder / pixels.names[i]) as picture:
            square = picture.crop((2, 0, 22, 20))  # of 24 x 20
        small = square.resize((size, size), Image.Resampling.BICUBIC)
        enlarged = small.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
        np.testing.assert_array_equal(seen, np.asarray(enlarged, "float32"))
        answer = model.answer(np.asarray(enlarged, "float32")[None])
        right += int(answer.argmax()) == pixels.labels[i]
    assert row["top_1"] == right / len(test)


def test_what_is_skipped_is_not_named_again(picture_folder, tmp_path):
    (picture_folder / "blue" / "broken.png").write_bytes(b"no picture")
    source = from_folder(picture_folder)

    def pixels_at(size):
        return prepare(source, size, cache_dir=tmp_path, progress=False)

    with pytest.warns(UserWarning, match="broken.png"):
        pixels = pixels_at(SIZE)
    splits = np.full(len(pixels), "test")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = resolution_curve(
            Model(), pixels, splits, pixels_at, [4], verbose=False
        )
    assert rows[0]["n"] == 36


def test_pictures_that_changed_meanwhile_are_refused(
    pixels, splits, pixels_at, picture_folder
):
    (picture_folder / pixels.names[0]).unlink()
    with pytest.raises(ValueError, match="Received: 35 pictures at 4 pixels"):
        resolution_curve(Model(), pixels, splits, pixels_at, [4], verbose=False)


@pytest.mark.parametrize("sizes", [[], [0], [16, -1], [1.5], [1025], ["8"]])
def test_rejects_resolutions(sizes):
    with pytest.raises(ValueError, match=r"Received: resolutions=\["):
        check_resolutions(sizes)


@pytest.mark.parametrize("sizes", [[8], [8, 16, 64], [48, 64, 96, 1024]])
def test_curve_is_drawn(tmp_path, sizes):
    rows = [
        {"resolution": s, "n": 9, "top_1": 0.5, "top_1_interval": [0.25, 0.75]}
        for s in sizes
    ]
    plot_resolutions(rows, 64, 17, tmp_path / "resolutions.png")
    assert [p.name for p in tmp_path.iterdir()] == ["resolutions.png"]
    with Image.open(tmp_path / "resolutions.png") as image:
        assert min(image.size) > 400
        assert len(set(np.asarray(image.convert("L")).ravel())) > 50
