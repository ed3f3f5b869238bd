"""The sections of a recipe on attributes, pairs and the teacher."""

from typing import Literal

import pydantic

from kerasfg.config.option import METHODS
from kerasfg.config.option import Section
from kerasfg.config.option import option


class Attributes(Section):
    """The attributes of the classes, for the attribute-assisted loss."""

    table: str = option(
        "",
        METHODS,
        "Attribute table of the classes: a CSV file, a folder of AwA2's files, "
        "`field_guide`, or `awa2:DIR`, `cub200:DIR`, `deepfashion:DIR`.",
        name="attributes",
        metavar="<path>",
    )
    names: tuple[str, ...] = option(
        (),
        METHODS,
        "Name of an attribute in the table; may be repeated, in a recipe file "
        "as a list. Default: all that distinguish classes.",
        name="attribute",
        metavar="<name>",
    )
    threshold: float | None = option(
        None,
        METHODS,
        "Smallest number that means yes. Default: 0.5 if all numbers are "
        "between 0 and 1, and 50 % for `cub200`.",
        name="attribute_threshold",
    )
    weight: float = option(
        0.01,
        METHODS,
        "Weight of the attribute loss, the paper's lambda; 0: the table is for "
        "the evaluation only.",
        name="attribute_weight",
        ge=0,
    )
    centroid_update: Literal["ema", "center", "exact"] = option(
        "ema",
        METHODS,
        "How the mean features of each attribute value are kept: `ema`, "
        "`center` or `exact` (Eq. 3 of paper 1); see "
        "`kerasfg.layers.AttributeCentroids`.",
        metavar="<name>",
    )
    reduction: Literal["mean", "sum"] = option(
        "mean",
        METHODS,
        "How the attribute loss of a batch is made of those of its pictures: "
        "`mean`, or for study `sum`, as Eq. 2 of paper 1 is printed, with "
        "which the features collapse.",
        name="attribute_reduction",
        metavar="<name>",
        neutral="mean",
    )
    split_features: bool = option(
        False,
        METHODS,
        "Give each attribute its own slice of the features.",
        has_negative=False,
    )
    other_classes: bool = option(
        False,
        METHODS,
        "The table may have classes that are not in the data.",
        has_negative=False,
    )

    @pydantic.field_validator("names", mode="before")
    @classmethod
    def _one_name_is_a_tuple_of_one(cls, value):
        return (value,) if isinstance(value, str) else value

    @pydantic.model_validator(mode="after")
    def _names_are_those_of_a_table(self):
        if self.names and not self.table:
            raise ValueError(
                "`attribute` names columns of a table: give its path by "
                f"`attributes`. Received: attribute={list(self.names)}, "
                "attributes=''"
            )
        return self


class PairTerms(Section):
    """The class-variance loss over the pairs of a batch."""

    weight: float = option(
        0.0,
        METHODS,
        "Weight of the class-variance loss, both of the pull of pictures of "
        "one class and of the push of different classes; 0: none.",
        name="class_variance",
        ge=0,
    )
    margin: float = option(
        1.0,
        METHODS,
        "Distance from which a pair of different classes costs nothing.",
        ge=0,
    )
    push: Literal["margin", "difference", "ratio"] = option(
        "margin",
        METHODS,
        "How different classes are pushed apart: `margin`, or for study "
        "`difference` or `ratio`.",
        metavar="<name>",
    )
    on: Literal["attention", "map", "features"] = option(
        "attention",
        METHODS,
        "Embeddings that the pairs compare: the map averaged over its "
        "positions (`attention`), the whole map (`map`), or the pooled "
        "`features`.",
        metavar="<name>",
    )


class Teacher(Section):
    """A trained network that the student learns from, besides the labels.

    It gets the training pictures at its own, larger size, augmented as the
    student gets them.
    """

    run: str = option(
        "",
        METHODS,
        "Run folder, or `hf://USER/NAME` on the Hugging Face Hub, of a network "
        "that was trained on larger versions of these pictures, to learn from; "
        "it teaches more if its `label_smoothing` was "
        "0.",
        name="teacher",
        metavar="<run>",
    )
    weight: float = option(
        0.5,
        METHODS,
        "Share of the teacher in the loss; the labels have the rest.",
        name="teacher_weight",
        ge=0,
        le=1,
    )
    temperature: float = option(
        3.0,
        METHODS,
        "Divisor of the logits of teacher and student; a larger one gives "
        "unlikely classes more weight.",
        name="teacher_temperature",
        gt=0,
    )
