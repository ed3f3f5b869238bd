"""Each grid that comes with the package, on a few tiny pictures."""

import csv
import io
import re
import types

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from scipy.io import savemat

from kerasfg.config.attributes import packaged_attributes
from kerasfg.data.attributes import AttributeTable
from kerasfg.reproduce import cell_process
from kerasfg.reproduce import euclidean
from kerasfg.reproduce import run_grid as grid_run
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.grid import find_grid_file
from kerasfg.reproduce.grid import grid_names
from kerasfg.reproduce.measurements import read_history
from kerasfg.reproduce.method import GridMethod
from kerasfg.reproduce.run_grid import run_grid
from kerasfg.training.checkpoint import Checkpoint

GRIDS = [(s, name) for s in ("small", "full") for name in grid_names(s)]
QUICK = [("small", "paper1_table1"), ("full", "paper1_table1")]
# What is not 0 in a grid becomes this, so that a training takes a second.
TINY = {
    "image_size": 16,
    "images_per_class": 5,
    "crop_from": 18,
    "upsample_to": 32,
    "augment_at": 32,
    "train_resolutions": [8, 16],
    "epochs": 2,
    "head_epochs": 1,
    "batch_size": 16,
    "pooling_dim": 8,
}


def tiny(grid):
    """One seed and one row of a grid, of small pictures and few epochs."""
    sections = grid.recipe.model_dump().values()
    options = {k: v for section in sections for k, v in shrunk(section).items()}
    row = next(iter(grid.rows), None)
    return grid.model_copy(
        update={
            "seeds": grid.seeds[:1],
            "recipe": grid.recipe.with_options(**options),
            "rows": {row: grid.rows[row] | shrunk(grid.rows[row])}
            if row
            else {},
            "methods": {m: k | shrunk(k) for m, k in grid.methods.items()},
            "resolutions": grid.resolutions and (8, 16),
        }
    )


def shrunk(keys):
    return {key: TINY[key] for key, v in keys.items() if key in TINY and v}


def method_of(grid):
    """The one that changes most, of those that need no other one."""
    row = next(iter(grid.rows), "")
    alone = {}
    for name in grid.methods_of(row):
        method = GridMethod(grid.methods[name])
        if method.trials == 1 and not method.sources and not method.teacher:
            alone[name] = -1 if method.euclidean else len(method.keys)
    return max(alone, key=alone.get)


# === The pictures, in the folders and layouts that the grids want ===


def draw(path, label, number):
    """Eight pixels of noise, of a colour that depends on the class."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng([label, number])
    pixels = random.integers(0, 90, (8, 8, 3), dtype="uint8")
    pixels[..., label % 3] += np.uint8(10 * (label % 16))
    Image.fromarray(pixels).save(path)


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def folder_of_classes(root, names, each=5):
    for label, name in enumerate(names):
        for number in range(each):
            draw(root / name / f"{number}.png", label, number)


def attribute_names():
    """All that the grids name."""
    names = {}
    for scale, name in GRIDS:
        grid = Grid.find(name, scale)
        keys = [*grid.rows.values(), *grid.methods.values()]
        found = [grid.recipe.attributes.names]
        found += [k["attribute"] for k in keys if "attribute" in k]
        names |= dict.fromkeys(x for attribute in found for x in attribute)
    of_birds = [name for name in names if "::" in name]
    return of_birds, [name for name in names if name not in of_birds]


ANIMALS = [f"animal_{i:02}" for i in range(12)]
BIRDS = [f"bird_{i:02}" for i in range(12)]
DOGS = [f"dog_{i}" for i in range(10)]


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The folders of pictures."""
    root = tmp_path_factory.mktemp("small")
    flowers = AttributeTable.from_csv(packaged_attributes("flowers17_form"))
    folder_of_classes(root / "flowers17", flowers.class_names)
    folder_of_classes(root / "birds_cub80", BIRDS)
    folder_of_classes(root / "awa2" / "tiny32", ANIMALS)
    folder_of_classes(root / "dogs10", DOGS)
    of_birds, of_animals = attribute_names()
    assert "has_shape::perching-like" in of_birds
    for folder, classes, attributes in (
        ("birds_cub80", BIRDS, of_birds),
        ("awa2", ANIMALS, of_animals),
    ):
        lines = ["class,attribute,value"]
        for i, name in enumerate(classes):
            for j, attribute in enumerate(attributes):
                lines.append(f"{name},{attribute},{(i + j) % 2}")
        write(root / folder / "attributes.csv", lines)
    return root


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    """The archives as they were published."""
    root = tmp_path_factory.mktemp("full")
    make_awa2(root / "awa2")
    make_cub200(root / "cub200")
    make_deepfashion(root / "deepfashion")
    make_stanford_dogs(root / "stanford_dogs")
    draw(root / "flowers17" / "jpg" / "image_0001.jpg", 0, 0)
    content = (root / "flowers17" / "jpg" / "image_0001.jpg").read_bytes()
    for number in range(2, 1361):
        path = root / "flowers17" / "jpg" / f"image_{number:04}.jpg"
        path.write_bytes(content)
    return root


def make_awa2(root):
    _, attributes = attribute_names()
    for label, name in enumerate(ANIMALS):
        for i in range(8):
            draw(root / "JPEGImages" / name / f"{name}_{i}.jpg", label, i)
    write(root / "classes.txt", numbered(ANIMALS))
    write(root / "predicates.txt", numbered(attributes))
    matrix = [
        " ".join(str((i + j) % 2) for j in range(len(attributes)))
        for i in range(len(ANIMALS))
    ]
    write(root / "predicate-matrix-binary.txt", matrix)


def make_cub200(root):
    folders = [f"{i:03}.{name}" for i, name in enumerate(BIRDS, start=1)]
    images = [f"{f}/{f[4:]}_{i}.jpg" for f in folders for i in range(6)]
    for index, image in enumerate(images):
        draw(root / "images" / image, index // 6, index % 6)
    write(root / "images.txt", numbered(images))
    labels = [i // 6 + 1 for i in range(len(images))]
    write(root / "image_class_labels.txt", numbered(labels))
    trained = [int(i % 6 < 4) for i in range(len(images))]
    write(root / "train_test_split.txt", numbered(trained))
    write(root / "classes.txt", numbered(folders))


def make_deepfashion(root):
    categories = [(f"Piece_{i}", i % 3 + 1) for i in range(6)]
    splits = ["train", "train", "train", "val", "test"]
    images = [
        (f"img/Piece_{label}/img_{i}.jpg", label, split)
        for label in range(6)
        for i, split in enumerate(splits)
    ]
    for i, (image, label, _) in enumerate(images):
        draw(root / "Img" / image, label, i)

    def table(path, columns, rows):
        lines = [" ".join(map(str, row)) for row in rows]
        write(root / path, [len(lines), columns, *lines])

    table(
        "Eval/list_eval_partition.txt",
        "image_name evaluation_status",
        [(image, split) for image, _, split in images],
    )
    table(
        "Anno/list_category_cloth.txt",
        "category_name category_type",
        categories,
    )
    table(
        "Anno/list_category_img.txt",
        "image_name category_label",
        [(image, label + 1) for image, label, _ in images],
    )


def make_stanford_dogs(root):
    for part, numbers in (("train", range(4)), ("test", range(4, 6))):
        files, labels = [], []
        for label, name in enumerate(DOGS):
            breed = f"n{label:08}-{name}"
            for i in numbers:
                files.append(f"{breed}/n{label:08}_{i}.jpg")
                labels.append([label + 1])
                draw(root / "Images" / files[-1], label, i)
        column = np.array([[file] for file in files], dtype=object)
        content = {"file_list": column, "labels": labels}
        savemat(root / f"{part}_list.mat", content)


def numbered(lines):
    return [f"{i} {line}" for i, line in enumerate(lines, start=1)]


# === The test ===


class InThisProcess:
    """Stands for `CellProcess`; it trains at once."""

    def __init__(self, recipe, out, euclidean=""):
        cell_process._train(recipe.to_toml(), out, euclidean)

    def has_ended(self):
        return True

    def seconds(self):
        return 1.0

    def failure(self):
        return None


@pytest.fixture
def saved(small_network, monkeypatch):
    """Counts the epochs that are saved, and stops after some of them."""
    counter = types.SimpleNamespace(epochs=0, stop_after=0)
    save, write_report = Checkpoint.save, euclidean.write_report

    def stop():
        if counter.stop_after == 1:
            raise KeyboardInterrupt

    def save_and_stop(checkpoint):
        save(checkpoint)
        counter.epochs += 1
        stop()

    def stop_and_write(report, filepath):
        stop()
        write_report(report, filepath)

    monkeypatch.setattr(Checkpoint, "save", save_and_stop)
    monkeypatch.setattr(euclidean, "write_report", stop_and_write)
    monkeypatch.setattr(grid_run, "CellProcess", InThisProcess)
    monkeypatch.setattr(grid_run, "POLL_SECONDS", 0)
    monkeypatch.setattr(grid_run, "estimate", lambda *args: {})
    monkeypatch.setattr(grid_run, "measure_latencies", lambda *args: None)
    return counter


@pytest.mark.parametrize(
    ("scale", "name"),
    [
        pytest.param(*grid, marks=() if grid in QUICK else pytest.mark.slow)
        for grid in GRIDS
    ],
)
def test_starts_runs_one_cell_and_resumes(
    scale, name, saved, request, tmp_path
):
    head = find_grid_file(name, scale).read_text()
    place = request.getfixturevalue(scale)
    if scale == "small":
        match = re.search(r"--data DIR/?(\S*)", head)
        place = place / match[1] if match else None  # it draws its own
    grid = tiny(Grid.find(name, scale))
    if scale == "full":
        place /= grid.recipe.data.path.split(":")[0]
    method = method_of(grid)
    options = {
        "data": place,
        "out": tmp_path / "out",
        "methods": [method],
        "console": Console(file=io.StringIO(), width=200),
    }

    saved.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        run_grid(grid, **options)
    assert not list((tmp_path / "out").glob("*/*/kerasfg.json"))
    begun = saved.epochs
    saved.stop_after = 0
    results = run_grid(grid, **options)

    output = options["console"].file.getvalue()
    assert results.failed == {}, output
    (cell,) = results.measured_cells()
    assert cell.final
    assert f"1 of 1: {cell.name}, validation" in output
    if not cell.euclidean:
        settings = cell.recipe(grid, place).training
        assert begun == 1
        assert saved.epochs == settings.head_epochs + settings.epochs
        assert len(read_history(results.run(cell))) == saved.epochs
    with open(results.file(".csv"), newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["method"], line["stage"]) == (method, "final")
    table = results.file(".md").read_text()
    assert table.startswith(f"# {grid.title}\n")
    assert f"| {method} |" in table
    assert ("**Stand-in" in table) == bool(grid.stand_in)
    if grid.figure and grid.figure.kind == "sheet":
        assert results.file(".png").exists()
