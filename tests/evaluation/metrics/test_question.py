import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfg.evaluation.metrics.question import ask
from kerasfg.evaluation.metrics.question import best_question
from kerasfg.evaluation.metrics.question import chances
from kerasfg.evaluation.metrics.question import expected_information
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.question import reweighted
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions
from kerasfg.evaluation.metrics.simulated_questions import simulated_answer

TABLE = {
    "crow": {
        "has_bill_color::black": "yes",
        "has_bill_color::red": "no",
        "has_bill_color::pink": "no",
        "has_crest": "no",
        "habitat": "wood",
    },
    "jay": {
        "has_bill_color::black": "yes",
        "has_bill_color::red": "yes",
        "has_bill_color::pink": "no",
        "has_crest": "yes",
        "habitat": "wood",
    },
    "gull": {
        "has_bill_color::black": "no",
        "has_bill_color::red": "yes",
        "has_bill_color::pink": "no",
        "habitat": "sea_shore",
    },
}
NAMES = ["gull", "crow", "jay"]


def random_case(seed, questions=5, classes=6):
    rng = np.random.default_rng(seed)
    truths = [
        rng.integers(2, size=(classes, rng.integers(2, 5)))
        for _ in range(questions)
    ]
    return rng.dirichlet(np.ones(classes)), truths


def chance_loop(truth, wrong):
    """How likely each answer is, one class at a time."""
    rows = []
    for row in truth:
        true, options = sum(row), len(row)
        if true in (0, options):
            rows.append([1 / options] * options)
        else:
            rows.append(
                [
                    (1 - wrong) / true if x else wrong / (options - true)
                    for x in row
                ]
            )
    return rows


def information_loop(probabilities, chance):
    """The entropy of the classes minus what is expected after the answer."""

    def entropy(shares):
        return -sum(p * math.log2(p) for p in shares if p > 0)

    told = entropy(probabilities)
    for answer in range(len(chance[0])):
        joint = [
            p * row[answer]
            for p, row in zip(probabilities, chance, strict=True)
        ]
        total = sum(joint)
        if total > 0:
            told -= total * entropy([p / total for p in joint])
    return told


def test_questions_are_made_of_the_table_in_its_words():
    found = {q.text: q for q in questions_of(TABLE, NAMES)}
    assert list(found) == ["Bill color?", "Habitat?", "Crest?"]
    assert found["Bill color?"].options == ("black", "red")  # none is pink
    assert found["Bill color?"].truth.tolist() == [[0, 1], [1, 0], [1, 1]]
    assert found["Habitat?"].options == ("sea shore", "wood")
    assert found["Habitat?"].truth.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert found["Crest?"].options == ("yes", "no")
    # Nothing is known of the gull.
    assert found["Crest?"].truth.tolist() == [[0, 0], [0, 1], [1, 0]]


def test_what_tells_no_classes_apart_is_not_asked():
    same = {"a": {"wings": "yes", "x": "1"}, "b": {"wings": "yes"}}
    assert questions_of(same, ["a", "b", "c"]) == []
    many = {str(i): {"name": f"n{i}"} for i in range(16)}
    assert questions_of(many, list(many)) == []
    assert len(questions_of(many, list(many)[:15])) == 1


def test_rejects_values_that_are_no_texts():
    with pytest.raises(ValueError, match=r"texts as values. Received: \[1\]"):
        questions_of({"a": {"x": [1]}}, ["a"])


@pytest.mark.parametrize("wrong", [0, 0.1, 0.4])
def test_chances_match_a_loop(wrong):
    for truth in random_case(0)[1]:
        found = chances(truth, wrong)
        np.testing.assert_allclose(found, chance_loop(truth.tolist(), wrong))
        np.testing.assert_allclose(found.sum(axis=1), 1)


@pytest.mark.parametrize("wrong", [-0.1, 0.5, 1, math.nan])
def test_rejects_other_shares_of_wrong_answers(wrong):
    with pytest.raises(ValueError, match=r"below 0\.5\. Received: wrong="):
        chances([[1, 0]], wrong)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 0.1, 0.3]))
def test_information_is_what_the_entropy_of_the_classes_loses(seed, wrong):
    probabilities, truths = random_case(seed)
    found = [
        float(expected_information(probabilities, chances(truth, wrong)))
        for truth in truths
    ]
    expected = [
        information_loop(probabilities, chance_loop(truth.tolist(), wrong))
        for truth in truths
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    best = best_question(probabilities, [chances(t, wrong) for t in truths])
    if best is None:
        assert max(expected) < 0.01 + 1e-12
    else:
        assert found[best] == max(found)


def test_information_of_many_pictures_is_that_of_each():
    _, truths = random_case(0)
    many = np.random.default_rng(0).dirichlet(np.ones(6), size=4)
    chance = chances(truths[0])
    each = [float(expected_information(row, chance)) for row in many]
    np.testing.assert_allclose(expected_information(many, chance), each)


def test_no_question_is_asked_twice_or_for_nothing():
    probabilities = np.full(3, 1 / 3)
    table = [chances(q.truth) for q in questions_of(TABLE, NAMES)]
    order = []
    while (best := best_question(probabilities, table, order)) is not None:
        order.append(best)
    assert sorted(order) == [0, 1, 2]
    assert best_question([1, 0, 0], table) is None


def test_an_answer_weighs_each_class_by_its_chance():
    truth = [[1, 0, 0], [0, 1, 1], [0, 0, 0]]
    after = reweighted([0.2, 0.3, 0.5], chances(truth), 1)
    weights = [0.2 * 0.05, 0.3 * 0.45, 0.5 / 3]
    np.testing.assert_allclose(after, np.array(weights) / sum(weights))


def test_dont_know_and_the_impossible_change_nothing():
    for answer, chance in (
        (None, chances([[1, 0], [0, 1]])),
        (1, chances([[1, 0], [1, 0]], wrong=0)),
    ):
        after = reweighted([0.3, 0.7], chance, answer)
        assert after.tolist() == [0.3, 0.7]


def test_asks_at_most_two_questions_until_it_is_sure():
    questions = questions_of(TABLE, NAMES)
    seen = []

    def answer_none(question):
        seen.append(question.text)

    start = [0.3, 0.4, 0.3]
    after, asked = ask(start, questions, answer_none)
    assert after.tolist() == start
    assert [x["question"] for x in asked] == seen and len(seen) == 2
    assert [x["answer"] for x in asked] == [None, None]
    assert json.loads(json.dumps(asked)) == asked
    after, asked = ask(
        start, questions, lambda question: 0, threshold=0.6, wrong=0.01
    )
    assert after.max() >= 0.6 and len(asked) == 1
    assert ask(start, questions, answer_none, threshold=0.4)[1] == []


def test_who_answers_is_right_as_often_as_told():
    rng = np.random.default_rng(0)
    answers = [simulated_answer([1, 1, 0, 0], 0.1, rng) for _ in range(4000)]
    shares = np.bincount(answers, minlength=4) / 4000
    np.testing.assert_allclose(shares, [0.45, 0.45, 0.05, 0.05], atol=0.03)
    assert simulated_answer([0, 0], 0.1, rng) is None
    assert simulated_answer([1, 1], 0.1, rng) is None


def simulation_loop(labels, probabilities, questions, limit, wrong, seed):
    """One question at a time, and within it one picture at a time."""
    rng = np.random.default_rng(seed)
    table = [chances(question.truth, wrong) for question in questions]
    beliefs = [list(row) for row in probabilities]
    asked = [[] for _ in labels]
    right = [
        sum(np.argmax(b) == x for b, x in zip(beliefs, labels, strict=True))
    ]
    for _ in range(2):
        for i, label in enumerate(labels):
            if max(beliefs[i]) >= limit:
                continue
            best = best_question(beliefs[i], table, asked[i])
            if best is None:
                continue
            asked[i].append(best)
            answer = simulated_answer(questions[best].truth[label], wrong, rng)
            beliefs[i] = reweighted(beliefs[i], table[best], answer)
        right.append(
            sum(np.argmax(b) == x for b, x in zip(beliefs, labels, strict=True))
        )
    return [x / len(labels) for x in right], np.mean(
        [len(x) > 1 for x in asked]
    )


def test_simulation_matches_a_loop():
    rng = np.random.default_rng(0)
    names = [f"class {i}" for i in range(8)]
    table = {
        name: {
            f"mark {i}": "yes" if rng.random() < 0.5 else "no" for i in range(6)
        }
        for name in names
    }
    questions = questions_of(table, names)
    labels = rng.integers(8, size=80)
    probabilities = rng.dirichlet(np.full(8, 0.4), size=80)
    found = simulate_questions(labels, probabilities, questions, 0.7, 0.1, [3])
    for name, limit in (("always", np.inf), ("unsure", 0.7)):
        right, twice = simulation_loop(
            labels, probabilities, questions, limit, 0.1, 3
        )
        assert [row["top_1"]["mean"] for row in found[name]] == right
        assert [row["questions"] for row in found[name]] == [0, 1, 2]
        assert found[name][2]["asked"] == pytest.approx(twice)
    assert (
        found["always"][2]["top_1"]["mean"]
        > found["always"][0]["top_1"]["mean"]
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_rejects_a_simulation_without_questions():
    with pytest.raises(ValueError, match="tells two classes apart"):
        simulate_questions([0], [[1.0, 0.0]], [])
