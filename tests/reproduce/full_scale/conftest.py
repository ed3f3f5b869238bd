"""The papers' data sets as they are published, with a few tiny pictures."""

import types

import numpy as np
import pytest
from scipy.io import savemat
from stand_ins import draw
from stand_ins import numbered
from stand_ins import write

from kerasfg.data.sources.published import flowers17

CLASSES = 12  # of those data sets whose number is free
EACH = 8
SIZE = 9, 13  # which no crop leaves as they are
PREDICATES = ("white", "patches", "domestic", "forest")


def pictures_of(root, folders, ending):
    """Draws pictures in a folder for each class; gives their paths."""
    paths = []
    for label, folder in enumerate(folders):
        for i in range(EACH):
            paths.append(f"{folder}/{ending}_{label}_{i}.jpg")
            draw(root / paths[-1], label, i, SIZE)
    return paths


def awa2(root):
    names = [f"animal{i}" for i in range(CLASSES)]
    pictures_of(root / "JPEGImages", names, "a")
    write(root / "classes.txt", numbered(names))
    write(root / "predicates.txt", numbered(PREDICATES))
    matrix = [
        " ".join(str((i + j) % 2) for j in range(len(PREDICATES)))
        for i in range(CLASSES)
    ]
    write(root / "predicate-matrix-binary.txt", matrix)


def deepfashion(root):
    def table(path, columns, rows):
        rows = ["   ".join(map(str, row)) for row in rows]
        write(root / path, [len(rows), columns, *rows])

    names = [f"Clothes{i}" for i in range(CLASSES)]
    images = pictures_of(root / "Img", [f"img/{x}" for x in names], "img")
    splits = ["train"] * (EACH - 2) + ["val", "test"]
    parts = [(image, splits[i % EACH]) for i, image in enumerate(images)]
    table("Eval/list_eval_partition.txt", "image_name  status", parts)
    kinds = [(name, i % 3 + 1) for i, name in enumerate(names)]
    table("Anno/list_category_cloth.txt", "category_name  type", kinds)
    labels = [(image, i // EACH + 1) for i, image in enumerate(images)]
    table("Anno/list_category_img.txt", "image_name  label", labels)


def cub200(root):
    names = [f"{i:03}.Bird_{i}" for i in range(1, CLASSES + 1)]
    images = pictures_of(root / "images", names, "b")
    write(root / "images.txt", numbered(images))
    write(root / "classes.txt", numbered(names))
    lines = {
        "image_class_labels.txt": lambda i: i // EACH + 1,
        "train_test_split.txt": lambda i: int(i % 2),
    }
    for file, value in lines.items():
        values = [value(i) for i in range(len(images))]
        write(root / file, numbered(values))


def stanford_dogs(root):
    names = [f"n0208{i:04}-Dog{i}" for i in range(CLASSES)]
    images = pictures_of(root / "Images", names, "n")
    for part, name in enumerate(("train", "test")):
        files = images[part::2]
        column = np.array([[file] for file in files], dtype=object)
        labels = [[images.index(file) // EACH + 1] for file in files]
        path = root / f"{name}_list.mat"
        savemat(path, {"file_list": column, "labels": labels})


def flowers(root):
    count = len(flowers17.CLASS_NAMES) * EACH
    for i in range(count):
        draw(root / "jpg" / f"image_{i + 1:04}.jpg", i // EACH, i, SIZE)
    numbers = np.arange(1, count + 1).reshape(-1, EACH)
    parts = {"trn": slice(0, 4), "val": slice(4, 6), "tst": slice(6, 8)}
    splits = {
        f"{word}{i}": numbers[:, part].reshape(1, -1)
        for word, part in parts.items()
        for i in (1, 2, 3)
    }
    savemat(root / "datasplits.mat", splits)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """A folder with a replica of each data set; flowers have 8 pictures."""
    root = tmp_path_factory.mktemp("archives")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flowers17, "PER_CLASS", EACH)
        patch.setenv("KERASFG_CACHE", str(tmp_path_factory.mktemp("cache")))
        awa2(root / "awa2")
        deepfashion(root / "deepfashion")
        cub200(root / "cub200")
        stanford_dogs(root / "stanford_dogs")
        flowers(root / "flowers17")
        yield root


@pytest.fixture
def network(monkeypatch):
    """The tiny network of every recipe, by which it is asked for is noted.

    It divides a picture by 32, and has three maps named as VGG's.
    """
    import keras

    asked = types.SimpleNamespace(last=None)

    def tiny(name, image_size, upsample_to=None, output_stride=32, weights=""):
        asked.last = (name, output_stride, weights)
        images = keras.Input((image_size, image_size, 3))
        x = keras.layers.AveragePooling2D(16, 16)(images)
        x = keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
        for i in (1, 2, 3):
            x = keras.layers.Conv2D(
                4,
                3,
                strides=1 if i > 1 else 2,
                padding="same",
                activation="relu",
                name=f"block5_conv{i}",
            )(x)
        return keras.Model(images, x, name="backbone")

    monkeypatch.setattr("kerasfg.config.model.backbone", tiny)
    return asked
