import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfg.evaluation.answer import answer
from kerasfg.evaluation.answer import describe

VECTORS = Path(__file__).parents[1] / "phone" / "answer_vectors.py"
NAMES = ["crow", "rook", "jay", "magpie"]
SETS = {"pictures": 99, "lowest": [0.5] * 40 + [0.15] * 10}


def said(probabilities, **more):
    found = answer(probabilities, NAMES, 0.6, **more)
    return describe({"file": "a.png", **found})


def test_the_sure_and_the_unsure():
    assert said([0.1, 0.7, 0.15, 0.05], top=2) == (
        "a.png: rook 70.0 %, jay 15.0 %"
    )
    assert said([0.3, 0.4, 0.2, 0.1], top=1) == "a.png: not sure: rook 40.0 %"


@pytest.mark.parametrize(
    ("probabilities", "text"),
    [
        ([0.08, 0.8, 0.07, 0.05], "rook 80.0 %"),
        (
            [0.4, 0.5, 0.06, 0.04],
            "one of these two: rook 50.0 %, crow 40.0 %",
        ),
        (
            [0.3, 0.4, 0.2, 0.1],
            "one of these 3: rook 40.0 %, crow 30.0 % and 1 more",
        ),
    ],
)
def test_sets_in_words(probabilities, text):
    found = said(probabilities, top=1, coverage=0.9, prediction_sets=SETS)
    assert found == f"a.png: {text}"


def test_a_set_is_what_the_promise_needs():
    found = answer(
        [0.3, 0.4, 0.2, 0.1], NAMES, coverage=0.9, prediction_sets=SETS
    )
    assert found["set"] == [("rook", 0.4), ("crow", 0.3), ("jay", 0.2)]
    assert found["coverage"] == 0.9
    small = answer(
        [0.3, 0.4, 0.2, 0.1], NAMES, coverage=0.8, prediction_sets=SETS
    )
    assert small["set"] == [("rook", 0.4)]


LEVELS = [
    {
        "name": "genus",
        "of_class": ["Corvus", "Corvus", "Garrulus", "Pica"],
        "threshold": 0.8,
    }
]


def test_a_coarser_name_where_the_class_is_not_sure():
    assert said([0.35, 0.5, 0.1, 0.05], levels=LEVELS, top=1) == (
        "a.png: Corvus (genus) 85.0 %, not sure which: rook 50.0 %"
    )
    assert said([0.3, 0.4, 0.2, 0.1], levels=LEVELS, top=1) == (
        "a.png: not sure: rook 40.0 %"
    )
    assert "coarser" not in answer([0, 1, 0, 0], NAMES, 0.6, levels=LEVELS)
    sets = {"coverage": 0.9, "prediction_sets": SETS}
    assert said([0.4, 0.5, 0.06, 0.04], levels=LEVELS, **sets) == (
        "a.png: Corvus (genus) 90.0 %, one of these two: rook 50.0 %, crow "
        "40.0 %"
    )


def test_what_is_not_familiar_is_none_of_the_classes():
    probabilities = [0.1, 0.7, 0.15, 0.05]
    strange = {"familiarity": 0.03, "levels": LEVELS, "top": 1}
    assert said(probabilities, **strange) == (
        "a.png: none of these classes (familiarity 3 %); nearest: rook 70.0 %"
    )
    found = answer(probabilities, NAMES, 0.6, **strange)
    assert (found["known"], found["sure"]) == (False, False)
    sets = {"coverage": 0.9, "prediction_sets": SETS}
    found = answer(probabilities, NAMES, 0.6, familiarity=0.49, **sets)
    assert "set" not in found and "coarser" not in found
    assert "(familiarity 49 %)" in said(probabilities, familiarity=0.4999)
    assert said(probabilities, familiarity=0.5, top=1) == "a.png: rook 70.0 %"
    assert answer(probabilities, NAMES, familiarity=0.5)["known"]
    with pytest.raises(ValueError, match="kerasfg evaluate RUN"):
        answer(probabilities, NAMES, coverage=0.9, familiarity=0.1)


def test_rejects_a_coverage_without_sets():
    with pytest.raises(ValueError, match="kerasfg evaluate RUN"):
        answer([0.5, 0.5, 0, 0], NAMES, coverage=0.9)


def test_a_threshold_for_each_class():
    limits = [0.5, 0.3, 1.0, 0.0]
    assert answer([0.2, 0.4, 0.3, 0.1], NAMES, limits)["sure"] is True
    assert answer([0.4, 0.2, 0.3, 0.1], NAMES, limits)["sure"] is False


def test_vectors_of_the_page_are_those_of_python():
    spec = importlib.util.spec_from_file_location("answer_vectors", VECTORS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = module.FILE.read_text("utf-8")
    now = json.dumps(module.vectors())
    # Another processor may add up in another order.
    rounded = {"parse_float": lambda text: round(float(text), 9)}
    assert json.loads(written, **rounded) == json.loads(now, **rounded)


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=9),
    st.integers(0, 10),
)
def test_the_first_classes_are_those_of_a_stable_sort(weights, top):
    probabilities = (np.array(weights) + 0.5) / 10
    names = [f"bird {i}" for i in range(len(weights))]
    order = np.argsort(-probabilities, kind="stable")
    expected = [(names[i], probabilities[i]) for i in order]
    assert answer(probabilities, names, top=top)["top"] == expected[:top]
