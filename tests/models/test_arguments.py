"""What a classifier refuses, and what it says."""

import keras
import numpy as np
import pytest
from keras.distillation import LogitsDistillation

from kerasfg import AttributeTable
from kerasfg.layers import AttributeCentroids
from kerasfg.losses import AttributeDistance
from kerasfg.models.arguments import fitting_table


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"num_classes": 1}, r"at least 2\. Received: num_classes=1"),
        ({"num_classes": "3"}, r"whole number.*Received: num_classes='3'"),
        ({"backbone": "resnet_18"}, r"functional.*backbone='resnet_18'"),
        ({"class_variance": 0.1}, r"losses\.ClassVariance.*variance=0\.1"),
        ({"pooling": "max"}, r"or a layer\. Received: pooling='max'"),
        ({"dropout": 1.0}, r"in \[0, 1\)\. Received: dropout=1.0"),
        ({"dropout": -0.1}, r"in \[0, 1\)\. Received: dropout=-0.1"),
        ({"weight_decay": -1}, r"negative\. Received: weight_decay=-1"),
        (
            {"weight_decay": float("nan")},
            r"negative\. Received: weight_decay=nan",
        ),
        ({"class_names": ["a"]}, r"3 classes\. Received: class_names"),
        ({"class_names": ["a", "a", "b"]}, "different names. Received: class"),
        ({"attributes": ()}, r"an AttributeTable, or.*attributes=\(\)"),
        ({"attributes": 0}, r"an AttributeTable, or.*Received: attributes=\[0"),
        ({"attributes": (2, 0)}, r"Received: attributes=\(2, 0\)"),
        ({"attributes": (2.0,)}, r"Received: attributes=\(2\.0,\)"),
        ({"attributes": "table.csv"}, "Received: attributes='table.csv'"),
        (
            {"attributes": 2, "attribute_distance": 0.01},
            r"losses\.AttributeDistance.*attribute_distance=0\.01",
        ),
        (
            {"attribute_distance": AttributeDistance()},
            "needs `attributes`: .*Received: attributes=None",
        ),
        (
            {"attributes": 2, "centroids": "mean"},
            "`update` must be one of .*Received: update='mean'",
        ),
        (
            {"attributes": (2, 3), "centroids": AttributeCentroids(2)},
            r"\(\(2, 3\), False\)\. Received: centroids with \(\(2,\), False\)",
        ),
        (
            {
                "attributes": (2, 3),
                "attribute_distance": AttributeDistance(split_features=True),
                "centroids": AttributeCentroids((2, 3)),
            },
            r"loss's split_features.*with \(\(2, 3\), False\)",
        ),
    ],
)
def test_rejects(classifier, argument, message):
    with pytest.raises(ValueError, match=message):
        classifier(**argument)


def test_takes_what_numpy_counts_and_lists(classifier):
    names = np.unique(["b", "a", "c"])
    model = classifier(num_classes=np.int64(3), class_names=names)
    assert model.num_classes == 3
    assert model.class_names == ("a", "b", "c")
    assert model.get_config()["class_names"] == ["a", "b", "c"]


def test_a_table_must_be_of_the_classes(classifier, table):
    with pytest.raises(ValueError, match="of the 4 classes.*table of 3 cl"):
        classifier(num_classes=4, attributes=table)
    with pytest.raises(ValueError, match="d"):
        classifier(attributes=table, class_names=["a", "b", "d"])


def test_a_table_is_put_in_the_order_of_the_labels(classifier, table):
    model = classifier(attributes=table, class_names=["c", "a", "b"])
    assert model.class_names == ("c", "a", "b")
    assert model.attributes.values.tolist() == [[0, 0], [0, 2], [1, -1]]
    values = model.attribute_values(np.array([0, 2, 1]))
    assert np.array(values).tolist() == [[0, 0], [1, -1], [0, 2]]
    assert classifier(attributes=table).class_names == ("a", "b", "c")


def test_numbers_of_values_are_integers_of_any_kind():
    assert fitting_table(3, 2) == (3,)
    assert fitting_table([np.int64(2), 3], 2) == (2, 3)
    assert fitting_table(None, 2) is None


def test_centroids_may_be_a_layer(classifier, pictures, table, tmp_path):
    layer = AttributeCentroids((2, 3), update="center", alpha=0.25)
    model = classifier(attributes=table, centroids=layer)
    assert model.centroids is layer
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, run_eagerly=True)
    model.fit(*pictures, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert (again.centroids.update, again.centroids.alpha) == ("center", 0.25)
    np.testing.assert_array_equal(again.centroids.table, layer.table)


def test_weights_of_attributes_are_checked_at_the_first_step(
    classifier, pictures, table
):
    model = classifier(
        attributes=table,
        attribute_distance=AttributeDistance(attribute_weights=(1, 2, 3)),
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, run_eagerly=True)
    with pytest.raises(ValueError, match="each of the 2 attributes. Received"):
        model.fit(*pictures, verbose=0)


def test_attributes_that_are_none_of_the_classes_are_named(classifier):
    table = AttributeTable(["a", "b"], ["x"], [[0], [1]], [("no", "yes")])
    with pytest.raises(ValueError, match="c"):
        classifier(attributes=table, class_names=["a", "b", "c"])


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        (
            {"distillation": "kl_divergence"},
            "must be a keras.distillation.*Received: distillation='kl_",
        ),
        (
            {"distillation": LogitsDistillation(loss="mse")},
            "default loss 'kl_divergence'.*with the loss <function mean_sq",
        ),
        (
            {
                "distillation": LogitsDistillation(
                    loss=keras.losses.KLDivergence(reduction="sum")
                )
            },
            "default loss 'kl_divergence'",
        ),
        ({"distillation_weight": 1.5}, "Received: distillation_weight=1.5"),
        ({"distillation_weight": -1}, "Received: distillation_weight=-1"),
    ],
    ids=["type", "loss", "reduction", "above", "below"],
)
def test_rejects_distillation_that_does_not_fit(classifier, kwargs, message):
    with pytest.raises(ValueError, match=message):
        classifier(**kwargs)
