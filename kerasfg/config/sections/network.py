"""The section of a recipe that is about the network."""

from typing import Literal

import pydantic

from kerasfg.config.latency.budget import read_budget
from kerasfg.config.option import METHODS
from kerasfg.config.option import NETWORK
from kerasfg.config.option import Section
from kerasfg.config.option import option


class Model(Section):
    """The network."""

    backbone: str = option(
        "efficientnet_lite0",
        NETWORK,
        "One of `kerasfg.models.BACKBONES`, or a KerasHub preset: name, "
        "address or folder.",
    )
    weights: str | None = option(
        None,
        NETWORK,
        "What it begins with: `imagenet`, `none` (random), the folder or "
        "address of another KerasHub preset of the same network (for "
        "`mobilenet_v1_025`, an `.h5` file of Keras's weights), a run folder, "
        "its `hf://USER/NAME` on the Hugging Face Hub, or a `.keras` file of "
        "kerasfg, whose weights are taken where the layers "
        "have the same shapes, or `teacher`, the teacher's.",
        shown="imagenet; with a teacher of the same backbone: teacher",
    )
    upsample_to: int = option(
        0,
        NETWORK,
        "Pixels that the picture is enlarged to inside the network; 0: none.",
        ge=0,
        le=1024,
    )
    output_stride: Literal[0, 4, 8, 16, 32] = option(
        0,
        NETWORK,
        "32, 16, 8 or 4: how many pixels of the backbone's input make one "
        "position of its last map; 0: the smallest that costs no more than a "
        "picture of 128 pixels does at 32.",
    )
    latency: str = option(
        "",
        NETWORK,
        "The most that a picture may take on the phone: milliseconds of the "
        "exported file on this machine, such as `2.5ms`, or a ratio to "
        "EfficientNet-Lite0 at 224 pixels, such as `0.33`. It picks what is "
        "not given of `upsample_to`, `output_stride` and `backbone`.",
        metavar="<number>[ms]",
        neutral="",
    )
    dropout: float = option(
        0.2,
        NETWORK,
        "Share of the features left out in each training step.",
        ge=0,
        lt=1,
    )
    attention: bool = option(
        False, METHODS, "Residual sigmoid attention on the last map."
    )
    pooling: Literal[
        "average", "bilinear", "compact_bilinear", "hierarchical_bilinear"
    ] = option(
        "average",
        METHODS,
        "How the last map becomes the features: `average`, or second-order "
        "`bilinear`, `compact_bilinear` or `hierarchical_bilinear` (of the "
        "last three maps).",
        metavar="<name>",
    )
    pooling_dim: int = option(
        8192,
        METHODS,
        "Size of the compact bilinear features, or of each projection of the "
        "hierarchical ones.",
        gt=0,
    )
    projection: Literal["tensor_sketch", "random_maclaurin"] = option(
        "tensor_sketch",
        METHODS,
        "Projection of compact bilinear pooling: `tensor_sketch` or "
        "`random_maclaurin`.",
        metavar="<name>",
    )
    second_backbone: str = option(
        "",
        METHODS,
        "Second stream of bilinear or compact bilinear pooling, whose map is "
        "multiplied with that of the first.",
        metavar="<name>",
    )

    @pydantic.field_validator("latency", mode="before")
    @classmethod
    def _latency_is_a_budget(cls, value):
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)  # in a file a ratio may be a number
        if value and isinstance(value, str):
            read_budget(value)
        return value

    @pydantic.model_validator(mode="after")
    def _two_streams_are_multiplied(self):
        allowed = ("bilinear", "compact_bilinear")
        if self.second_backbone and self.pooling not in allowed:
            raise ValueError(
                "`second_backbone` is for the pooling 'bilinear' or "
                "'compact_bilinear': choose one of them, or leave it out. "
                f"Received: second_backbone={self.second_backbone!r}, "
                f"pooling={self.pooling!r}"
            )
        return self
