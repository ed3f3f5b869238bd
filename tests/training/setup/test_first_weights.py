"""A training that begins with the weights of a trained model."""

import shutil
import sys

import keras
import numpy as np
import pytest
from small_networks import several_maps

from kerasfg.config import Recipe
from kerasfg.config.first_weights import trained_model
from kerasfg.config.first_weights import weights_of_backbone
from kerasfg.config.first_weights import without_lost_weights
from kerasfg.config.model import build_model
from kerasfg.data.splits import write_splits
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.run import RunFolder
from kerasfg.run.given_paths import check_first_weights
from kerasfg.training import train
from kerasfg.training.setup.first_weights import load_first_weights
from kerasfg.training.setup.first_weights import take_weights


@pytest.fixture
def named(classifier):
    """A function that makes a classifier of classes of these names."""

    def make(names="abc", backbone=None, **options):
        return classifier(
            backbone,
            num_classes=len(names),
            class_names=tuple(names),
            **options,
        )

    return make


def assert_equal_weights(model, other):
    pairs = zip(model.get_weights(), other.get_weights(), strict=True)
    for mine, theirs in pairs:
        np.testing.assert_array_equal(mine, theirs)


def hierarchical(dim=4):
    pooling = HierarchicalBilinearPooling(projection_dim=dim, name="pooling")
    return {"backbone": several_maps([8, 8, 8]), "pooling": pooling}


def test_takes_all_of_a_model_like_itself(named):
    model, source = named(**hierarchical()), named(**hierarchical())
    for weight in source.weights:  # batch statistics of a trained one
        weight.assign(weight + 0.5)
    taken = take_weights(model, source)
    assert taken.line("runs/a") == (
        "All 18 weights of the backbone are from runs/a; pooling: too; "
        "classifier: too, for the same classes"
    )
    assert_equal_weights(model.network, source.network)


def test_classes_in_another_order_keep_their_answers(named, pictures):
    model, source = named("cab"), named("abc")
    taken = take_weights(model, source)
    assert "the same classes in another order" in taken.line("a")
    expected = source.predict(pictures[0], verbose=0)
    found = model.predict(pictures[0], verbose=0)
    for index, name in enumerate("cab"):
        np.testing.assert_allclose(
            found[:, index], expected[:, "abc".index(name)], rtol=1e-5
        )


@pytest.mark.parametrize(
    ("names", "options", "source_options", "said"),
    [
        ("abd", {}, {}, "classifier: new, for other classes"),
        ("abcd", {}, {}, "classifier: new, for other classes"),
        (
            "abc",
            {"pooling": "bilinear"},
            {},
            "classifier: new, for other features",
        ),
        ("abc", {}, {"attention": True}, "from a; classifier: too"),
        (
            "abc",
            hierarchical(4),
            hierarchical(6),
            "from a; pooling: new; classifier: new, for other features",
        ),
    ],
)
def test_what_does_not_fit_is_new(named, names, options, source_options, said):
    model, source = named(names, **options), named(**source_options)
    before = model.get_layer("logits").get_weights()
    assert said in take_weights(model, source).line("a")
    assert_equal_weights(model.backbone, source.backbone)
    if "classifier: new" in said:
        for old, now in zip(
            before, model.get_layer("logits").get_weights(), strict=True
        ):
            np.testing.assert_array_equal(old, now)


def test_names_of_classes_may_be_unknown(classifier):
    taken = take_weights(classifier(), classifier())
    assert taken.others == {"classifier": "new, for other classes"}


def test_a_layer_of_another_shape_stays_random(named, tiny_backbone):
    model = named(backbone=tiny_backbone(use_bias=True))
    source = named(backbone=tiny_backbone(use_bias=False))
    bias = model.backbone.layers[2].bias
    bias.assign(keras.ops.ones_like(bias))
    taken = take_weights(model, source)
    assert taken.line("a").startswith(
        "5 of the 6 weights of the backbone are from a, the others are random"
    )
    np.testing.assert_array_equal(bias, 1)


def test_both_streams_take_theirs(named, tiny_backbone):
    def two():
        return [tiny_backbone(), tiny_backbone()]

    model = named(backbone=two(), pooling="bilinear")
    source = named(backbone=two(), pooling="bilinear")
    assert take_weights(model, source).backbone == 12
    assert_equal_weights(model.network, source.network)


def test_a_model_that_fits_nowhere_is_an_error(named, tiny_backbone):
    images = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(5, 3, name="stem")(images)
    other = named(backbone=keras.Model(images, x, name="backbone"))
    with pytest.raises(
        ValueError,
        match="partly the same. Received: weights='a', 2 weights from stem to "
        "stem, for 6 weights from conv2d 1 to batchnormalization 1",
    ):
        take_weights(named(), other, "a")


def test_a_model_of_others_is_an_error(named, tiny_backbone):
    with pytest.raises(ValueError, match="kerasfg has trained.*a Functional"):
        take_weights(named(), tiny_backbone())


# === Training ===


@pytest.fixture
def run(small_network, picture_folder, tmp_path):
    """A run at 16 pixels, with what a teacher needs."""
    recipe = Recipe().with_options(data=str(picture_folder), image_size=16)
    folder = RunFolder(tmp_path / "trained")
    folder.path.mkdir()
    names = ("amber", "blue", "coral")
    folder.recipe.write_text(recipe.to_toml())
    folder.labels.write_text("\n".join(names) + "\n")
    write_splits(folder.splits, [], [])
    model = build_model(recipe, names)
    for weight in model.weights:
        weight.assign(weight + 0.5)
    model.save(folder.model)
    return folder.path


@pytest.fixture
def student(picture_folder):
    """A recipe of 8 pixels, for the same pictures."""
    return Recipe().with_options(
        data=str(picture_folder), image_size=8, epochs=1, batch_size=8
    )


class Began(Exception):
    pass


def begin(recipe, out, monkeypatch, resume=False):
    """Returns the model that a training begins with."""
    begun = []

    def fit(model, *arguments):
        begun.append(model)
        raise Began

    with monkeypatch.context() as patch, pytest.raises(Began):
        patch.setattr(sys.modules["kerasfg.training.train"], "fit", fit)
        train(recipe, out, resume)
    return begun[0]


def test_a_student_begins_with_its_teachers_weights(
    student, run, tmp_path, monkeypatch, capsys
):
    trained = keras.saving.load_model(run / "model.keras", compile=False)
    recipe = student.with_options(teacher=str(run))
    model = begin(recipe, tmp_path / "run", monkeypatch)
    assert_equal_weights(model.network, trained.network)
    line = f"All 6 weights of the backbone are from {run}; classifier: too"
    assert line in capsys.readouterr().out
    alone = recipe.with_options(weights="imagenet")
    model = begin(alone, tmp_path / "alone", monkeypatch)
    assert np.abs(model.get_weights()[0] - trained.get_weights()[0]).max() > 0
    assert "weights of the backbone" not in capsys.readouterr().out


def test_a_training_without_a_teacher_may_begin_with_a_run(
    student, run, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    trained = keras.saving.load_model(run / "model.keras", compile=False)
    for number, weights in enumerate(("trained", "trained/model.keras")):
        recipe = student.with_options(weights=weights)
        out = tmp_path / f"run{number}"
        model = begin(recipe, out, monkeypatch)
        assert_equal_weights(model.network, trained.network)
        found = Recipe.from_toml(out / "recipe.toml").model.weights
        assert found == str(tmp_path / weights)
    # Nothing was saved yet: they are wanted again, and may have changed.
    trained.weights[0].assign(trained.weights[0] + 1)
    trained.save(run / "model.keras")
    with pytest.warns(UserWarning, match="initial weights have changed"):
        begin(None, tmp_path / "run0", monkeypatch, resume=True)
    shutil.rmtree(run)
    with pytest.raises(ValueError, match="Received: weights="):
        train(None, tmp_path / "run1", resume=True, verbose=False)


def test_weights_that_fit_nowhere_are_found_before_the_views_are_made(
    student, run, tmp_path, named
):
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(5, 3, name="stem")(images)
    named(backbone=keras.Model(images, x, name="backbone")).save(
        run / "model.keras"
    )
    recipe = student.with_options(weights=str(run), views=2)
    with pytest.raises(ValueError, match="be of the same backbone"):
        train(recipe, tmp_path / "out", verbose=False)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "cache" / "views").exists()


def test_weights_that_know_the_test_pictures_are_warned_of(
    student, run, tmp_path, monkeypatch, picture_folder
):
    names = [f"blue/{i:02}.png" for i in range(12)]
    write_splits(RunFolder(run).splits, names, ["train"] * 12)
    recipe = student.with_options(weights=str(run))
    with pytest.warns(UserWarning, match="have learned [1-9] of the pictures"):
        begin(recipe, tmp_path / "run", monkeypatch)
    # More pictures, from a second place: the first is now in front of names.
    found = shutil.copytree(picture_folder / "blue", tmp_path / "found/blue")
    recipe = recipe.with_options(data=[str(picture_folder), str(found.parent)])
    with pytest.warns(UserWarning, match="here, such as 'pictures/blue/"):
        begin(recipe, tmp_path / "more", monkeypatch)
    moved = picture_folder.rename(tmp_path / "moved")
    recipe = recipe.with_options(data=[str(moved), str(found.parent)])
    with pytest.warns(UserWarning, match="here, such as '(moved|found)/blue/"):
        begin(recipe, tmp_path / "other", monkeypatch)


@pytest.mark.slow
def test_a_checkpoint_needs_no_first_weights(
    student, run, tmp_path, monkeypatch
):
    out = tmp_path / "run"

    def end(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("kerasfg.run.run_folder.RunFolder.write_history", end)
        train(student.with_options(weights=str(run)), out, verbose=False)
    assert (out / "checkpoint.npz").exists()
    shutil.rmtree(run)
    train(None, out, resume=True, verbose=False)
    assert (out / "kerasfg.json").exists()


def test_weights_that_are_gone_are_none_where_others_are_kept(run, tmp_path):
    for name, expected in {
        str(run): str(run),
        str(tmp_path / "gone"): "none",
        "imagenet": "imagenet",
        "hf://ann/birds": "hf://ann/birds",
    }.items():
        recipe = Recipe().with_options(weights=name)
        assert without_lost_weights(recipe).chosen_weights() == expected


# === In a recipe ===


def test_a_teacher_changes_only_the_default(run):
    recipe = Recipe().with_options(teacher=str(run))
    assert recipe.values()["weights"] == "teacher"
    assert trained_model(recipe) == run / "model.keras"
    assert weights_of_backbone(recipe) is None
    for weights, given in (("imagenet", "imagenet"), ("none", None)):
        other = recipe.with_options(weights=weights)
        assert trained_model(other) is None
        assert weights_of_backbone(other) == given


def test_a_teacher_of_another_backbone_gives_no_weights(run):
    recipe = Recipe().with_options(teacher=str(run), backbone="resnet_18")
    assert trained_model(recipe) is None
    assert weights_of_backbone(recipe) == "imagenet"
    wanted = recipe.with_options(weights="teacher")
    assert trained_model(wanted) == run / "model.keras"


def test_the_default_is_still_that_of_recorded_trainings():
    assert Recipe().identity()["weights"] == "imagenet"
    same = Recipe().with_options(weights="imagenet")
    assert same.identity() == Recipe().identity()


def test_the_teachers_weights_need_a_teacher():
    with pytest.raises(ValueError, match="'teacher' only with a `teacher`"):
        Recipe().with_options(weights="teacher")


def test_what_is_not_there_is_an_error_at_once(tmp_path, run):
    (tmp_path / "text.keras").write_text("text")
    (run / "model.keras").unlink()
    for name in ("absent", "absent.keras", "text.keras", "trained"):
        recipe = Recipe().with_options(weights=str(tmp_path / name))
        with pytest.raises(ValueError, match=f"weights='.*{name}"):
            check_first_weights(recipe)


def test_a_file_of_keras_is_for_mobilenet_alone(tmp_path):
    (tmp_path / "mobilenet.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    recipe = Recipe().with_options(weights=str(tmp_path / "mobilenet.h5"))
    with pytest.raises(
        ValueError, match="HDF5 file.* weights='.*mobilenet.h5'"
    ):
        check_first_weights(recipe)
    recipe = recipe.with_options(backbone="mobilenet_v1_025")
    check_first_weights(recipe)
    assert trained_model(recipe) is None
    assert weights_of_backbone(recipe) == recipe.model.weights


def test_an_address_is_that_of_a_preset():
    address = "hf://timm/resnet18.tv_in1k"
    recipe = Recipe().with_options(weights=address)
    check_first_weights(recipe)
    assert trained_model(recipe) is None
    assert weights_of_backbone(recipe) == address


def test_a_run_without_its_recipe_is_told_from_a_preset(run):
    recipe = Recipe().with_options(weights=str(run))
    (run / "recipe.toml").unlink()
    message = r"recipe.toml: .*give the file '.*model.keras'.* weights='.*ed'$"
    for check in (check_first_weights, trained_model, weights_of_backbone):
        with pytest.raises(ValueError, match=message):
            check(recipe)
    file = recipe.with_options(weights=str(run / "model.keras"))
    assert trained_model(file) == run / "model.keras"


def test_weights_that_are_no_numbers_are_named_by_their_file(run):
    model = keras.saving.load_model(run / "model.keras", compile=False)
    model.weights[0].assign(model.weights[0] * np.nan)
    model.save(run / "nan.keras")
    recipe = Recipe().with_options(weights=str(run / "nan.keras"))
    with pytest.raises(ValueError, match=r"Received: weights='.*/nan.keras'$"):
        load_first_weights(model, recipe, verbose=False)
