import pytest

from kerasfg.config.effort import settled
from kerasfg.reproduce.cell import recipe_to_train
from kerasfg.reproduce.check_run import check_run
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.results import GridResults
from kerasfg.run.run_folder import RunFolder

SEEDS = "seeds ="
BOTH = 'average = ["px24", "px32"]\n'
FIGURE = '[figure]\nkind = "accuracy"\n'


@pytest.fixture
def change(rows, tmp_path):
    """A function that replaces a part of the grid's file, and reads it."""

    def change(old, new):
        text = (tmp_path / "rows.toml").read_text()
        assert old in text
        (tmp_path / "changed.toml").write_text(text.replace(old, new, 1))
        return Grid.from_toml(tmp_path / "changed.toml")

    return change


@pytest.fixture
def draw(change):
    """A function that adds a figure to the grid."""

    def draw(figure):
        return change("[paper.px24]", f"{figure}\n[paper.px24]").figure

    return draw


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows.px24", "rows.'24 px'", r"names of folders.*rows\.24 px"),
        ('["taught"]', '["teached"]', r"other than the baseline.*without=\["),
        ('["taught"]', '["plain"]', r"other than the baseline.*\['plain'\]"),
        ('["taught"]', '"taught"', r"must be a list.*rows\.px32\.without='"),
        ('["taught"]', '["large"]', r"values from.*without large, which"),
        ("image_size = 24", "image_size = 4", r"rows\.px24, methods\.euc: "),
        ("image_size = 24", "image_sizes = 24", r"px24.*mean 'image_size'"),
        ("image_size = 24", "image_size = [24]", r"rows\.px24, .*image_size="),
        (SEEDS, f'average = ["px24"]\n{SEEDS}', r"two.*average=\['px24'\]"),
        (SEEDS, f'average = ["px24", "px48"]\n{SEEDS}', "of px24, px32. Rec"),
        (SEEDS, f'best_of = ["taught"]\n{SEEDS}', r"`average`.*\['taught'\]"),
        (
            SEEDS,
            f'{BOTH}best_of = ["tought"]\n{SEEDS}',
            "methods of euc, plain.*tought",
        ),
        (SEEDS, f'{BOTH}best_of = ["taught"]\n{SEEDS}', r"one of.*rows\.px"),
        ("[paper.px24]", "[paper.px48]", r"a row and a method.*px48\.plain"),
        ("taught = 42.5", "tuaght = 1.0", r"row and a method.*px24\.tuaght"),
        (
            "[paper.px24]",
            '[paper_gains.px9]\nplain = "over 5"\n[paper.px24]',
            r"row and a method.*paper_gains\.px9\.plain",
        ),
        ("= 42.5", "= { top_3 = 1.0 }", r"to the measures top_1.*taught=\{"),
        ('"neighbour"', '"next"', r"one of neighbour, mean.*methods\.euc="),
        (
            '"neighbour"',
            '"mean"\ndropout = [0.1, 0.2]',
            r"without values to tune.*methods\.euc=",
        ),
        ('run_of = "large"', 'run_of = "tuned"', r"that is trained.*tuned"),
        ('run_of = "large"', 'run_of = "euc"', r"is trained.*taught\.teacher"),
        ('run_of = "large"', 'run_of = "lager"', r"run_of. must name.*lager"),
        ("[methods.large]\n", "[methods.large]\ndropout = [0.1]\n", "no value"),
    ],
)
def test_parts_go_together(change, old, new, message):
    with pytest.raises(ValueError, match=message):
        change(old, new)


@pytest.mark.parametrize(
    "figure",
    [
        FIGURE,
        FIGURE + 'row = "px32"\nmethods = ["plain", "tuned"]\n',
        '[figure]\nkind = "sheet"\nsizes = [8, 16]\n',
        '[figure]\nkind = "tsne"\nx = "nothing"\n',
    ],
)
def test_a_figure_of_what_there_is(draw, figure):
    assert draw(figure).kind in figure


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ('[figure]\nkind = "pie"\n', r"Received: figure\.kind='pie'"),
        (FIGURE + "colour = 1\n", r"Received: figure\.colour=1"),
        (FIGURE + 'methods = ["pain"]\n', r"the methods euc.*methods=\['pain"),
        (FIGURE + 'rows = ["px9"]\n', r"the rows px24, px32.*rows=\['px9'\]"),
        (FIGURE + 'row = "px48"\n', r"of the rows px24, px32.*row='px48'"),
        (FIGURE + 'x = "epochs"\n', r"have numbers.*x='epochs', .*\[\]"),
        (FIGURE + 'x = "dropout"\n', r"have numbers.*\[\[0\.1, 0\.3\]\]"),
        (FIGURE + 'x = "teacher"\n', r"have numbers.*x='teacher', .*run_of"),
        ('[figure]\nkind = "frontier"\n', r"latency = true.*kind='frontier'"),
    ],
)
def test_a_figure_needs_what_it_draws(draw, figure, message):
    with pytest.raises(ValueError, match=message):
        draw(figure)


@pytest.mark.parametrize("kind", ["sheet", "look_alikes"])
def test_pictures_need_sizes(draw, kind):
    with pytest.raises(ValueError, match=rf"sizes = .*kind='{kind}'"):
        draw(f'[figure]\nkind = "{kind}"\n')


SHEET = """
title = "Pictures"
data = "three colours"

[recipe.data]
image_size = 32

[figure]
kind = "sheet"
sizes = [8]
"""


def test_pictures_alone_need_no_methods(tmp_path):
    (tmp_path / "sheet.toml").write_text(SHEET)
    grid = Grid.from_toml(tmp_path / "sheet.toml")
    assert (grid.methods, grid.baseline) == ({}, "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "sheet"', 'kind = "look_alikes"', "baseline must be"),
        ("image_size = 32", "image_size = 4", "image_size"),
        ('data = "three', 'baseline = "a"\ndata = "three', "baseline must be"),
    ],
)
def test_pictures_alone_are_checked_too(tmp_path, old, new, message):
    assert old in SHEET
    (tmp_path / "sheet.toml").write_text(SHEET.replace(old, new))
    with pytest.raises(ValueError, match=message):
        Grid.from_toml(tmp_path / "sheet.toml")


# === Methods that name an effort ===

EFFORTS = """
title = "Efforts"
data = "the field guide"
seeds = [0]
baseline = "plain"

[recipe.data]
path = "field_guide"
image_size = 32

[recipe.training]
batch_size = 8

[methods.plain]

[methods.standard]
effort = "standard"

[methods.best]
effort = "best"
epochs = 5
"""


@pytest.fixture
def efforts(tmp_path):
    (tmp_path / "efforts.toml").write_text(EFFORTS)
    return Grid.from_toml(tmp_path / "efforts.toml")


@pytest.fixture
def cells(efforts):
    found = GridResults(efforts, "no folder").missing()
    return {cell.method: cell for cell in found}


def recipe_of(cell, grid, runs):
    return recipe_to_train(cell, grid, "field_guide", runs)


@pytest.mark.parametrize("method", ["plain", "standard", "best"])
def test_a_run_with_the_settled_values_belongs_to_its_cell(
    efforts, cells, method, tmp_path
):
    recipe = recipe_of(cells[method], efforts, tmp_path)
    run = RunFolder(tmp_path / method)
    run.path.mkdir()
    own = run.teacher if method == "best" else ""
    run.write_recipe(settled(recipe, own))
    check_run(run, cells[method], efforts)
    if method != "plain":
        assert run.read_recipe().augmentation.views == 16
        with pytest.raises(ValueError, match=f"with .*effort='{method}'"):
            check_run(run, cells["plain"], efforts)


def test_a_method_keeps_what_it_gives(efforts, cells, tmp_path):
    recipe = settled(recipe_of(cells["best"], efforts, tmp_path), "t")
    assert recipe.training.epochs == 5
    assert recipe.teacher.run == "t"


def test_the_digest_of_a_method_without_one_knows_no_effort(efforts, cells):
    assert "effort" not in cells["plain"].recipe(efforts, "x").identity()
    digests = {cell.digest(efforts) for cell in cells.values()}
    assert len(digests) == 3
