import os

import pytest

from kerasfg.config import Recipe


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"image_size": 32, "ema": 0.99, "flip": False},
        {
            "attention": True,
            "pooling": "compact_bilinear",
            "pooling_dim": 64,
            "projection": "random_maclaurin",
            "second_backbone": "resnet_18",
            "attributes": "attributes.csv",
            "attribute": ["patches", "forest"],
            "attribute_threshold": 0.3,
            "class_variance": 0.1,
            "on": "features",
            "balanced": 4,
        },
        {
            "image_size": 32,
            "crop_from": 36,
            "augment_at": 64,
            "train_resolutions": [16, 24, 32],
            "train_share": 0.25,
            "imbalance": 10.0,
            "logit_adjustment": 0.5,
            "val_share": 0.2,
            "classes": 10,
        },
        {"teacher": "runs/larger", "teacher_weight": 0.9},
        {"data": ["a", "b.csv"], "class_level": 2, "box_margin": 0.0},
    ],
    ids=["defaults", "numbers", "methods", "pictures", "teacher", "places"],
)
def test_survives_toml(tmp_path, options):
    recipe = Recipe().with_options(**options)
    file = tmp_path / "recipe.toml"
    file.write_text(recipe.to_toml())
    assert Recipe.from_toml(file) == recipe
    assert (recipe != Recipe()) == bool(options)


def test_leaves_out_a_threshold_that_is_not_set():
    assert "threshold" not in Recipe().to_toml()


def test_one_attribute_may_be_a_plain_string(tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text('[attributes]\ntable = "a"\nnames = "patches"\n')
    assert Recipe.from_toml(file).attributes.names == ("patches",)


def test_one_place_is_a_string_and_several_are_a_list():
    one, two = (Recipe().with_options(data=d) for d in (["a"], ["a", "b"]))
    assert one == Recipe().with_options(data="a")
    assert one.values()["data"] == "a" and one.data.places == ("a",)
    assert two.values()["data"] == ["a", "b"]
    assert two.data.places == ("a", "b")


def test_what_came_later_leaves_the_identity_of_a_training_as_it_was():
    before = Recipe().with_options(data="a").identity()
    assert not {"class_level", "box_margin"} & set(before)
    changed = Recipe().with_options(data="a", box_margin=0.0, class_level=1)
    added = {"class_level": 1, "box_margin": 0.0}
    assert changed.identity() == before | added


def test_a_recipe_needs_only_what_differs(tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text("[training]\nepochs = 3\n")
    recipe = Recipe.from_toml(file)
    assert recipe == Recipe().with_options(epochs=3)


@pytest.mark.parametrize(
    ("options", "stride"),
    [
        ({"image_size": 16}, 4),
        ({"image_size": 32}, 8),
        ({"image_size": 33}, 16),
        ({"image_size": 48}, 16),
        ({"image_size": 64}, 16),
        ({"image_size": 96}, 32),
        ({"image_size": 224}, 32),
        ({"image_size": 32, "upsample_to": 64}, 16),
        ({"image_size": 32, "output_stride": 32}, 32),
    ],
    ids=str,
)
def test_output_stride_keeps_the_cost_at_that_of_128_pixels(options, stride):
    recipe = Recipe().with_options(**options)
    assert recipe.chosen_output_stride() == stride


@pytest.mark.parametrize(
    ("options", "varied", "side", "fraction"),
    [
        ({}, 32, 32, 1),
        ({"crop_from": 40}, 32, 40, 0.8),
        ({"augment_at": 48}, 48, 48, 1),
        ({"augment_at": 32}, 32, 32, 1),
        ({"crop_from": 40, "augment_at": 48}, 48, 60, 0.8),
    ],
    ids=str,
)
def test_pixels_of_the_training_pictures(options, varied, side, fraction):
    recipe = Recipe().with_options(image_size=32, **options)
    assert recipe.augmented_size() == varied
    assert recipe.training_side() == side
    assert recipe.data.crop_fraction == fraction


def test_finds_a_recipe_by_path_and_ours_by_name(tmp_path):
    assert Recipe.find("field_guide_32px").model.weights == "none"
    file = tmp_path / "recipe.toml"
    file.write_text("[training]\nepochs = 3\n")
    assert Recipe.find(file).training.epochs == 3
    message = "did you mean 'flowers17_32px'.*Received: recipe='flowers_32px'"
    with pytest.raises(ValueError, match=message):
        Recipe.find("flowers_32px")


def test_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Recipe().training.epochs = 3


def test_options_have_names_of_their_own_and_flags():
    options = Recipe.options()
    keys = [k for section in Recipe().model_dump().values() for k in section]
    assert len(options) == len(keys)
    assert options["teacher"].in_a_file == "teacher.run"
    assert options["attribute_weight"].flag == "--attribute-weight"
    assert options["boxes"].flag == ""  # for recipe files
    assert list(Recipe().values()) == list(options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[training]\nepoch = 3", r"did you mean 'epochs'.*training\.epoch=3"),
        ("[trainning]\n", r"did you mean 'training'.*Received: \[trainning\]"),
        ("[training]\nepochs = 0", r"Received: training\.epochs=0"),
        ("[model]\noutput_stride = 5", r"Received: model\.output_stride=5"),
        (
            "[data]\nimage_size = 64\n[model]\nupsample_to = 32",
            "upsample_to=32",
        ),
        ("[attribute]", r"did you mean 'attributes'.*Received: \[attribute\]"),
        (
            "[pair_terms]\nmargins = 1",
            r"did you mean 'margin'.*pair_terms\.margins=1",
        ),
        ('[model]\npooling = "mean"', r"Received: model\.pooling='mean'"),
        ("[model]\npooling_dim = 0", r"Received: model\.pooling_dim=0"),
        ('[model]\nsecond_backbone = "vgg_16"', r"model\.pooling='average'"),
        ('[attributes]\nnames = "patches"', r"attributes\.table=''"),
        ("[attributes]\nweight = -1", r"attributes\.weight=-1"),
        ("[training]\nbalanced = 5", "balanced=5, training.batch_size=32"),
        ("[training]\nbalanced = 1", "balanced=1, training.batch_size=32"),
        ("[training]\nbalanced = 32", "balanced=32, training.batch_size=32"),
        (
            "[training]\nbalanced = 4\nlogit_adjustment = 1",
            "take one. Received: training.balanced=4, "
            "training.class_weights=False, training.logit_adjustment=1",
        ),
        ("[training]\nlogit_adjustment = -1", "logit_adjustment=-1"),
        ("[data]\nimbalance = 0.5", "imbalance=0.5"),
        ("[data]\ncrop_from = 64", "crop_from=64, data.image_size=64"),
        ("[data]\ntrain_share = 0", r"Received: data\.train_share=0"),
        ("[data]\nval_share = 0", r"Received: data\.val_share=0"),
        ("[data]\ntrain_share = 1.1", r"Received: data\.train_share=1\.1"),
        ("[data]\nclasses = -1", r"Received: data\.classes=-1"),
        (
            "[augmentation]\naugment_at = 63",
            "augment_at=63, data.image",
        ),
        (
            "[data]\ncrop_from = 72\n[augmentation]\naugment_at = 100",
            "a whole number.*data.crop_from=72, augmentation.augment_at=100",
        ),
        (
            "[augmentation]\ntrain_resolutions = [16, 3]",
            r"Received: augmentation\.train_resolutions=3",
        ),
        ("epochs", r"must be a TOML file.*Received: filepath="),
        ("a = " + "[" * 100_000, r"must be a TOML file.*Received: filepath="),
    ],
)
def test_rejects(tmp_path, text, message):
    file = tmp_path / "recipe.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        Recipe.from_toml(file)


def test_a_pipe_is_no_recipe(tmp_path):
    os.mkfifo(tmp_path / "recipe.toml")
    with pytest.raises(ValueError, match=r"must be a TOML file\. Received: "):
        Recipe.from_toml(tmp_path / "recipe.toml")


def test_rejects_an_unknown_option():
    with pytest.raises(ValueError, match="did you mean 'epochs'.*epoch=3"):
        Recipe().with_options(epoch=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "`batch_size` must be .* Received: batch_size=0$"),
        ({"teacher_weight": 2}, r"`teacher_weight` must .*teacher_weight=2$"),
        ({"teacher_temperature": 0}, r"Received: teacher_temperature=0$"),
        ({"attribute": "x"}, r"by `attributes`\. .*, attributes=''$"),
        ({"upsample_to": 8}, r"`upsample_to` .* upsample_to=8, image_size=64$"),
    ],
    ids=str,
)
def test_an_error_names_the_argument(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe().with_options(**options)
