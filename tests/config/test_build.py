"""What a recipe says is what the model gets."""

import warnings

import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.config.attributes import load_attributes
from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_pixels
from kerasfg.data import from_folder
from kerasfg.data import shrink
from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.notice import Notice

CLASSES = ("Crow", "Gull", "Heron")
TABLE = """class,flies,white,habitat,weight
gull,1,1,shore,0.3
crow,1,0,wood,0.4
heron,1,,shore,0.9
"""


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "attributes.csv"
    file.write_text(TABLE)
    return file


def load(table, classes=CLASSES, **options):
    recipe = Recipe().with_options(attributes=str(table), **options)
    return load_attributes(recipe, classes)


# === Pictures ===


@pytest.fixture
def pixels(tmp_path, monkeypatch):
    """A function from options of a recipe to its pictures."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))

    def load(**options):
        recipe = Recipe().with_options(image_size=8, **options)
        seed = recipe.training.seed
        return load_pixels(recipe.data, verbose=False, seed=seed)

    return load


def test_a_published_data_set_is_named_before_its_folder(pixels, awa2):
    found = pixels(data=f"awa2:{awa2}")
    assert found.class_names == ("amber", "blue", "coral")
    assert found.images.shape == (36, 8, 8, 3)
    assert (found.splits == "val").sum() == 3


def test_strict_holds_for_a_published_data_set(pixels, awa2):
    (awa2 / "JPEGImages" / "blue" / "00.jpg").write_text("x")
    with pytest.warns(UserWarning, match=r"blue/00\.jpg"):
        assert len(pixels(data=f"awa2:{awa2}")) == 35
    with pytest.raises(ValueError, match=r"blue/00\.jpg"):
        pixels(data=f"awa2:{awa2}", strict=True)


def test_the_middle_is_taken_of_what_is_cut_at_random(pixels, picture_folder):
    found = pixels(data=str(picture_folder), crop_from=10)
    source = from_folder(picture_folder)
    expected = shrink(source.read(0), 8, crop_fraction=0.8)
    np.testing.assert_array_equal(found.images[0], expected)
    assert found.training_images is None


def test_several_places_are_one_data_set(pixels, picture_folder, tmp_path):
    table = tmp_path / "list.csv"
    folder = picture_folder.relative_to(tmp_path)
    table.write_text(f"path,label\n{folder}/blue/00.png,cyan\n")
    with pytest.warns(Notice, match="adds 1 new class: 'cyan'"):
        found = pixels(data=[str(picture_folder), str(table)])
    assert found.class_names == ("amber", "blue", "coral", "cyan")
    np.testing.assert_array_equal(found.images[12], found.images[36])
    with pytest.raises(ValueError, match="name each place once.*data='x'"):
        pixels(data=["x", "y", "x"])


def test_the_margin_is_that_of_lists_and_published_boxes(
    pixels, picture_folder, monkeypatch
):
    table = picture_folder / "list.csv"
    table.write_text(
        "path,label,x,y,width,height\n"
        "blue/00.png,a,4,4,10,10\nblue/01.png,b,4,4,10,10\n"
    )
    sizes = [
        pixels(data=str(table), **more).picture_sizes[0].tolist()
        for more in ({}, {"box_margin": 0.0}, {"box_margin": 0.3})
    ]
    assert sizes == [[12, 12], [10, 10], [16, 16]]
    asked = []
    monkeypatch.setattr(
        "kerasfg.config.pixels.read_published",
        lambda name, folder, boxes, margin: (
            asked.append(margin) or from_folder(picture_folder)
        ),
    )
    pixels(data=f"cub200:{picture_folder}", boxes=True)
    pixels(data=f"cub200:{picture_folder}", boxes=True, box_margin=0.2)
    assert asked == [0, 0.2]


def test_some_classes_are_drawn_by_the_seed(pixels):
    drawn = [
        pixels(data="field_guide", images_per_class=3, classes=4, seed=seed)
        for seed in (0, 0, 1)
    ]
    names = [found.class_names for found in drawn]
    assert names[0] == names[1] != names[2]
    assert len(names[0]) == 4
    assert np.bincount(drawn[0].labels).tolist() == [3] * 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data": "field_guide", "classes": 13}, "of the data, 12.*classes=13"),
        ({"data": "awa3:x"}, "one of awa2, cub200.*Received: 'awa3:x'"),
        ({"data": "awa2:x"}, "the folder is missing.*AwA2-data.zip"),
        ({"data": "awa2:x", "boxes": True}, "Only cub200 and deepfashion"),
        ({"data": "photos", "boxes": True}, "leave `boxes` out"),
    ],
    ids=str,
)
def test_refuses_pictures(pixels, options, message):
    with pytest.raises(ValueError, match=message):
        pixels(**options)


# === Attributes ===


def test_without_a_table_there_are_no_attributes():
    assert load_attributes(Recipe(), CLASSES) is None


def test_takes_all_that_divide_the_classes_in_their_order(table):
    found = load(table)
    assert found.class_names == CLASSES
    assert found.attributes == ("white", "habitat", "weight")
    assert found.values.tolist() == [[0, 1, 0], [1, 0, 0], [-1, 0, 1]]


def test_takes_the_attributes_that_are_named(table):
    assert load(table, attribute=["Habitat", "white"]).attributes == (
        "habitat",
        "white",
    )


def test_threshold_is_that_of_numbers(table):
    found = load(table, attribute="weight", attribute_threshold=0.35)
    assert found.values[:, 0].tolist() == [1, 0, 1]


def test_leaves_out_what_is_the_same_for_all_classes(table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(table)  # nobody asked for it
    message = "Left out 'flies': the same for all 3 classes"
    with pytest.warns(UserWarning, match=message):
        found = load(table, attribute=["flies", "white"])
    assert found.attributes == ("white",)


def test_something_must_divide_the_classes(table):
    message = "'flies', 'habitat' the same for all 2 classes, or unknown"
    with pytest.raises(ValueError, match=message):
        load(
            table,
            ("gull", "heron"),
            attribute=["flies", "habitat"],
            other_classes=True,
        )


def test_the_field_guide_has_a_table_of_its_own():
    found = load("field_guide", field_guide(images_per_class=3).class_names)
    assert {"crest", "habitat"} < set(found.attributes)


def test_a_folder_holds_the_files_of_awa2(tmp_path):
    (tmp_path / "classes.txt").write_text("1 crow\n2 gull\n")
    (tmp_path / "predicates.txt").write_text("1 white\n2 flies\n")
    matrix = tmp_path / "predicate-matrix-binary.txt"
    matrix.write_text("0 1\n1 1\n")
    found = load(tmp_path, ("gull", "crow"))
    assert found.attributes == ("white",)
    assert found.values.tolist() == [[1], [0]]
    matrix.unlink()
    with pytest.raises(ValueError, match="a folder without predicate-m"):
        load(tmp_path, ("gull", "crow"))


def test_a_published_data_set_brings_its_table(awa2):
    found = load(f"awa2:{awa2}", ("coral", "blue", "amber"))
    assert found.attributes == ("warm",)
    assert found.values.tolist() == [[1], [0], [1]]


def test_the_table_may_have_other_classes_if_told_so(table):
    found = load(table, ("gull", "crow"), other_classes=True)
    assert found.class_names == ("gull", "crow")
    with pytest.raises(ValueError, match="'heron'.*set `other_classes`"):
        load(table, ("gull", "crow"))


def test_of_drawn_classes_the_table_may_have_others(table):
    recipe = Recipe().with_options(attributes=str(table), classes=2)
    found = load_attributes(recipe, ("gull", "crow"))
    assert found.class_names == ("gull", "crow")


@pytest.mark.parametrize(
    ("classes", "attribute", "message"),
    [
        (CLASSES, "habitats", "lacks the attribute 'habitats'.*'habitat'"),
        (("Gull", "crows"), "white", "lacks the class 'crows'.*'crow'"),
    ],
)
def test_names_what_the_table_lacks(table, classes, attribute, message):
    with pytest.raises(ValueError, match=message):
        load(table, classes, attribute=attribute)


def test_says_how_to_give_a_threshold(tmp_path):
    file = tmp_path / "weights.csv"
    file.write_text("class,grams\ncrow,500\ngull,1000\n")
    with pytest.raises(ValueError, match="set `attribute_threshold` to the"):
        load(file, ("crow", "gull"))


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.csv', which is missing"):
        load(tmp_path / "none.csv")


# === The model ===


@pytest.fixture
def build(small_network, table):
    """A function from options to a model of three classes, 16 pixels."""

    def build(**options):
        options = {"image_size": 16, "attributes": str(table), **options}
        recipe = Recipe().with_options(**options)
        attributes = load_attributes(recipe, CLASSES)
        return build_model(recipe, CLASSES, attributes)

    return build


def test_by_default_there_are_no_methods(build):
    model = build(attributes="")
    assert not model.attention
    assert model.pooling == "average"
    assert model.class_variance is None
    assert model.attributes is None
    assert model.centroids is None


def test_passes_on_each_method(build):
    model = build(
        attention=True,
        pooling="bilinear",
        attribute=["white", "habitat"],
        attribute_weight=0.5,
        attribute_reduction="sum",
        centroid_update="center",
        split_features=True,
        class_variance=0.3,
        margin=2.0,
        on="features",
    )
    assert model.attention
    assert model.pooling == "bilinear"
    assert model.attributes.attributes == ("white", "habitat")
    assert model.attribute_distance.weight == 0.5
    assert model.attribute_distance.split_features
    assert model.attribute_distance.reduction == "sum"
    assert model.centroids.update == "center"
    assert model.centroids.split_features
    loss = model.class_variance
    assert (loss.pull_weight, loss.push_weight) == (0.3, 0.3)
    assert (loss.margin, loss.push, loss.on) == (2.0, "margin", "features")


def test_the_attribute_term_is_a_mean_unless_a_recipe_says_sum(build):
    model = build()
    assert model.attribute_distance.reduction == "sum_over_batch_size"
    before = Recipe().identity()
    assert "attribute_reduction" not in before  # records from before stay valid
    same = Recipe().with_options(attribute_reduction="mean")
    assert same.identity() == before
    other = Recipe().with_options(attribute_reduction="sum")
    assert other.identity()["attribute_reduction"] == "sum"
    with pytest.raises(ValueError, match="attribute_reduction='none'"):
        Recipe().with_options(attribute_reduction="none")


def test_a_weight_of_zero_keeps_the_table_out_of_the_model(build):
    model = build(attribute_weight=0)
    assert model.attributes is None
    assert model.centroids is None


def test_study_of_another_push_is_warned_of(build):
    with pytest.warns(UserWarning, match="push='ratio'"):
        model = build(class_variance=0.1, push="ratio")
    assert model.class_variance.push == "ratio"


def test_compact_pooling_follows_from_the_seed(build):
    model = build(
        pooling="compact_bilinear",
        pooling_dim=32,
        projection="random_maclaurin",
        seed=7,
    )
    layer = model.network.get_layer("pooling")
    assert layer.output_dim == 32
    assert layer.projection == "random_maclaurin"
    assert layer.seed == 7


def test_a_second_backbone_is_a_second_stream(build):
    model = build(
        pooling="compact_bilinear", pooling_dim=32, second_backbone="other"
    )
    assert len(model.backbone) == 2
    assert model.network.output["features"].shape == (None, 32)


def test_hierarchical_pooling_takes_three_maps_of_the_backbone():
    recipe = Recipe().with_options(
        image_size=32,
        weights="none",
        pooling="hierarchical_bilinear",
        pooling_dim=16,
    )
    model = build_model(recipe, CLASSES)
    assert len(model.network.output["map"]) == 3
    assert model.network.output["features"].shape == (None, 48)
