import math

import numpy as np
import pytest

from kerasfg.export.verification.plausibility import check_plausible
from kerasfg.export.verification.plausibility import exchanged_classes
from kerasfg.export.verification.plausibility import is_chance

NAMES = ["ash", "beech", "cedar", "date"]


def answers_of(confusion):
    """Labels and answers with these counts."""
    pairs = [
        (i, j)
        for i, row in enumerate(confusion)
        for j, count in enumerate(row)
        for _ in range(count)
    ]
    labels, answers = np.array(pairs).T
    return labels, answers


def test_chance_is_that_of_a_binomial_test():
    # of 20 pictures of two classes, all answers but the frequencies at random
    for right in range(11, 20):
        wrong = 20 - right
        labels = np.arange(20) % 2
        answers = np.where(np.arange(20) < wrong, 1 - labels, labels)
        share = answers.mean()
        p = 0.5 * share + 0.5 * (1 - share)
        by_chance = sum(
            math.comb(20, k) * p**k * (1 - p) ** (20 - k)
            for k in range(right, 21)
        )
        assert is_chance(labels, answers) == (by_chance > 0.05)


def test_the_most_frequent_class_alone_is_chance():
    labels = np.array([0] * 95 + [1] * 5)
    assert is_chance(labels, np.zeros(100, int))
    assert not is_chance(labels, np.array([0] * 93 + [1] * 7))


def test_names_the_exchanged_classes():
    labels, answers = answers_of(
        [[20, 0, 0, 0], [1, 2, 17, 0], [0, 18, 2, 0], [2, 0, 0, 18]]
    )
    assert exchanged_classes(labels, answers, 4) == {1: 2, 2: 1}
    with pytest.raises(ValueError, match="'beech' as 'cedar', 'cedar' as"):
        check_plausible(labels, np.eye(4)[answers], NAMES)
    with pytest.raises(ValueError, match="Correct the model's `class_names`"):
        check_plausible(labels, np.eye(4)[answers], NAMES, None)


def test_two_of_many_classes_with_few_pictures():
    labels = np.repeat(np.arange(12), 5)
    answers = np.where(labels < 2, 1 - labels, labels)
    assert exchanged_classes(labels, answers, 12) == {0: 1, 1: 0}


def test_a_cycle_of_all_classes_with_a_weak_one():
    order = np.roll(np.arange(10), 1)
    labels = np.repeat(np.arange(10), 12)
    answers = order[labels]
    answers[:12] = np.arange(12) % 10  # class 0 is anything
    assert len(exchanged_classes(labels, answers, 10)) == 10


@pytest.mark.parametrize(
    "confusion",
    [
        [[12, 8, 0, 0], [9, 11, 0, 0], [0, 0, 20, 0], [0, 0, 0, 20]],
        [[2, 3, 0, 0], [3, 2, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5]],  # too few
        [[3, 17, 0, 0], [0, 20, 0, 0], [0, 0, 20, 0], [0, 0, 0, 20]],
    ],
)
def test_hard_classes_are_not_exchanged(confusion):
    labels, answers = answers_of(confusion)
    assert exchanged_classes(labels, answers, 4) == {}
    check_plausible(labels, np.eye(4)[answers], NAMES)


def test_random_answers_are_never_exchanged_classes():
    rng = np.random.default_rng(0)
    for _ in range(200):
        labels = np.repeat(np.arange(20), 5)
        answers = rng.integers(0, 20, 100)
        assert exchanged_classes(labels, answers, 20) == {}


def test_classes_without_pictures_say_nothing():
    labels = np.array([0] * 20 + [1] * 20)
    answers = np.array([1] * 20 + [0] * 20)
    assert exchanged_classes(labels, answers, 5) == {0: 1, 1: 0}
    assert exchanged_classes(labels, labels, 5) == {}


def test_chance_names_what_may_be_wrong():
    labels = np.arange(40) % 4
    answers = np.eye(4)[np.arange(40) // 4 % 4]
    with pytest.raises(ValueError, match=r"chance.*`untrained`.*=0\.\d+ on 40"):
        check_plausible(labels, answers, NAMES)
