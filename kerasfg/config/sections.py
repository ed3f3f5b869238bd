"""The sections of a recipe, and what their keys may be."""

from typing import Annotated
from typing import Literal

import pydantic

Fraction = Annotated[float, pydantic.Field(ge=0, lt=1)]


class Section(pydantic.BaseModel):
    """A part of a recipe: frozen, and every key must be known."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Data(Section):
    """Where the pictures come from and how small they are made.

    Attributes:
        data: A folder with one folder of pictures per class, `"field_guide"`
            for the embedded drawings, `"tfds:NAME"` for a TFDS data set, or
            `"NAME:DIR"` for an archive of
            `kerasfg.data.sources.published`, such as `"awa2:DIR"`. It must be
            given before a training.
        image_size: Height and width in pixels that the network gets.
        crop: `"center"` takes the largest centred square of each picture,
            `"whole"` squeezes the whole picture into the square.
        crop_from: Pixels that the square is brought to, so that each step of
            the training sees a random part of it of `image_size` pixels, and
            all else its middle, of as large a share; 0 for the whole square.
        images_per_class: How many pictures the field guide draws of a class.
        strict: Whether a picture that cannot be decoded stops the training.
            Else it is named and left out.
        boxes: Whether the pictures of `cub200:DIR` and `deepfashion:DIR` are
            cut down to the boxes of their objects.
        classes: How many classes to take, drawn by the seed; 0 for all.
        train_share: Share of each class's training pictures that is used, drawn
            by the seed; those of a smaller share are among those of a larger.
        val_share: Share of each class's pictures that is drawn for validation
            where the data say nothing of it, at least one picture: of the
            training pictures, or of all where there is no split.
    """

    data: str = ""
    image_size: int = pydantic.Field(64, ge=8, le=1024)
    crop: Literal["center", "whole"] = "center"
    crop_from: int = pydantic.Field(0, ge=0, le=4096)
    images_per_class: int = pydantic.Field(150, ge=3)
    strict: bool = False
    boxes: bool = False
    classes: int = pydantic.Field(0, ge=0)
    train_share: float = pydantic.Field(1.0, gt=0, le=1)
    val_share: float = pydantic.Field(0.15, gt=0, le=0.5)

    @pydantic.model_validator(mode="after")
    def _parts_are_smaller(self):
        if self.crop_from and self.crop_from <= self.image_size:
            raise ValueError(
                "crop_from must be 0 or larger than image_size. "
                f"Received: crop_from={self.crop_from}, "
                f"image_size={self.image_size}"
            )
        return self

    @property
    def crop_fraction(self):
        """Share of the square's sides that the network sees."""
        return self.image_size / self.crop_from if self.crop_from else 1.0


class Model(Section):
    """The network.

    Attributes:
        backbone: See `kerasfg.models.BACKBONES`.
        weights: `"imagenet"`, `"none"`, or a KerasHub preset folder.
        upsample_to: Pixels that the picture is enlarged to inside the graph
            (bilinear); 0 for no enlargement.
        output_stride: 32, 16, 8 or 4: how many pixels of the backbone's input
            make one position of its last map. 0 for the smallest that costs no
            more than a picture of 128 pixels does at stride 32, which is a
            third of the cost of 224 pixels.
        attention: Whether the map goes through
            `kerasfg.layers.ResidualSigmoidAttention`.
        pooling: How the last map becomes the vector of features:
            `"average"`, or one of the second-order poolings of
            `kerasfg.layers`. `"hierarchical_bilinear"` takes the last three
            maps.
        pooling_dim: Size of the compact bilinear features, or of each
            projection of the hierarchical ones.
        projection: Of compact bilinear pooling, `"tensor_sketch"` or
            `"random_maclaurin"`.
        second_backbone: A second network beside the first, whose map is
            multiplied with that of the first; for bilinear and compact
            bilinear pooling. Empty for none. The other keys hold for both.
        dropout: Share of the features left out in each training step.
    """

    backbone: str = "efficientnet_lite0"
    weights: str = "imagenet"
    upsample_to: int = pydantic.Field(0, ge=0, le=1024)
    output_stride: Literal[0, 4, 8, 16, 32] = 0
    attention: bool = False
    pooling: Literal[
        "average", "bilinear", "compact_bilinear", "hierarchical_bilinear"
    ] = "average"
    pooling_dim: int = pydantic.Field(8192, gt=0)
    projection: Literal["tensor_sketch", "random_maclaurin"] = "tensor_sketch"
    second_backbone: str = ""
    dropout: Fraction = 0.2

    @pydantic.model_validator(mode="after")
    def _two_streams_are_multiplied(self):
        allowed = ("bilinear", "compact_bilinear")
        if self.second_backbone and self.pooling not in allowed:
            raise ValueError(
                "second_backbone is for the pooling 'bilinear' or "
                "'compact_bilinear': choose one of them, or leave it out. "
                f"Received: second_backbone={self.second_backbone!r}, "
                f"pooling={self.pooling!r}"
            )
        return self


class Attributes(Section):
    """What the classes are like, for the attribute-assisted loss.

    Attributes:
        attributes: A CSV file (see `kerasfg.AttributeTable.from_csv`), a
            folder with the three files of Animals with Attributes 2,
            `"field_guide"` for the embedded drawings' own, or `"awa2:DIR"`,
            `"cub200:DIR"` or `"deepfashion:DIR"`. Empty for none.
        attribute: Names of those to take, or one name; empty for all in which
            two classes differ.
        attribute_threshold: Number from which on a number means yes. None for
            0.5 where all are between 0 and 1, and for 50 % of `cub200`.
        attribute_weight: Of the attribute term, the paper's lambda. With 0
            the table is for the evaluation only.
        centroid_update: How the means of each attribute value are kept; see
            `kerasfg.layers.AttributeCentroids`.
        split_features: Whether each attribute has its own slice of the
            features.
        other_classes: Whether the table may have classes that are not in the
            data.
    """

    attributes: str = ""
    attribute: tuple[str, ...] = ()
    attribute_threshold: float | None = None
    attribute_weight: float = pydantic.Field(0.01, ge=0)
    centroid_update: Literal["ema", "center", "exact"] = "ema"
    split_features: bool = False
    other_classes: bool = False

    @pydantic.field_validator("attribute", mode="before")
    @classmethod
    def _one_name_is_a_tuple_of_one(cls, value):
        return (value,) if isinstance(value, str) else value

    @pydantic.model_validator(mode="after")
    def _names_are_those_of_a_table(self):
        if self.attribute and not self.attributes:
            raise ValueError(
                "attribute names columns of a table: say where it is by "
                f"attributes. Received: attribute={list(self.attribute)}, "
                "attributes=''"
            )
        return self


class Pairs(Section):
    """The class-variance loss over the pairs of a batch.

    Attributes:
        class_variance: Weight of the pull of same classes and of the push of
            different ones; 0 for no such term.
        margin: Distance from which a pair of different classes costs nothing.
        push: `"margin"`, or for study `"difference"` or `"ratio"`; see
            `kerasfg.losses.class_variance`.
        on: What the pairs compare: the map averaged over its positions
            (`"attention"`), the map as it is (`"map"`), or the pooled
            features (`"features"`).
    """

    class_variance: float = pydantic.Field(0.0, ge=0)
    margin: float = pydantic.Field(1.0, ge=0)
    push: Literal["margin", "difference", "ratio"] = "margin"
    on: Literal["attention", "map", "features"] = "attention"


# What fits each optimizer, by the validation pictures of three data sets.
BY_OPTIMIZER = {
    "adamw": {
        "learning_rate": 0.002,
        "head_learning_rate": 0.01,
        "weight_decay": 0.05,
    },
    "sgd": {
        "learning_rate": 0.02,
        "head_learning_rate": 0.1,
        "weight_decay": 1e-4,
    },
}


class Training(Section):
    """How the network is trained.

    Attributes:
        epochs: Passes over the training pictures, all weights trained.
        head_epochs: Passes before these in which only the head is trained.
        batch_size: Pictures in a step.
        balanced: Pictures of each class in a step, which then holds
            `batch_size / balanced` classes, so that there are pairs of the
            same class; 0 for pictures as they come.
        optimizer: `"adamw"` (decoupled weight decay) or `"sgd"` (momentum 0.9,
            coupled weight decay as in PyTorch).
        learning_rate: Of the main stage, at its highest. `None` for 0.002 with
            AdamW, 0.02 with SGD.
        head_learning_rate: Of the head's stage, constant. `None` for 0.01 with
            AdamW, 0.1 with SGD.
        schedule: `"cosine"` to zero, `"step"` (divided by 10 every
            `step_epochs`) or `"constant"`.
        step_epochs: See `schedule`.
        warmup_epochs: Epochs in which the learning rate rises from 0; with
            the schedule `"step"` at most `step_epochs`.
        weight_decay: See `optimizer`. `None` for 0.05 with AdamW, 0.0001 with
            SGD.
        label_smoothing: Share of the target spread over all classes.
        gradient_clip: Largest global norm of a gradient; 0 for no limit.
        ema: Momentum of the exponential moving average of the weights that is
            evaluated and saved; 0 for none.
        early_stopping: Epochs without a better validation accuracy after which
            training ends with the weights of the best one; 0 for never.
        mixed_precision: Whether to compute in float16.
        jit_compile: Whether to compile the step with XLA.
        deterministic: Whether operators are chosen that give the same bits
            each time.
        seed: Of the split, the first weights, order, augmentation, dropout.
    """

    epochs: int = pydantic.Field(12, ge=1)
    head_epochs: int = pydantic.Field(0, ge=0)
    batch_size: int = pydantic.Field(32, ge=1)
    balanced: int = pydantic.Field(0, ge=0)
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float | None = pydantic.Field(None, gt=0)
    head_learning_rate: float | None = pydantic.Field(None, gt=0)
    schedule: Literal["cosine", "step", "constant"] = "cosine"
    step_epochs: int = pydantic.Field(20, ge=1)
    warmup_epochs: float = pydantic.Field(1, ge=0)
    weight_decay: float | None = pydantic.Field(None, ge=0)
    label_smoothing: Fraction = 0.1
    gradient_clip: float = pydantic.Field(0.0, ge=0)
    ema: Fraction = 0.0
    early_stopping: int = pydantic.Field(0, ge=0)
    mixed_precision: bool = False
    jit_compile: bool = False
    deterministic: bool = True
    seed: int = pydantic.Field(0, ge=0, lt=2**31)

    def of_optimizer(self, key):
        """Returns a value that is chosen by the optimizer where it is `None`.

        Args:
            key: `"learning_rate"`, `"head_learning_rate"` or `"weight_decay"`.

        Example:

        >>> Training(optimizer="sgd").of_optimizer("learning_rate")
        0.02
        """
        value = getattr(self, key)
        return BY_OPTIMIZER[self.optimizer][key] if value is None else value

    @pydantic.model_validator(mode="after")
    def _batches_can_be_balanced(self):
        size, each = self.batch_size, self.balanced
        if each and (each == 1 or size % each or size < 2 * each):
            raise ValueError(
                "balanced must be 0 or at least 2, and batch_size a multiple "
                "of it, at least twice as large. "
                f"Received: balanced={each}, batch_size={size}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _rises_before_the_first_step(self):
        if self.schedule == "step" and self.warmup_epochs > self.step_epochs:
            raise ValueError(
                "warmup_epochs must be at most step_epochs, after which the "
                "schedule 'step' first divides the learning rate. "
                f"Received: warmup_epochs={self.warmup_epochs:g}, "
                f"step_epochs={self.step_epochs}"
            )
        return self


class Augmentation(Section):
    """What is varied in the training pictures.

    Attributes:
        flip: Whether half of them are mirrored left to right.
        shift: Largest shift, as a share of the picture.
        scale: Largest change of size, as a share.
        color: Largest change of brightness and contrast, and largest loss of
            saturation.
        augment_at: Pixels at which they are varied, before they are shrunk to
            `image_size`, so that shifts by parts of a pixel and changes of size
            cost no sharpness; 0 for `image_size`.
        train_resolutions: Pixels. Each picture is at last shrunk to one of
            these, drawn at each step, and enlarged again, so that the network
            sees pictures from near and far; those of `image_size` or more leave
            it as it is. Empty for none.
    """

    flip: bool = True
    shift: Fraction = 0.1
    scale: Fraction = 0.15
    color: Fraction = 0.2
    augment_at: int = pydantic.Field(0, ge=0, le=1024)
    train_resolutions: tuple[Annotated[int, pydantic.Field(ge=4)], ...] = ()


class Teacher(Section):
    """A trained network that the student learns from, beside the labels.

    It sees the training pictures at its own, larger size, augmented as the
    student sees them.

    Attributes:
        teacher: Run folder of its training, with the same classes in the same
            order and the same test pictures; `""` for none. What it says of
            similar classes tells more if its `label_smoothing` was 0.
        teacher_weight: Share of what it says in the loss; the labels have the
            rest. See `kerasfg.models.FineGrainedClassifier`.
        teacher_temperature: What its logits and the student's are divided by,
            so that classes it holds for unlikely count as well.
    """

    teacher: str = ""
    teacher_weight: float = pydantic.Field(0.5, ge=0, le=1)
    teacher_temperature: float = pydantic.Field(3.0, gt=0)
