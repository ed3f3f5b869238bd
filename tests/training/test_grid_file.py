import pytest

from kerasfg.training.grid import Grid
from kerasfg.training.grid_file import find_grid_file
from kerasfg.training.grid_file import grid_names
from kerasfg.training.grid_file import read_grid_file


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
    message = f"must name a grid beside this one.*Received: .*{received}"
    with pytest.raises(ValueError, match=message):
        Grid.from_toml(tmp_path / "bad.toml")


def test_an_unknown_name_is_told_of_ours():
    message = (
        r"one of attribute_ranking, awa2_tiny32.*"
        r"Received: grid='awa2', scale='small'"
    )
    with pytest.raises(ValueError, match=message):
        Grid.find("awa2")


def test_one_of_the_other_scale_is_pointed_at():
    message = r"one of paper1_.*\(there is one with --scale small\)\. Received"
    with pytest.raises(ValueError, match=message):
        Grid.find("results", "full")


def test_there_are_two_scales():
    message = r"one of small, full\. Received: scale='large'"
    with pytest.raises(ValueError, match=message):
        Grid.find("results", "large")
