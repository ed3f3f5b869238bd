"""Sections of a recipe that are about the pictures."""

from typing import Annotated
from typing import Literal

import pydantic

from kerasfg.config.option import FILE_ONLY
from kerasfg.config.option import PICTURES
from kerasfg.config.option import UNSET
from kerasfg.config.option import Section
from kerasfg.config.option import option

# Views of a picture where `resizers` asks for views and `views` for none.
MIXED_VIEWS = 16


class Data(Section):
    """The source of the pictures, and their size."""

    path: str | tuple[str, ...] = option(
        "",
        PICTURES,
        "Folder, `.zip` or `.tar` file with one folder of pictures per class, "
        "a list of pictures (`.csv`, or COCO's or MegaDetector's `.json`), the "
        "address of one of these (`s3://`, `gs://`, `https://`), `hf://NAME` "
        "for a data set of the Hugging Face Hub, `tfds:NAME` for one of TFDS, "
        "`field_guide` for the embedded drawings, or an archive of the papers: "
        "`awa2:DIR`, `cub200:DIR`, `deepfashion:DIR`, `flowers17:DIR` (or "
        "`flowers17_halves:DIR`, 40 and 40 pictures of each class for training "
        "and test, not those of its `datasplits.mat`), `stanford_dogs:DIR`. "
        "May be repeated: classes of one name are one.",
        name="data",
        metavar="<place>",
    )
    class_level: int = option(
        0,
        PICTURES,
        "How many folders below the place of the pictures, or below its "
        "`train`, `val` and `test`, the classes are; 0: found out, with a "
        "question where that is not clear.",
        neutral=0,
        ge=0,
        le=20,
    )
    box_margin: float | None = option(
        None,
        PICTURES,
        "Share of a box's width and height that is added on each side before "
        "it is cut out of its picture. Default: 0.1 for boxes of a list, 0 for "
        "`boxes` of published data sets.",
        neutral=UNSET,
        ge=0,
        le=5,
    )
    image_size: int = option(
        64,
        PICTURES,
        "Height and width in pixels that the network gets.",
        ge=8,
        le=1024,
    )
    crop: Literal["center", "whole"] = option(
        "center",
        PICTURES,
        "`center` takes the largest centred square of each picture, `whole` "
        "squeezes the whole picture into the square.",
    )
    crop_from: int = option(
        0,
        PICTURES,
        "Size in pixels that the square is resized to before `image_size` "
        "pixels are cut out of it: at a random place for training, out of the "
        "middle for evaluation; 0: nothing is cut.",
        ge=0,
        le=4096,
    )
    classes: int = option(
        0,
        PICTURES,
        "How many classes to take, drawn by the seed; 0: all.",
        ge=0,
    )
    train_share: float = option(
        1.0,
        PICTURES,
        "Share of each class's training pictures to use, drawn by the seed; a "
        "larger share has those of a smaller one.",
        gt=0,
        le=1,
    )
    imbalance: float = option(
        1.0,
        PICTURES,
        "For studies: thin the training pictures until the largest class has "
        "this many times the pictures of the smallest; the sizes of those "
        "between fall evenly, the order of the classes drawn by the seed; 1: "
        "all.",
        neutral=1.0,
        ge=1,
    )
    val_share: float = option(
        0.15,
        PICTURES,
        "Share of each class's pictures to draw for validation if the data "
        "have none: of the training pictures, or of all pictures if there is "
        "no split.",
        gt=0,
        le=0.5,
    )
    folds: int = option(
        0,
        PICTURES,
        "Cross-validation, for few pictures: train this many networks one "
        "after another, each tested on another part, so that every picture is "
        "tested once; 0: one network and the split of the pictures.",
        neutral=0,
        ge=0,
        le=20,
    )
    fold: int = option(
        0,
        FILE_ONLY,
        "Which of `folds` is tested, from 1 on, in the recipes of the folders "
        "`fold-1`, `fold-2` …; 0: all, one after another.",
        neutral=0,
        ge=0,
        le=20,
    )
    group_by: str = option(
        "",
        PICTURES,
        "Keep pictures that belong together on one side of the split: "
        "`folder`, the folder below that of the class (a camera, a day); "
        "`burst`, taken by one camera within 2 s of each other, by EXIF; "
        "`column:NAME`, the same text in a column of the list of pictures.",
        metavar="<how>",
        neutral="",
    )
    join_copies: bool = option(
        True,
        PICTURES,
        "Find pictures that are the same file or look the same, and keep them "
        "on one side of the split.",
        neutral=False,
    )
    strict: bool = option(
        False,
        PICTURES,
        "Stop at a picture that cannot be decoded instead of warning and "
        "leaving it out.",
    )
    leave_out: str = option(
        "",
        PICTURES,
        "File of pictures to leave out or to relabel: the `suspects.csv` of "
        "`kerasfg inspect`, where `leave out` and `relabel` in the column "
        "`decision` count and an empty one keeps the picture, or a list with "
        "one path in each line, all left out. A run keeps a copy.",
        metavar="<path>",
        neutral="",
    )
    images_per_class: int = option(
        150,
        PICTURES,
        "Pictures of each class that the field guide draws.",
        ge=3,
    )
    boxes: bool = option(
        False,
        FILE_ONLY,
        "Cut the pictures of `cub200:DIR` and `deepfashion:DIR` down to the "
        "boxes of their objects.",
    )

    @pydantic.field_validator("path", mode="before")
    @classmethod
    def _one_place_is_a_string(cls, value):
        if isinstance(value, list | tuple) and len(value) == 1:
            return value[0]
        return value

    @property
    def places(self):
        """The places of the pictures, a tuple of strings."""
        return (self.path,) if isinstance(self.path, str) else self.path

    @pydantic.field_validator("group_by")
    @classmethod
    def _is_a_way_of_grouping(cls, value):
        if value:
            from kerasfg.data.group_by import check_group_by

            check_group_by(value)
        return value

    @pydantic.model_validator(mode="after")
    def _there_is_such_a_fold(self):
        if self.folds == 1 or self.fold > self.folds:
            raise ValueError(
                "`folds` must be 0 or at least 2, and `fold` one of them. "
                f"Received: folds={self.folds}, fold={self.fold}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _parts_are_smaller(self):
        if self.crop_from and self.crop_from <= self.image_size:
            raise ValueError(
                "`crop_from` must be 0 or larger than `image_size`. "
                f"Received: crop_from={self.crop_from}, "
                f"image_size={self.image_size}"
            )
        return self

    @property
    def crop_fraction(self):
        """Share of the square's sides that the network gets."""
        return self.image_size / self.crop_from if self.crop_from else 1.0


class Augmentation(Section):
    """Random changes of the training pictures."""

    flip: bool = option(
        True, FILE_ONLY, "Mirror half of the pictures left to right."
    )
    shift: float = option(
        0.1, FILE_ONLY, "Largest shift, as a share of the picture.", ge=0, lt=1
    )
    scale: float = option(
        0.15, FILE_ONLY, "Largest change of size, as a share.", ge=0, lt=1
    )
    color: float = option(
        0.2,
        FILE_ONLY,
        "Largest change of brightness, gain of contrast and loss of "
        "saturation, as a share.",
        ge=0,
        lt=1,
    )
    augment_at: int = option(
        0,
        PICTURES,
        "Pixels at which pictures are varied, before they are shrunk to "
        "`image_size`, so that a shift by part of a pixel or a change of size "
        "costs no sharpness; 0: at `image_size`.",
        ge=0,
        le=1024,
    )
    train_resolutions: tuple[Annotated[int, pydantic.Field(ge=4)], ...] = (
        option(
            (),
            PICTURES,
            "Train on pictures from near and far: at each step, each picture "
            "is shrunk to a size drawn from these, such as 16,24,32, and "
            "enlarged again; sizes of `image_size` or more do not change it.",
            metavar="<pixels>",
        )
    )
    views: int = option(
        0,
        PICTURES,
        "Random views (crop, mirroring, colour) that are made of each training "
        "picture at its own size and stored; each epoch takes one of them, "
        "mirrored or not, in place of the shifts, sizes and colours above. 0: "
        "none, or 16 with `resizers` `mixed`.",
        neutral=0,
        ge=0,
        le=1024,
    )
    resizers: Literal["training", "mixed"] = option(
        "training",
        PICTURES,
        "How views are shrunk to `image_size`: `training`, as the pictures of "
        "validation and test are; `mixed`, each view in another of the ways "
        "in which apps shrink, with JPEG and a cast of colour, for an app "
        "that you do not know.",
        neutral="training",
    )

    @property
    def view_count(self):
        """How many views of each picture are made; 0 if training has none.

        Example:

        >>> Augmentation(resizers="mixed").view_count
        16
        """
        if self.resizers == "mixed" and not self.views:
            return MIXED_VIEWS
        return self.views

    @pydantic.model_validator(mode="after")
    def _views_are_cut_already(self):
        given = {
            key: getattr(self, key)
            for key in ("augment_at", "train_resolutions")
            if getattr(self, key)
        }
        if self.view_count and given:
            raise ValueError(
                "Views are cut and shrunk once, before the training: leave "
                f"`{next(iter(given))}` out, or `views` and `resizers`. "
                f"Received: views={self.view_count}, "
                + ", ".join(f"{key}={value}" for key, value in given.items())
            )
        return self
