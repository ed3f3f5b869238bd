import pytest

from kerasfg.reproduce.method import GridMethod


def test_a_list_is_tuned_for_a_key_of_one_value():
    method = GridMethod({"epochs": 3, "dropout": [0.1, 0.2]})
    assert method.trials == 2
    assert method.varied == ["dropout"]
    assert method.candidates({}) == [
        {"epochs": 3, "dropout": 0.1},
        {"epochs": 3, "dropout": 0.2},
    ]


def test_a_list_is_a_value_for_a_key_of_lists():
    keys = {"attribute": ["patches", "forest"]}
    method = GridMethod(keys)
    assert method.trials == 1
    assert method.varied == []
    assert method.candidates({}) == [keys]


def test_two_lists_are_tried_in_all_combinations():
    method = GridMethod({"margin": [1.0, 2.0], "push": ["margin", "ratio"]})
    tried = [tuple(keys.values()) for keys in method.candidates({})]
    assert tried == [
        (1.0, "margin"),
        (1.0, "ratio"),
        (2.0, "margin"),
        (2.0, "ratio"),
    ]


@pytest.mark.parametrize("chosen", [{}, {"other": {"dropout": 0.3}}])
def test_takes_nothing_before_it_is_chosen(chosen):
    method = GridMethod({"ema": [0.0, 0.9], "dropout": {"from": "a"}})
    assert method.sources == {"a"}
    assert method.varied == ["ema", "dropout"]
    assert method.candidates(chosen) == []
    assert method.candidates({"a": {"dropout": 0.5}})[1] == {
        "ema": 0.9,
        "dropout": 0.5,
    }


def test_a_teacher_is_named_and_neither_tuned_nor_taken():
    keys = {"teacher": {"run_of": "large"}, "teacher_weight": [0.3, 0.7]}
    method = GridMethod(keys)
    assert method.teacher == "large"
    assert method.sources == set()
    assert method.varied == ["teacher_weight"]
    assert method.candidates({})[0] == {**keys, "teacher_weight": 0.3}
    assert GridMethod({"teacher": "runs/large"}).teacher == ""


def test_how_features_are_compared_is_no_key_of_a_recipe():
    method = GridMethod({"euclidean": "mean", "crop": "whole"})
    assert method.euclidean == "mean"
    assert method.candidates({}) == [{"crop": "whole"}]
    assert GridMethod({}).euclidean == ""
