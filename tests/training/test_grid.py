import importlib.resources

import pytest

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.folder import from_folder
from kerasfg.training.grid import Grid
from kerasfg.training.grid_plan import count
from kerasfg.training.grid_plan import wanted_seeds

GRIDS = sorted(
    file.name.removesuffix(".toml")
    for file in (
        importlib.resources.files("kerasfg.recipes") / "grids"
    ).iterdir()
)


def test_is_named_after_its_file(grid):
    assert grid.name == "colours"
    assert grid.seeds == (3, 1)
    assert grid.recipe.training.batch_size == 8
    assert grid.methods["tuned"] == {"dropout": [0.1, 0.3]}


@pytest.mark.parametrize("name", GRIDS)
def test_ours_can_be_found(name):
    grid = Grid.find(name)
    assert grid.name == name
    assert count(grid, wanted_seeds(grid)) == 6 * 3 + 3 * 2


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("awa2_tiny32_methods", "awa2/tiny32"),
        ("birds_cub80_methods", "birds_cub80"),
    ],
)
def test_attributes_of_ours_divide_the_classes(name, folder, real_data):
    recipe = Grid.find(name).recipe_at(str(real_data(folder)))
    section = recipe.attributes
    table = AttributeTable.from_csv(section.attributes)
    table = table.select(section.attribute).for_classes(
        from_folder(recipe.data.data).class_names,
        allow_others=section.other_classes,
    )
    assert table.dividing() == section.attribute


def test_data_takes_its_place_in_every_text(grid, tmp_path):
    text = (tmp_path / "colours.toml").read_text()
    text += 'attributes = "{data}/../colours.csv"\n'
    text += 'attribute = ["warm", "{data}"]\n'
    (tmp_path / "more.toml").write_text(text)
    options = Grid.from_toml(tmp_path / "more.toml").methods["both"]
    del options["dropout"]
    recipe = grid.recipe_at("/pictures", **options, seed=4)
    assert recipe.data.data == "/pictures"
    assert recipe.attributes.attributes == "/pictures/../colours.csv"
    assert recipe.attributes.attribute == ("warm", "/pictures")
    assert recipe.training.seed == 4
    assert recipe.model.attention


@pytest.mark.parametrize(
    ("number", "seeds"), [(1, (3,)), (2, (3, 1)), (5, (3, 1, 0, 2, 4))]
)
def test_more_seeds_follow_its_own(grid, number, seeds):
    assert grid.with_seeds(number).seeds == seeds


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds =", "seeds", r"must be a TOML file.*Received: filepath="),
        ("title =", "titel =", r"has only name, title.*Received: titel="),
        ("[3, 1]", "[1, 1]", r"seed may stand twice.*seeds=\[1, 1\]"),
        ("[3, 1]", "[]", r"Received: seeds=\[\]"),
        ("[3, 1]", "[-1]", r"Received: seeds\.0=-1"),
        ('"plain"', '"pain"', r"one of plain, tuned, both.*baseline='pain'"),
        ("epochs = 1", "epoch = 1", r"did you mean 'epochs'.*epoch=1"),
        ("dropout = [", "drop = [", r"methods\.tuned: .*did you mean"),
        ("[0.1, 0.3]", "[0.1, 3.0]", r"methods\.tuned: .*dropout=3\.0"),
        ("[0.1, 0.3]", "[]", r"at least one value.*methods\.tuned="),
        ("attention", "seed", r"may not change seed.*both\.seed=True"),
        ('from = "tuned"', 'from = "plain"', r"stands above.*both\.dropout="),
        ('from = "tuned"', 'from = "both"', r"stands above.*both\.dropout="),
        ("methods.tuned", "methods.'a/b'", r"names folders.*methods\.a/b"),
    ],
)
def test_rejects(grid, tmp_path, old, new, message):
    text = (tmp_path / "colours.toml").read_text()
    (tmp_path / "bad.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        Grid.from_toml(tmp_path / "bad.toml")


def test_an_unknown_name_is_told_of_ours():
    message = "one of awa2_tiny32_methods, .*Received: grid='awa2'"
    with pytest.raises(ValueError, match=message):
        Grid.find("awa2")
