import copy
import json
import math

import pytest

from kerasfg.evaluation import distance_card
from kerasfg.evaluation.distance.saved_card import add_measured
from kerasfg.evaluation.distance.saved_card import checked_card
from kerasfg.evaluation.distance.saved_card import keep_card
from kerasfg.manifest_rules.fitted import fitted_of

CURVE = [
    {"resolution": 8, "top_1": 0.5, "top_1_interval": [0.4, 0.6], "n": 50},
    {"resolution": 32, "top_1": 0.9, "top_1_interval": [0.8, 1.0], "n": 50},
]
MEASURED = {"top_1": 0.7, "top_1_interval": [0.6, 0.8], "too_small": 0.1}


@pytest.fixture
def card():
    return distance_card(CURVE, 32, 0.12, 66, 4000)


@pytest.fixture
def tested(card):
    """A card with a measurement wherever the curve is known."""
    known = [row["top_1"] is not None for row in card["rows"]]
    add_measured(card, [MEASURED if one else None for one in known], 50)
    return card


def test_a_card_comes_back_as_it_was_written(card):
    assert checked_card(json.loads(json.dumps(card)), "run") == card
    assert [set(row) for row in card["curve"]] == 2 * [
        {"resolution", "top_1", "top_1_interval"}
    ]


def test_what_was_measured_comes_back_with_it(tested):
    assert checked_card(json.loads(json.dumps(tested)), "run") == tested
    inside = [
        0.6 <= row["top_1"] <= 0.8
        for row in tested["rows"]
        if row["top_1"] is not None
    ]
    assert tested["checked"] == {
        "n": 50,
        "distances": len(inside),
        "inside": sum(inside),
        "too_small": 0.1,
    }


def test_an_app_needs_four_keys_of_it(card):
    found = fitted_of({"distance": card})["distance"]
    assert distance_card(image_size=32, **found) == card


def changed(card, path, value):
    card = copy.deepcopy(card)
    *parts, last = path
    found = card
    for part in parts:
        found = found[part]
    if value is None:
        del found[last]
    else:
        found[last] = value
    return card


@pytest.mark.parametrize(
    "path, value",
    [
        (["fov"], None),
        (["fov"], 180),
        (["object_size"], "<b>"),
        (["image_size"], 10**400),
        (["image_size"], 4),
        (["sensor_pixels"], math.nan),
        (["right"], 1),
        (["curve"], None),
        (["curve"], []),
        (["curve", 0, "top_1"], 2),
        (["curve", 0, "top_1_interval"], [0.4]),
        (["curve", 1, "resolution"], 10**400),
        (["rows"], 3),
        (["rows", 0, "distance"], -1),
        (["rows", 0, "distance"], None),
        (["rows", 0, "measured"], None),
        (["rows", 0, "measured", "top_1"], "<b>"),
        (["rows", 0, "measured", "top_1"], math.nan),
        (["rows", 0, "measured", "top_1_interval"], [0.1, 0.2, 0.3]),
        (["rows", -1, "measured"], MEASURED),  # where the curve has ended
        (["checked"], []),
        (["checked", "n"], "many"),
        (["checked", "n"], math.inf),
    ],
)
def test_a_card_of_another_form_is_refused(tested, path, value):
    damaged = changed(tested, path, value)
    with pytest.raises(ValueError, match="again, or remove .*run='a', ") as e:
        checked_card(damaged, "a")
    assert len(str(e.value)) < 400


@pytest.mark.parametrize("found", [[], "card", 3, {}, [[]] * 3])
def test_what_is_no_card_is_refused(found):
    with pytest.raises(ValueError, match="`kerasfg distance` wrote it"):
        checked_card(found, "a")


def report(n=30, nll=0.8, classes=("tit", "wren"), **more):
    part = {"n": n, "calibration": {"nll": nll}}
    return {"classes": list(classes), "val": part, "test": part, **more}


def test_the_card_of_the_same_model_is_kept(tested):
    now = report(nll=0.8001)  # on another machine
    keep_card(now, report(distance=tested))
    assert now["distance"] == tested
    now = report()
    keep_card(now, report())  # without a warning
    assert "distance" not in now


@pytest.mark.parametrize(
    "earlier",
    [{"n": 31}, {"nll": 0.9}, {"classes": ("tit", "jay")}, {"val": {}}],
)
def test_the_card_of_another_model_is_left_out(card, earlier):
    now = report()
    with pytest.warns(UserWarning, match="call `kerasfg distance` again"):
        keep_card(now, report(**earlier, distance=card))
    assert now == report()


def test_a_damaged_card_is_left_out():
    now = report()
    with pytest.warns(UserWarning, match="or damaged, and is left out"):
        keep_card(now, report(distance={"rows": [{}]}))
    assert now == report()
