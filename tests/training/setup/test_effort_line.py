"""The first line of a training."""

import pytest

from kerasfg.config import Recipe
from kerasfg.config.effort import OWN_TEACHER
from kerasfg.training.setup.effort_line import effort_line
from kerasfg.training.setup.parts import Parts

BIG = (
    "`--effort best` trains a teacher of 224 pixels first, and takes about {} "
    "times as long as this."
)


@pytest.mark.parametrize(
    ("options", "side", "line"),
    [
        ({}, 300, f"Effort quick: 12 epochs. {BIG.format(9)}"),
        ({"epochs": 1}, 40, "Effort quick: 1 epoch."),
        (
            {},
            40,
            "Effort quick: 12 epochs. `--effort best` does 16 views of each "
            "picture, 60 epochs, and takes about 5 times as long as this.",
        ),
        (
            {"effort": "standard"},
            300,
            "Effort standard: 16 views of each picture, 30 epochs. "
            f"{BIG.format(4)}",
        ),
        (
            {"effort": "best"},
            100,
            "Effort best: a teacher of 96 pixels (12 epochs), 16 views of each "
            "picture, 60 epochs.",
        ),
        (
            {"effort": "best", "epochs": 7},
            100,
            "Effort best: a teacher of 96 pixels (12 epochs), 16 views of each "
            "picture, 7 epochs. Set otherwise than by the effort: --epochs.",
        ),
        (
            {"effort": "best"},
            40,
            "Effort best: 16 views of each picture, 60 epochs. No teacher is "
            "trained, as the pictures are too small for one: half of them have "
            "a shorter side of at most 40 pixels, and the network gets 32.",
        ),
        (
            {"effort": "best", "teacher": "t"},
            300,
            "Effort best: 16 views of each picture, 60 epochs. The teacher is "
            "given, so none is trained.",
        ),
        (
            {"effort": "best", "teacher": OWN_TEACHER},
            40,
            "Effort best: 16 views of each picture, 60 epochs. No teacher is "
            "trained, as the pictures are too small for one: half of them have "
            "a shorter side of at most 40 pixels, and the network gets 32.",
        ),
        (
            {"effort": "best", "image_size": 224},
            1500,
            "Effort best: 16 views of each picture, 60 epochs. No teacher is "
            "trained: it has 224 pixels at most, and the network gets as many.",
        ),
        (
            {"effort": "best", "output_stride": 32},
            100,
            "Effort best: a teacher of 96 pixels (12 epochs), 16 views of each "
            "picture, 60 epochs. --upsample-to is not set, since "
            "--output-stride is given: the effort sets both or none.",
        ),
        (
            {"effort": "best", "crop_from": 40},
            300,
            "Effort best: 60 epochs. No teacher is trained: `crop_from`, "
            "`augment_at` and `train_resolutions` leave no room for one.",
        ),
    ],
    ids=str,
)
def test_says_what_is_done_and_what_best_would_bring(options, side, line):
    recipe = Recipe().with_options(**{"image_size": 32, **options})
    assert effort_line(recipe, side) == line


def test_what_a_recipe_says_of_all_is_named():
    whole = Recipe.from_values(Recipe().model_dump())
    line = effort_line(whole.with_options(effort="best", image_size=32), 300)
    assert "Set otherwise than by the effort: --views, --epochs" in line
    assert "a recipe that says `teacher` is none" in line


def test_parts_are_counted_and_silent_if_wanted(capsys):
    texts = {"teacher": "the teacher", "student": "the student"}
    parts = Parts(texts, seconds={"teacher": 1500, "student": 30})
    parts.plan()
    parts.begin("teacher")
    parts.begin("views")  # it has none
    parts.begin("student", "again")
    assert capsys.readouterr().out.splitlines() == [
        "2 parts, about 26 min on this machine:",
        "  1 of 2: the teacher, about 25 min",
        "  2 of 2: the student, about 30 s",
        "1 of 2: the teacher, about 25 min",
        "2 of 2: the student, about 30 s, again",
    ]
    Parts({}, first="Effort").begin("student")
    assert capsys.readouterr().out == "Effort\n"
    Parts(texts, verbose=False, first="Effort").begin("teacher")
    assert capsys.readouterr().out == ""
