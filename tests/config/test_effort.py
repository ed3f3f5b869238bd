"""What an effort sets, and what it leaves as it was given."""

import pytest

from kerasfg.config import Recipe
from kerasfg.config.effort import EFFORTS
from kerasfg.config.effort import OWN_TEACHER
from kerasfg.config.effort import STUDENT
from kerasfg.config.effort import TEACHER
from kerasfg.config.effort import kept_options
from kerasfg.config.effort import settled
from kerasfg.config.effort import teacher_recipe
from kerasfg.config.effort import teacher_size
from kerasfg.config.effort import wants_teacher
from kerasfg.config.idle_options import idle_options
from kerasfg.config.places import with_absolute_paths
from kerasfg.run.run_folder import RunFolder

BEST = {"effort": "best", "image_size": 32}


def small(**options):
    return Recipe().with_options(**{"image_size": 32, **options})


def changed(recipe, before):
    """Options that have another value than before."""
    old = before.values()
    return {k: v for k, v in recipe.values().items() if v != old[k]}


def test_quick_is_what_a_recipe_was_before():
    recipe = small(data="a")
    assert recipe.training.effort == "quick"
    assert settled(recipe) is recipe
    assert "effort" not in recipe.identity()


def test_standard_sets_what_is_not_given():
    recipe = small(effort="standard")
    assert changed(settled(recipe), recipe) == EFFORTS["standard"]
    given = small(effort="standard", epochs=12)  # also where it is the default
    others = {k: v for k, v in EFFORTS["standard"].items() if k != "epochs"}
    assert changed(settled(given), given) == others
    assert kept_options(given) == ["epochs"] and not kept_options(recipe)


def test_weights_can_be_those_of_the_teacher_to_come():
    recipe = small(effort="best", weights="teacher")
    assert settled(recipe, "run/teacher").model.weights == "teacher"
    assert settled(recipe).model.weights is None  # too small pictures
    with pytest.raises(ValueError, match="`effort` 'best', which trains one"):
        small(weights="teacher")


def test_a_file_gives_what_it_names(tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text('[training]\neffort = "standard"\nepochs = 4\n')
    recipe = settled(Recipe.from_toml(file).with_options(image_size=16))
    assert (recipe.training.epochs, recipe.augmentation.views) == (4, 16)
    file.write_text(settled(small(effort="standard")).to_toml())
    again = Recipe.from_toml(file)
    assert settled(again) == again  # a run's recipe has the plain values


def test_an_open_recipe_can_be_passed_on_as_text(tmp_path):
    recipe = small(effort="standard", views=2)
    file = tmp_path / "recipe.toml"
    file.write_text(recipe.to_toml(whole=False))
    assert settled(Recipe.from_toml(file)) == settled(recipe)
    assert "dropout" not in file.read_text()


def test_best_gives_its_student_a_teacher():
    recipe = small(**BEST)
    student = settled(recipe, "/runs/a/teacher")
    expected = EFFORTS["best"] | STUDENT
    expected |= {"teacher": "/runs/a/teacher", "weights": "teacher"}
    assert changed(student, recipe) == expected


def test_best_with_a_teacher_that_is_given(tmp_path):
    recipe = small(**BEST, teacher="t", teacher_weight=0.5)
    assert not wants_teacher(recipe)
    student = settled(recipe)
    expected = EFFORTS["best"] | STUDENT
    del expected["teacher_weight"]
    assert changed(student, recipe) == expected
    assert student.model.weights is None  # its rule compares the backbones


@pytest.mark.parametrize("effort", ["standard", "best"])
@pytest.mark.parametrize(
    "given", [{"upsample_to": 64}, {"output_stride": 16}, {"image_size": 160}]
)
def test_enlarging_and_strides_are_set_together_or_not(given, effort):
    recipe = small(**{"effort": effort, **given})
    student = settled(recipe, "t")
    assert not {"upsample_to", "output_stride"} & set(changed(student, recipe))


@pytest.mark.parametrize(
    "cut", [{"crop_from": 40}, {"augment_at": 64}, {"train_resolutions": (16,)}]
)
@pytest.mark.parametrize("effort", ["standard", "best"])
def test_pictures_that_are_cut_already_have_no_views(cut, effort):
    recipe = small(effort=effort, **cut)
    assert settled(recipe).augmentation.views == 0
    assert settled(recipe).training.epochs == EFFORTS[effort]["epochs"]
    assert not wants_teacher(recipe)


@pytest.mark.parametrize(
    ("image_size", "side", "size"),
    [(32, 500, 224), (32, 130, 128), (32, 63, 0), (224, 500, 0), (64, 64, 0)],
)
def test_a_teacher_is_larger_and_no_larger_than_the_pictures(
    image_size, side, size
):
    assert teacher_size(small(image_size=image_size), side) == size


def test_the_teacher_is_the_same_network_on_larger_pictures():
    options = {
        **BEST,
        "data": "a",
        "seed": 3,
        "backbone": "mobilenet_v1_025",
        "attention": True,
        "optimizer": "sgd",
        "class_variance": 0.5,
        "balanced": 4,
        "label_smoothing": 0.2,
        "epochs": 5,
    }
    recipe = Recipe().with_options(**options)
    student = settled(recipe, "/runs/a/teacher")
    teacher = teacher_recipe(student, 96)
    assert teacher.values() == recipe.values() | TEACHER | {
        "image_size": 96,
        "upsample_to": 128,
        "attribute": [],
        "weights": "imagenet",
        "teacher_weight": 0.9,
        "teacher_temperature": 2.0,
    }
    assert teacher.training.epochs == 12 and student.training.epochs == 5
    assert settled(teacher) is teacher


@pytest.mark.parametrize(
    ("size", "enlarged"), [(64, 128), (96, 128), (128, 0), (224, 0)]
)
def test_a_teacher_sees_no_smaller_pictures_than_its_student(size, enlarged):
    teacher = teacher_recipe(settled(small(**BEST), "t"), size)
    assert teacher.model.upsample_to == enlarged
    assert teacher.chosen_output_stride() == 32


def test_weights_that_are_given_are_for_both():
    student = settled(small(**BEST, weights="none"), "t")
    assert student.model.weights == "none"
    assert teacher_recipe(student, 96).model.weights == "none"


def test_records_go_by_what_an_effort_sets():
    identity = small(**BEST).identity()
    effort, sets, teacher = identity["effort"]
    assert effort == "best" and teacher == TEACHER
    assert sets == EFFORTS["best"] | STUDENT | {
        "teacher": OWN_TEACHER,
        "weights": "teacher",
    }


def test_a_run_says_where_its_own_teacher_is_from_where_it_is(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    student = settled(small(**BEST), run.path / "teacher")
    assert run.has_own_teacher(student)
    run.write_recipe(student)
    assert run.read_recipe() == student
    (tmp_path / "run").rename(tmp_path / "moved")
    moved = RunFolder(tmp_path / "moved").read_recipe()
    assert moved.teacher.run == str(tmp_path / "moved" / "teacher")
    file = Recipe.from_toml(tmp_path / "moved" / "recipe.toml")
    assert file.teacher.run == OWN_TEACHER
    assert with_absolute_paths(file).teacher.run == OWN_TEACHER
    # So it trains a teacher anew, with the same values.
    assert wants_teacher(file)
    assert settled(file, run.path / "teacher") == student
    # Where pictures are too small it has none.
    alone = settled(file)
    assert (alone.teacher.run, alone.chosen_weights()) == ("", "imagenet")


def test_options_of_a_teacher_have_an_effect_where_one_is_made():
    names = ["teacher_weight"]
    assert idle_options(small(teacher_weight=0.4), names)
    assert not idle_options(small(**BEST, teacher_weight=0.4), names)


def test_another_effort_is_refused():
    with pytest.raises(ValueError, match="effort.*Received: effort='high'"):
        small(effort="high")
