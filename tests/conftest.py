"""Fixtures that more than one folder of tests uses."""

import contextlib
import gc
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from PIL import Image

TESTS = Path(__file__).parent
# Seconds that a test may take, by its tier.
TIMEOUT, SLOW_TIMEOUT = 60, 1200


def pytest_configure(config):
    """Trainings take half of the time where page faults are dear."""
    processes = config.getoption("numprocesses", 0)
    if processes and not hasattr(config, "workerinput"):
        return  # this one runs no test: it gives them to the others
    from kerasfg.freed_memory import keep_freed_memory

    keep_freed_memory()
    gc.disable()  # until all is imported


def pytest_collection_modifyitems(items):
    for item in items:
        slow = item.get_closest_marker("slow")
        if not item.get_closest_marker("timeout"):
            seconds = SLOW_TIMEOUT if slow else TIMEOUT
            item.add_marker(pytest.mark.timeout(seconds))


def pytest_collection_finish():
    """What all tests share is not looked through again for garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_runtest_setup(item):
    mark = item.get_closest_marker("tensorflow")
    if mark and os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        pytest.skip(f"of TensorFlow alone: {mark.args[0]}")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def gradient():
    """Returns `gradient(function, *arrays)` of tests/gradients.py."""
    from gradients import gradient

    return gradient


@pytest.fixture
def real_data():
    """Returns a folder of real pictures by name, or skips the test."""

    def folder(name):
        place = os.environ.get("KERASFG_DATA")
        if not place:
            pytest.skip("no data: set KERASFG_DATA to the folder that has them")
        if not Path(place, name).is_dir():
            pytest.skip(f"no folder {name} in KERASFG_DATA")
        return Path(place, name)

    return folder


@pytest.fixture(scope="session")
def client_environments(tmp_path_factory):
    """Folder for `clients.environments`, one for all processes of pytest."""
    return tmp_path_factory.getbasetemp().parent / "clients"


@pytest.fixture(scope="session")
def tiny_backbone():
    """A function that makes a small backbone with batch normalization."""
    from small_networks import tiny_backbone

    return tiny_backbone


@pytest.fixture
def run_script(tmp_path):
    """A function that runs code on `tmp_path` in a process of its own.

    There the small networks can be imported. `backend` is the one of Keras;
    without JAX the test is skipped if that is wanted.
    """

    def run(code, *arguments, backend="tensorflow", **variables):
        if importlib.util.find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        variables |= {"KERAS_BACKEND": backend, "PYTHONPATH": str(TESTS)}
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, str(tmp_path), *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def three_colours():
    """A function that makes a folder of three classes, 12 pictures each."""

    def make(folder):
        rng = np.random.default_rng(0)
        for label, name in enumerate(["amber", "blue", "coral"]):
            (folder / name).mkdir(parents=True)
            for i in range(12):
                pixels = rng.integers(0, 90, (20, 24, 3), dtype="uint8")
                pixels[..., label] += 120
                Image.fromarray(pixels).save(folder / name / f"{i:02}.png")
        return folder

    return make


@pytest.fixture
def picture_folder(three_colours, tmp_path):
    """A folder of three classes, 12 pictures each, told apart by colour."""
    return three_colours(tmp_path / "pictures")


@pytest.fixture(scope="session")
def spoil():
    """A function that puts many kinds of bad pictures into a folder."""
    from bad_pictures import spoil

    return spoil


@pytest.fixture
def seeded():
    """The same initial weights in each run of a test."""
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture
def classifier(tiny_backbone):
    """A function that makes a classifier of three classes, without dropout."""
    from kerasfg.models import FineGrainedClassifier

    def make(backbone=None, **kwargs):
        kwargs = {"num_classes": 3, "dropout": 0.0, **kwargs}
        return FineGrainedClassifier(backbone or tiny_backbone(), **kwargs)

    return make


@pytest.fixture
def pictures(rng):
    """Twelve pictures of 16 pixels and their labels."""
    images = rng.integers(0, 256, (12, 16, 16, 3)).astype("float32")
    return images, np.arange(12) % 3


@pytest.fixture
def table():
    """Attributes of two and three values; one value is unknown."""
    from kerasfg import AttributeTable

    return AttributeTable(
        ["a", "b", "c"],
        ["forest", "body"],
        [[0, 2], [1, -1], [0, 0]],
        [("no", "yes"), ("full", "lower", "upper")],
    )


@pytest.fixture
def every_term(table):
    """Arguments of a classifier with attention and all that adds to a loss."""
    from kerasfg.losses import AttributeDistance
    from kerasfg.losses import ClassVariance

    return {
        "attention": True,
        "class_variance": ClassVariance(0.5, 0.3),
        "attributes": table,
        "attribute_distance": AttributeDistance(0.2),
        "weight_decay": 0.01,
    }


@pytest.fixture(scope="session")
def with_small_network():
    """`with with_small_network(cache):` recipes train the tiny backbone."""
    import small_networks

    @contextlib.contextmanager
    def small(cache):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KERASFG_CACHE", str(cache))
            patch.setattr(
                "kerasfg.config.model.backbone", small_networks.of_recipes()
            )
            yield

    return small


@pytest.fixture
def small_network(monkeypatch, tmp_path):
    """Makes every recipe train the tiny backbone, with a cache of its own."""
    import small_networks

    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "kerasfg.config.model.backbone", small_networks.of_recipes()
    )


@pytest.fixture(scope="session")
def short_recipe():
    """A function: a short recipe that uses all that a resume restores."""
    from kerasfg.config import Recipe

    def make(pictures):
        return Recipe().with_options(
            data=str(pictures),
            image_size=16,
            epochs=4,
            head_epochs=1,
            batch_size=8,
            dropout=0.3,
            learning_rate=0.05,
            batch_norm="auto",
        )

    return make


@pytest.fixture
def recipe(short_recipe, picture_folder):
    """The short recipe, for `picture_folder`."""
    return short_recipe(picture_folder)


@pytest.fixture
def attributes(tmp_path):
    """A table of what the classes of `picture_folder` are like."""
    file = tmp_path / "attributes.csv"
    file.write_text("class,warm,habitat\namber,1,\nblue,0,sea\ncoral,1,reef\n")
    return file


@pytest.fixture
def awa2(picture_folder, tmp_path):
    """The three classes of `picture_folder` as AwA2 has its files."""
    root = tmp_path / "awa2"
    root.mkdir()
    for folder in picture_folder.iterdir():
        target = root / "JPEGImages" / folder.name
        target.mkdir(parents=True)
        for file in folder.iterdir():
            with Image.open(file) as image:
                image.save(target / f"{file.stem}.jpg")
    (root / "classes.txt").write_text("1 amber\n2 blue\n3 coral\n")
    (root / "predicates.txt").write_text("1 warm\n2 round\n")
    (root / "predicate-matrix-binary.txt").write_text("1 0\n0 0\n1 0\n")
    return root


@pytest.fixture
def methods(attributes):
    """Options of a recipe that has all that both papers propose."""
    return {
        "attention": True,
        "pooling": "compact_bilinear",
        "pooling_dim": 32,
        "second_backbone": "another",
        "attributes": str(attributes),
        "attribute_weight": 0.1,
        "class_variance": 0.1,
        "balanced": 4,
    }


@pytest.fixture(scope="session")
def trained_on_birds(with_small_network, tmp_path_factory):
    """A folder of two runs on drawn birds, and of the cache they used."""
    from kerasfg.config import Recipe
    from kerasfg.training import train

    folder = tmp_path_factory.mktemp("birds")
    recipe = Recipe().with_options(
        data="field_guide",
        images_per_class=8,
        image_size=16,
        epochs=1,
        join_copies=False,  # as in grids
    )
    helped = recipe.with_options(attention=True, attributes="field_guide")
    with with_small_network(folder / "cache"):
        train(recipe, folder / "plain", verbose=False)
        train(helped, folder / "helped", verbose=False)
    return folder


@pytest.fixture
def birds(trained_on_birds, monkeypatch):
    """The folder of the runs `plain` and `helped`, not to be changed.

    The second one has attention and the attributes of the field guide.
    """
    monkeypatch.setenv("KERASFG_CACHE", str(trained_on_birds / "cache"))
    return trained_on_birds
