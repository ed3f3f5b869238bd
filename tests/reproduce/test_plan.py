import pytest

from kerasfg.reproduce.cell import Cell
from kerasfg.reproduce.plan import count
from kerasfg.reproduce.plan import plan
from kerasfg.reproduce.plan import wanted_rows
from kerasfg.reproduce.plan import wanted_seeds

TRIED = ["tuned-dropout=0.1-3", "tuned-dropout=0.3-3"]


def names(grid, accuracies, final=(True, False)):
    return [c.name for c in plan(grid, accuracies) if c.final in final]


def test_what_is_not_chosen_yet_has_no_other_seeds(grid):
    assert names(grid, {}) == ["plain-3", *TRIED, "plain-1"]
    assert names(grid, {TRIED[0]: 0.5}, [True]) == ["plain-3", "plain-1"]


def test_the_best_on_validation_is_taken_for_all_seeds(grid):
    accuracies = dict(zip(TRIED, [0.5, 0.6], strict=True))
    assert names(grid, accuracies) == [
        "plain-3",
        *TRIED,
        "both-dropout=0.3-3",
        "plain-1",
        "tuned-dropout=0.3-1",
        "both-dropout=0.3-1",
    ]
    assert TRIED[0] not in names(grid, accuracies, [True])
    assert TRIED[1] in names(grid, accuracies, [True])


@pytest.mark.parametrize("second", [0.5, None])
def test_of_equal_ones_the_first_is_taken_and_never_a_failed_one(grid, second):
    accuracies = dict(zip(TRIED, [0.5, second], strict=True))
    assert "tuned-dropout=0.1-1" in names(grid, accuracies)
    accuracies = dict(zip(TRIED, [None, 0.0], strict=True))
    assert "tuned-dropout=0.3-1" in names(grid, accuracies)


def test_nothing_follows_where_all_trials_failed(grid):
    accuracies = dict.fromkeys(TRIED)
    assert names(grid, accuracies) == ["plain-3", *TRIED, "plain-1"]


def test_recipe_of_a_cell(grid):
    accuracies = dict(zip(TRIED, [0.5, 0.6], strict=True))
    cell = plan(grid, accuracies)[-1]
    assert cell.values == {"dropout": 0.3}
    recipe = cell.recipe(grid, "/pictures")
    assert recipe.model.attention
    assert recipe.model.dropout == 0.3
    assert recipe.training.seed == 1
    assert recipe.data.path == "/pictures"


# === Rows, teachers and distances ===


def test_each_row_has_its_methods_and_chooses_for_itself(rows):
    tried = {
        "px24-tuned-dropout=0.1-0": 0.5,
        "px24-tuned-dropout=0.3-0": 0.6,
        "px32-tuned-dropout=0.1-0": 0.6,
        "px32-tuned-dropout=0.3-0": 0.5,
    }
    assert names(rows, tried, [True]) == [
        "px24-euc-0",
        "px24-plain-0",
        "px24-large-0",
        "px24-taught-0",
        "px24-tuned-dropout=0.3-0",
        "px32-euc-0",
        "px32-plain-0",
        "px32-large-0",
        "px32-tuned-dropout=0.1-0",
        "px24-euc-1",
        "px24-plain-1",
        "px24-large-1",
        "px24-taught-1",
        "px24-tuned-dropout=0.3-1",
        "px32-euc-1",
        "px32-plain-1",
        "px32-large-1",
        "px32-tuned-dropout=0.1-1",
    ]
    assert count(rows, wanted_seeds(rows)) == 18 + 2


def test_a_method_overrides_its_row(rows):
    cells = {cell.name: cell for cell in plan(rows, {})}
    sizes = {
        name: cells[f"px24-{name}-0"].recipe(rows, "/pictures").data.image_size
        for name in ("plain", "large", "taught")
    }
    assert sizes == {"plain": 24, "large": 48, "taught": 24}


def test_the_teacher_is_of_the_same_row_and_seed_and_stands_before(rows):
    cells = plan(rows, {})
    order = [cell.name for cell in cells]
    needs = {cell.name: cell.needs for cell in cells if cell.needs}
    assert needs == {
        "px24-taught-0": "px24-large-0",
        "px24-taught-1": "px24-large-1",
    }
    for student, teacher in needs.items():
        assert order.index(teacher) < order.index(student)
        recipe = cells[order.index(student)].recipe(rows, "/pictures", "/out")
        assert recipe.teacher.run == f"/out/{teacher}"


def test_cell_has_the_euclidean_rule_and_the_place_of_pictures(rows):
    cells = {cell.name: cell for cell in plan(rows, {})}
    assert cells["px24-euc-1"].euclidean == "neighbour"
    assert cells["px24-plain-1"].euclidean == ""
    assert cells["px24-euc-1"].place(rows, "/pictures") == "/pictures"
    assert cells["px24-euc-1"].place(rows, None) is None


def test_whoever_is_taught_brings_its_teacher(rows):
    seeds = wanted_seeds(rows, ["taught"])
    assert seeds == {"taught": (0, 1), "large": (0, 1)}
    assert count(rows, seeds) == 2 * 3  # the other row has but the teacher


def test_rows_are_selected_by_name(rows, grid):
    assert wanted_rows(rows) == ["px24", "px32"]
    assert wanted_rows(rows, ["px32"]) == ["px32"]
    assert wanted_rows(grid) == [""]
    both = [count(rows, wanted_seeds(rows), [row]) for row in rows.rows]
    assert sum(both) == count(rows, wanted_seeds(rows))
    with pytest.raises(ValueError, match="px24, px32. Received: rows='px9'"):
        wanted_rows(rows, ["px32", "px9"])
    with pytest.raises(ValueError, match="rows of this grid are none"):
        wanted_rows(grid, ["px32"])


def test_a_teacher_has_the_seeds_of_all_that_it_teaches(rows):
    """Of a student only its value is wanted, of the other each seed."""
    methods = rows.methods | {
        "other": {"teacher": {"run_of": "large"}, "dropout": 0.1},
        "taker": {"dropout": {"from": "other"}},
    }
    grid = rows.model_copy(update={"methods": methods})
    for wanted in (["taught", "taker"], ["taker", "taught"]):
        seeds = wanted_seeds(grid, wanted)
        assert seeds["other"] == ()
        assert seeds["large"] == (0, 1)


def test_a_name_is_one_folder():
    values = {"attributes": "{data}/a.csv"}
    name = Cell("method", 0, values, values).name
    assert name == "method-attributes=%7Bdata%7D%2Fa.csv-0"


@pytest.mark.parametrize(
    ("methods", "seeds", "trainings"),
    [
        (None, {"plain": (3, 1), "tuned": (3, 1), "both": (3, 1)}, 2 + 3 + 2),
        (["plain"], {"plain": (3, 1)}, 2),
        (["both"], {"both": (3, 1), "tuned": (3,)}, 2 + 2),
        (["both", "tuned"], {"both": (3, 1), "tuned": (3, 1)}, 2 + 3),
    ],
)
def test_a_method_brings_the_trials_that_it_needs(
    grid, methods, seeds, trainings
):
    assert wanted_seeds(grid, methods) == seeds
    assert count(grid, seeds) == trainings


def test_a_value_that_is_not_tuned_needs_no_training(grid):
    methods = grid.methods | {"tuned": {"dropout": 0.1}}
    grid = grid.model_copy(update={"methods": methods})
    seeds = wanted_seeds(grid, ["both"])
    assert seeds == {"both": (3, 1), "tuned": ()}
    assert count(grid, seeds) == 2
    assert names(grid, {})[-1] == "both-dropout=0.1-1"


def test_rejects_an_unknown_method(grid):
    with pytest.raises(ValueError, match="are plain, tuned, both.*'pain'"):
        wanted_seeds(grid, ["pain"])


def test_another_teacher_makes_another_training(rows):
    large = {"image_size": 48, "dropout": 0.4}
    methods = rows.methods | {"large": large}
    other = rows.model_copy(update={"methods": methods})
    before = {cell.name: cell.digest(rows) for cell in plan(rows, {})}
    after = {cell.name: cell.digest(other) for cell in plan(other, {})}
    assert {name for name in before if before[name] != after[name]} == {
        f"{name}-{seed}"
        for name in ("px24-large", "px32-large", "px24-taught")
        for seed in (0, 1)
    }


def test_a_digest_stays_what_it_was(grid):
    """Else no record of a training counts: see recipes/results."""
    assert plan(grid, {})[0].digest(grid) == "28c73e3a49168e3a"
