import pytest

from kerasfg.config import Recipe
from kerasfg.config.option import UNSET
from kerasfg.evaluation.report.html_page.same_recipe import LATER_KEYS
from kerasfg.evaluation.report.html_page.same_recipe import differing_settings
from kerasfg.evaluation.report.html_page.same_recipe import same_recipe
from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest


@pytest.fixture
def read(leave_run):
    return lambda name, **options: read_run(leave_run(name, **options), name)


def test_only_the_seed_may_differ(read):
    runs = [read("a"), read("b", size=64), read("c", seed=1)]
    groups = same_recipe(runs)
    assert [group.name for group in groups] == ["a, c", "b"]
    assert [group.number for group in groups] == [0, 1]
    assert differing_settings(groups) == {"data.image_size": [32, 64]}


def test_what_an_earlier_version_lacks_may_be_empty_in_a_later(read):
    runs = [read("a"), read("b", seed=1)]
    del runs[0].recipe["model"]["second_backbone"]
    assert len(same_recipe(runs)) == 1
    runs[0].recipe["model"]["pooling"] = "bilinear"
    groups = same_recipe(runs)
    expected = {"model.pooling": ["bilinear", "average"]}
    assert differing_settings(groups) == expected


def test_what_an_earlier_version_lacks_is_what_it_did(read):
    runs = [read("a"), read("b", seed=1)]
    runs[1].recipe["data"] |= {"train_share": 1.0, "boxes": False}
    runs[1].recipe["teacher"] = {"weight": 0.5}
    assert len(same_recipe(runs)) == 1
    runs[1].recipe["data"]["train_share"] = 0.5
    expected = {"data.train_share": [1.0, 0.5]}
    assert differing_settings(same_recipe(runs)) == expected


def test_later_keys_are_neutral_or_as_a_recipe_has_them():
    expected, default = {}, Recipe().model_dump()
    for key in LATER_KEYS:
        section, _, name = key.partition(".")
        expected[key] = default[section][name]
    for option in Recipe.options().values():
        if option.neutral not in (None, "", UNSET):
            expected[".".join(option.path)] = option.neutral
    assert LATER_KEYS == expected


def test_the_euclidean_rule_is_a_setting(leave_run):
    runs = []
    rules = {"plain": None, "euc": "neighbour", "mean": "mean"}
    for seed in (0, 1):
        for name, rule in rules.items():
            folder = leave_run(f"{name}-{seed}", seed=seed)
            more = {"euclidean": rule} if rule else {}
            write_manifest(make_manifest(32, ["crow", "rook"], more), folder)
            runs.append(read_run(folder, folder.name))
    groups = same_recipe(runs)
    names = [group.name for group in groups]
    assert names == ["plain-{0, 1}", "euc-{0, 1}", "mean-{0, 1}"]
    expected = {"training.euclidean": [None, "neighbour", "mean"]}
    assert differing_settings(groups) == expected


@pytest.mark.parametrize(
    ("teachers", "count"),
    [
        (["runs/large-0", "runs/large-1"], 1),  # each of its student's seed
        (["runs/large-0", "runs/large-0"], 1),
        (["runs/large-0", "runs/other-1"], 2),
        (["runs/large-0", ""], 2),
        (["runs/bird-32", "runs/bird-64"], 2),  # pixels
    ],
)
def test_teachers_may_differ_in_their_seeds(read, teachers, count):
    runs = [read("a", seed=0), read("b", seed=1)]
    for run, teacher in zip(runs, teachers, strict=True):
        run.recipe["teacher"] = {"run": teacher}
    assert len(same_recipe(runs)) == count


def test_no_is_another_setting_than_empty(read):
    runs = [read("a"), read("b")]
    runs[0].recipe["model"]["attention"] = False
    expected = {"model.attention": [False, None]}
    assert differing_settings(same_recipe(runs)) == expected


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["run-1-0"], "run-1-0"),
        (["run-1-0", "run-1-1"], "run-1-{0, 1}"),
        (["run10", "run11"], "run10, run11"),
        (["run-10", "run-11"], "run-{10, 11}"),
        ([f"run-{seed}" for seed in range(5)], "run-{0 to 4}"),
        ([f"run{seed}" for seed in range(5)], "run0 to run4"),
    ],
)
def test_common_prefix_of_names_is_shown_once(read, names, text):
    runs = [read(name, seed=seed) for seed, name in enumerate(names)]
    (group,) = same_recipe(runs)
    assert group.name == text


def test_summary_leaves_out_what_is_not_known(read):
    (group,) = same_recipe([read(f"r{seed}", seed=seed) for seed in range(3)])
    values = {"r0": 1.0, "r1": None, "r2": 2.0}
    found = group.summary(lambda run: values[run.name])
    assert found == {"n": 2, "mean": 1.5, "spread": pytest.approx(0.5**0.5)}
