"""A training that takes a second: a small backbone in place of the real."""

import json
import shutil

import pytest
from PIL import Image

from kerasfg.training import Recipe
from kerasfg.training import train
from kerasfg.training.grid import Grid
from kerasfg.training.grid_results import GridResults


@pytest.fixture
def small_network(monkeypatch, tiny_backbone, tmp_path):
    """Makes every recipe train the tiny backbone, with a cache of its own."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "kerasfg.training.build.backbone",
        lambda name, image_size, **kwargs: tiny_backbone(image_size),
    )


@pytest.fixture
def recipe(picture_folder):
    """A short recipe that uses all that a resume has to restore."""
    return Recipe().with_options(
        data=str(picture_folder),
        image_size=16,
        epochs=4,
        head_epochs=1,
        batch_size=8,
        dropout=0.3,
        learning_rate=0.05,
    )


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
def trained_on_birds(tiny_backbone, tmp_path_factory):
    """A folder of two runs on drawn birds, and of the cache they used."""
    folder = tmp_path_factory.mktemp("birds")
    recipe = Recipe().with_options(
        data="field_guide", images_per_class=8, image_size=16, epochs=1
    )
    helped = recipe.with_options(attention=True, attributes="field_guide")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERASFG_CACHE", str(folder / "cache"))
        patch.setattr(
            "kerasfg.training.build.backbone",
            lambda name, image_size, **kwargs: tiny_backbone(image_size),
        )
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


GRID = """
title = "A grid for tests"
data = "three colours"
seeds = [3, 1]
baseline = "plain"

[recipe.data]
image_size = 32

[recipe.model]
backbone = "mobilenet_v3_small"
weights = "none"
output_stride = 32

[recipe.training]
epochs = 1
batch_size = 8

[methods.plain]

[methods.tuned]
dropout = [0.1, 0.3]

[methods.both]
attention = true
dropout = { from = "tuned" }
"""


@pytest.fixture
def grid(tmp_path):
    """A grid that tunes one method and takes what was chosen for another."""
    (tmp_path / "colours.toml").write_text(GRID)
    return Grid.from_toml(tmp_path / "colours.toml")


ROWS = """
title = "Rows for tests"
data = "three colours"
seeds = [0, 1]
baseline = "plain"

[recipe.data]
image_size = 32

[recipe.model]
output_stride = 32

[recipe.training]
epochs = 1
batch_size = 8

[rows.px24]
image_size = 24

[rows.px32]
image_size = 32
without = ["taught"]

[methods.euc]
euclidean = "neighbour"

[methods.plain]

[methods.large]
image_size = 48

[methods.taught]
teacher = { run_of = "large" }

[methods.tuned]
dropout = [0.1, 0.3]

[paper.px24]
plain = 40.0
taught = 42.5
"""


@pytest.fixture
def rows(tmp_path):
    """A grid of two rows, one of them without the method with a teacher."""
    (tmp_path / "rows.toml").write_text(ROWS)
    return Grid.from_toml(tmp_path / "rows.toml")


BIRDS = """
title = "Birds for tests"
data = "the field guide"
seeds = [0]
baseline = "plain"

[recipe.data]
data = "field_guide"
images_per_class = 8
image_size = 16

[recipe.training]
epochs = 1

[methods.plain]

[methods.helped]
attention = true
attributes = "field_guide"
"""


@pytest.fixture
def bird_results(birds, tmp_path):
    """A function that makes results of `birds`, whose runs may be changed."""

    def bird_results(more=""):
        """Adds `more` keys to the grid."""
        file = tmp_path / "birds.toml"
        file.write_text(BIRDS.replace("\n[recipe", f"\n{more}\n[recipe", 1))
        for name in ("plain", "helped"):
            folder = tmp_path / "out" / "birds" / f"{name}-0"
            if not folder.exists():
                shutil.copytree(birds / name, folder)
        return GridResults(Grid.from_toml(file), tmp_path / "out")

    return bird_results


@pytest.fixture
def leave_run():
    """A function that leaves what a training of a cell does."""

    def leave(
        folder,
        recipe,
        val_accuracy=0.5,
        test_accuracy=0.5,
        seconds=2,
        euclidean="",
        **more,
    ):
        """Adds `more` to what the report says of the test."""
        folder.mkdir(parents=True, exist_ok=True)
        test = {
            "top_1": test_accuracy,
            "calibration": {"nll": 1.25},
            "attributes": {"wings": {"rate": 0.25}},
            **more,
        }
        report = {"format": 1, "val": {"top_1": val_accuracy}, "test": test}
        card = {"euclidean": euclidean} if euclidean else {}
        history = f"epoch,val_accuracy,seconds\n1,{val_accuracy},{seconds}\n"
        (folder / "recipe.toml").write_text(recipe.to_toml())
        if not euclidean:
            (folder / "history.csv").write_text(history)
            (folder / "model.keras").touch()
        (folder / "report.json").write_text(json.dumps(report))
        (folder / "kerasfg.json").write_text(json.dumps(card))

    return leave
