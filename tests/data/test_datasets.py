import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import kerasfg
from kerasfg.data import datasets_from_directory


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))


def test_gives_three_sets_of_a_folder(picture_folder):
    data = datasets_from_directory(picture_folder, 16, 8)
    assert data.class_names == ("amber", "blue", "coral")
    assert data.image_size == 16
    sizes = [len(data.train), len(data.validation), len(data.test)]
    assert sizes == [2, 1, 2]  # of 21, 6 and 9 pictures
    for images, labels in (*data.train, *data.validation, *data.test):
        assert images.shape[1:] == (16, 16, 3) and images.dtype == "float32"
        assert 1 < images.max() <= 255 and labels.dtype == "int32"
        brightest = images.mean(axis=(1, 2)).argmax(axis=1)
        np.testing.assert_array_equal(brightest, labels)
    assert np.bincount(data.test.labels).tolist() == [3, 3, 3]


def test_a_picture_is_on_one_side_only(picture_folder):
    data = datasets_from_directory(picture_folder, 16, 8, augmentation=False)
    sides = [
        {image.tobytes() for images, _ in batches for image in images}
        for batches in (data.train, data.validation, data.test)
    ]
    for epoch in range(1, 9):  # of which each leaves some out
        data.train.epoch = epoch
        sides[0] |= {x.tobytes() for images, _ in data.train for x in images}
    assert [len(side) for side in sides] == [21, 6, 9]
    assert len(set.union(*sides)) == 36


def test_all_is_drawn_by_the_seed(picture_folder):
    def drawn(seed, epoch):
        data = datasets_from_directory(picture_folder, 16, 8, seed=seed)
        data.train.epoch = epoch
        return [images.tobytes() for images, _ in data.train], data.splits

    batches, splits = drawn(0, 0)
    again, same_splits = drawn(0, 0)
    assert batches == again
    np.testing.assert_array_equal(splits, same_splits)
    assert batches != drawn(0, 1)[0] and batches != drawn(1, 0)[0]
    assert not np.array_equal(splits, drawn(1, 0)[1])


def test_follows_the_tables_of_the_folder(picture_folder):
    names = [f"{name}/{i:02}.png" for name in ("amber", "blue", "coral")
             for i in range(12)]  # fmt: skip
    splits = ["train", "val", "test"] * 12
    rows = "\n".join(f"{n},{s}" for n, s in zip(names, splits, strict=True))
    (picture_folder / "splits.csv").write_text(f"path,split\n{rows}\n")
    data = datasets_from_directory(picture_folder, 16, 8)
    np.testing.assert_array_equal(data.splits, splits)
    assert len(data.validation.labels) == len(data.test.labels) == 12


def test_balanced_batches(picture_folder):
    data = datasets_from_directory(picture_folder, 16, 6, images_per_class=3)
    for _, labels in data.train:
        assert sorted(np.bincount(labels, minlength=3)) == [0, 3, 3]


def test_a_second_call_takes_the_cache(picture_folder, tmp_path):
    options = {"image_size": 16, "cache_dir": tmp_path / "own"}
    first = datasets_from_directory(picture_folder, **options)
    second = datasets_from_directory(picture_folder, **options)
    assert not first.pixels.from_cache and second.pixels.from_cache


def test_errors(picture_folder, tmp_path):
    with pytest.raises(ValueError, match=r"missing$"):
        datasets_from_directory(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"pictures are directly"):
        datasets_from_directory(picture_folder / "amber")
    with pytest.raises(ValueError, match=r"Received: batch_size=0"):
        datasets_from_directory(picture_folder, 16, 0)
    with pytest.raises(ValueError, match=r"Received: validation_share=0.9"):
        datasets_from_directory(picture_folder, 16, validation_share=0.9)
    with pytest.raises(ValueError, match=r"`batch_size` must be a multiple"):
        datasets_from_directory(picture_folder, 16, 8, images_per_class=3)
    for file in sorted((picture_folder / "blue").iterdir())[2:]:
        file.unlink()
    with pytest.raises(ValueError, match=r"at least 3 pictures.*'blue': 2"):
        datasets_from_directory(picture_folder, 16)


FIT = """
import sys, keras, numpy as np
from kerasfg.data import datasets_from_directory
keras.utils.set_random_seed(0)
data = datasets_from_directory(sys.argv[1], image_size=16, batch_size=4)
model = keras.Sequential([
    keras.layers.Rescaling(1 / 255),
    keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(len(data.class_names), activation="softmax"),
])
model.compile(keras.optimizers.Adam(0.3), "sparse_categorical_crossentropy",
              metrics=["accuracy"])
model.fit(data.train, validation_data=data.validation, epochs=6, verbose=0)
assert data.train.epoch == 6, data.train.epoch
assert model.evaluate(data.test, verbose=0)[1] == 1
found = model.predict(data.test, verbose=0).argmax(axis=1)
assert np.array_equal(found, data.test.labels)
"""


def test_plain_fit(picture_folder, monkeypatch):
    monkeypatch.setattr("sys.argv", ["fit", str(picture_folder)])
    exec(FIT, {})


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)
def test_plain_fit_on_jax(picture_folder):
    done = subprocess.run(
        [sys.executable, "-P", "-c", FIT, str(picture_folder)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_from_any_source():
    birds = kerasfg.data.field_guide(images_per_class=4)
    data = kerasfg.data.datasets_from_source(birds, 16, 8)
    assert data.class_names == birds.class_names
    assert isinstance(data.train, keras.utils.PyDataset)
