import re

import pytest

from kerasfg.config.attributes import load_attributes
from kerasfg.reproduce.cell import needs_data_folder
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.grid import find_grid_file
from kerasfg.reproduce.grid import grid_names
from kerasfg.reproduce.grid import read_grid_file
from kerasfg.reproduce.plan import count
from kerasfg.reproduce.plan import wanted_seeds

SMALL, FULL = grid_names("small"), grid_names("full")
PAPERS = [name for name in SMALL if name.startswith("paper")]
BESIDES = {"paper1_table3_birds"}  # a table of the paper on other pictures
TOLD = [name for name in SMALL if needs_data_folder(Grid.find(name))]


def test_is_named_after_its_file(grid):
    assert grid.name == grid.cells == "colours"
    assert grid.scale == ""
    assert grid.seeds == (3, 1)
    assert grid.recipe.training.batch_size == 8
    assert grid.methods["tuned"] == {"dropout": [0.1, 0.3]}


def test_a_row_has_all_methods_but_those_it_does_without(grid, rows):
    assert rows.methods_of("px24") == list(rows.methods)
    assert rows.methods_of("px32") == ["euc", "plain", "large", "tuned"]
    assert rows.options_of("px32") == {"image_size": 32}
    assert grid.methods_of("") == ["plain", "tuned", "both"]
    assert grid.options_of("") == {}


def test_data_takes_its_place_in_every_text(grid, tmp_path):
    text = (tmp_path / "colours.toml").read_text()
    text += 'attributes = "{data}/../colours.csv"\n'
    text += 'attribute = ["warm", "{data}"]\n'
    (tmp_path / "more.toml").write_text(text)
    options = Grid.from_toml(tmp_path / "more.toml").methods["both"]
    del options["dropout"]
    options["teacher"] = "{runs}/plain-4"
    recipe = grid.recipe_at("/pictures", "/out", **options, seed=4)
    assert recipe.data.path == "/pictures"
    assert recipe.attributes.table == "/pictures/../colours.csv"
    assert recipe.attributes.names == ("warm", "/pictures")
    assert recipe.teacher.run == "/out/plain-4"
    assert recipe.training.seed == 4
    assert recipe.model.attention


def test_a_row_may_have_pictures_of_its_own(rows):
    options = {"data": "awa2:{data}/awa2"}
    assert rows.recipe_at("/all", **options).data.path == "awa2:/all/awa2"


def test_a_data_set_of_tfds_takes_the_place_of_an_archive(rows):
    recipe = rows.recipe_at("tfds:birds", data="cub200:{data}")
    assert recipe.data.path == "tfds:birds"
    recipe = rows.recipe_at("/birds", data="cub200:{data}")
    assert recipe.data.path == "cub200:/birds"


@pytest.mark.parametrize(
    ("number", "seeds"), [(1, (3,)), (2, (3, 1)), (5, (3, 1, 0, 2, 4))]
)
def test_more_seeds_follow_its_own(grid, number, seeds):
    assert grid.with_seeds(number).seeds == seeds


# === Those that come with the package ===


@pytest.mark.parametrize(
    ("name", "scale"),
    [(name, "small") for name in SMALL] + [(name, "full") for name in FULL],
)
def test_ours_can_be_found(name, scale):
    grid = Grid.find(name, scale)
    assert (grid.name, grid.scale) == (name, scale)
    assert Grid.from_toml(find_grid_file(name, scale)).scale == ""
    shows_pictures = grid.figure is not None and grid.figure.kind == "sheet"
    assert (count(grid, wanted_seeds(grid)) > 0) != shows_pictures
    # Its first lines say how it is called.
    head = find_grid_file(name, scale).read_text().split("\n\n")[0]
    assert re.search(rf"kerasfg reproduce {name}( |$)", head, re.M)
    assert ("--scale full" in head) == (scale == "full")


@pytest.mark.parametrize(
    ("name", "trainings"),
    [
        ("awa2_tiny32_methods", 6 * 3 + 3 * 2),
        ("birds_cub80_methods", 6 * 3 + 3 * 2),
        ("paper1_table1", 4 * (4 * 3 + 1)),
        ("paper1_fig6", 4 * (4 * 3 + 1)),
        ("paper1_table3", 7 * 3 + 1),
        ("paper2_table4", 4 * (5 * 3 + 2)),
        ("results", 3 * (10 * 3 + 3) + 7 * 3 + 2),
    ],
)
def test_ours_have_so_many_trainings(name, trainings):
    grid = Grid.find(name)
    assert count(grid, wanted_seeds(grid)) == trainings


def test_every_table_and_figure_is_there_for_both_scales():
    assert FULL == [name for name in PAPERS if name not in BESIDES]
    assert len(FULL) == 16


@pytest.mark.parametrize("name", PAPERS)
def test_only_stand_ins_are_called_so(name):
    assert Grid.find(name, "small").stand_in
    if name not in BESIDES:
        assert not Grid.find(name, "full").stand_in


@pytest.mark.parametrize("scale", ["small", "full"])
@pytest.mark.parametrize("name", PAPERS)
def test_each_says_what_is_the_same_and_what_differs(name, scale):
    if scale == "full" and name in BESIDES:
        return
    grid = Grid.find(name, scale)
    assert grid.same
    assert grid.differs
    for sentence in (*grid.same, *grid.differs, *grid.notes):
        assert sentence.endswith("."), sentence


@pytest.mark.parametrize("name", TOLD)
def test_attributes_of_ours_divide_the_classes(name, real_data):
    grid = Grid.find(name)
    text = find_grid_file(name, "small").read_text()
    place = real_data(re.search(r"--data DIR/?(\S*)", text)[1])
    for row in grid.rows or [""]:
        recipe = grid.recipe_at(place, **grid.options_of(row))
        for method in grid.methods.values():
            if "attribute" in method:
                names = {"attribute": method["attribute"]}
                recipe = recipe.with_options(**names)
        classes = [f.name for f in real_data(recipe.data.path).iterdir()]
        classes = sorted(name for name in classes if "." not in name)
        table = load_attributes(recipe, classes)
        if recipe.attributes.names:
            assert table.attributes == recipe.attributes.names


# === What is no grid ===


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds =", "seeds", r"must be a TOML file.*Received: filepath="),
        ("title =", "titel =", r"has only name, cells.*Received: titel="),
        ("[3, 1]", "[1, 1]", r"seeds must differ.*seeds=\[1, 1\]"),
        ("[3, 1]", "[]", r"Received: seeds=\[\]"),
        ("[3, 1]", "[-1]", r"Received: seeds\.0=-1"),
        ('"plain"', '"pain"', r"one of plain, tuned, both.*baseline='pain'"),
        ("epochs = 1", "epoch = 1", r"did you mean 'epochs'.*epoch=1"),
        ("attention =", "atention =", r"methods\.both: .*mean 'attention'"),
        ("[0.1, 0.3]", "[0.1, 3.0]", r"methods\.tuned: .*dropout=3\.0"),
        (
            "[0.1, 0.3]",
            "[0.1, 0.10]",
            r"to tune must differ.*methods\.tuned\.dropout=",
        ),
        ("[0.1, 0.3]", "[]", r"at least one value.*methods\.tuned="),
        ("attention", "seed", r"must not change seed.*both\.seed=True"),
        (
            'from = "tuned"',
            'from = "plain"',
            r"earlier in.*both\.dropout=",
        ),
        (
            'from = "tuned"',
            'from = "both"',
            r"earlier in.*both\.dropout=",
        ),
        ("methods.tuned", "methods.'a/b'", r"names of folders.*methods\.a/b"),
        ("[3, 1]", '[3]\nmeasures = ["top_2"]', r"Received: measures\.0='top"),
        ("[3, 1]", "[3]\nmeasures = []", r"must be top_1 or.*measures=\[\]"),
        ("[3, 1]", '[3]\nmeasures = ["top_3"]', r"top_1.*measures=\['top_3'"),
        ("[3, 1]", "[3]\nresolutions = [5000]", r"to 1024.*=\[5000\]"),
        ("[3, 1]", '[3]\ncells = "../up"', r"names a folder.*cells='\.\./up"),
        ("[3, 1]", "[3]\nresolutions = [0]", r"Received: resolutions\.0=0"),
    ],
)
def test_rejects(grid, tmp_path, old, new, message):
    text = (tmp_path / "colours.toml").read_text()
    assert old in text
    (tmp_path / "bad.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        Grid.from_toml(tmp_path / "bad.toml")


def test_ours_are_found_by_name_and_others_by_path(grid, tmp_path):
    assert "results" in grid_names("small")
    assert find_grid_file("results", "small").name == "results.toml"
    path = tmp_path / "colours.toml"
    assert find_grid_file(str(path), "full") == path


def test_names_are_sorted_and_those_of_toml_files():
    for scale in ("small", "full"):
        names = grid_names(scale)
        assert names == sorted(names)
        for name in names:
            assert find_grid_file(name, scale).name == f"{name}.toml"


def test_one_that_follows_another_has_its_cells(grid, tmp_path):
    file = tmp_path / "figure.toml"
    file.write_text('cells_of = "colours"\ntitle = "Another"\n')
    other = Grid.from_toml(file)
    assert (other.name, other.cells) == ("figure", "colours")
    assert (other.title, other.data) == ("Another", grid.data)
    assert other.recipe == grid.recipe
    assert other.methods == grid.methods
    assert other.seeds == grid.seeds
    assert "cells_of" not in read_grid_file(file)


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ('cells_of = "color"', "cells_of='color', in "),
        ('cells_of = "bad"', "cells_of='bad', in "),
        ('cells_of = "another"', "cells_of='another', in "),
        ('cells_of = "colours"\n[rows.a]\n', r"cells_of='colours'.*with rows"),
        ('cells_of = "colours"\ncells = "a"\n', "with cells"),
    ],
    ids=["absent", "itself", "a follower", "rows", "cells"],
)
def test_follows_only_one_that_has_trainings(grid, tmp_path, text, received):
    (tmp_path / "another.toml").write_text('cells_of = "colours"\n')
    (tmp_path / "bad.toml").write_text(text)
    message = f"must name a grid in the same folder.*Received: .*{received}"
    with pytest.raises(ValueError, match=message):
        Grid.from_toml(tmp_path / "bad.toml")


def test_error_for_an_unknown_name_lists_ours():
    message = (
        r"one of attribute_ranking, awa2_tiny32.*"
        r"Received: grid='awa2', scale='small'"
    )
    with pytest.raises(ValueError, match=message):
        Grid.find("awa2")


def test_a_name_that_is_nearly_right_is_recognised():
    message = r"\(did you mean 'frontier'\?\)\. Received: grid='fronteir'"
    with pytest.raises(ValueError, match=message):
        Grid.find("fronteir")


def test_one_of_the_other_scale_is_pointed_at():
    message = r"one of paper1_.*\(there is one with --scale small\)\. Received"
    with pytest.raises(ValueError, match=message):
        Grid.find("results", "full")


def test_a_grid_without_a_needed_key_names_it(tmp_path):
    (tmp_path / "own.toml").write_text('title = "Mine"\n')
    with pytest.raises(ValueError, match="must have data. .*=None") as info:
        Grid.from_toml(tmp_path / "own.toml")
    assert "Recipe(" not in str(info.value)


def test_there_are_two_scales():
    message = r"one of small, full\. Received: scale='large'"
    with pytest.raises(ValueError, match=message):
        Grid.find("results", "large")
