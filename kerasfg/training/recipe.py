"""A recipe: all that a training needs to be told, in one TOML file."""

import difflib
import importlib.resources
import tomllib
from pathlib import Path
from typing import Annotated
from typing import Literal

import pydantic
import tomli_w

Fraction = Annotated[float, pydantic.Field(ge=0, lt=1)]


class Section(pydantic.BaseModel):
    """A part of a recipe: frozen, and every key must be known."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Data(Section):
    """Where the pictures come from and how small they are made.

    Attributes:
        data: A folder with one folder of pictures per class, `"field_guide"`
            for the embedded drawings, or `"tfds:NAME"` for a TFDS data set.
            It must be given before a training.
        image_size: Height and width in pixels that the network gets.
        crop: `"center"` takes the largest centred square of each picture,
            `"whole"` squeezes the whole picture into the square.
        images_per_class: How many pictures the field guide draws of a class.
        strict: Whether a picture that cannot be decoded stops the training.
            Else it is named and left out.
    """

    data: str = ""
    image_size: int = pydantic.Field(64, ge=8, le=1024)
    crop: Literal["center", "whole"] = "center"
    images_per_class: int = pydantic.Field(150, ge=3)
    strict: bool = False


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
        pooling: How the last map becomes the vector of features.
        dropout: Share of the features left out in each training step.
    """

    backbone: str = "efficientnet_lite0"
    weights: str = "imagenet"
    upsample_to: int = pydantic.Field(0, ge=0, le=1024)
    output_stride: Literal[0, 4, 8, 16, 32] = 0
    pooling: Literal["average"] = "average"
    dropout: Fraction = 0.2


class Training(Section):
    """How the network is trained.

    Attributes:
        epochs: Passes over the training pictures, all weights trained.
        head_epochs: Passes before these in which only the head is trained.
        batch_size: Pictures in a step.
        optimizer: `"sgd"` (momentum 0.9, coupled weight decay as in PyTorch)
            or `"adamw"` (decoupled weight decay).
        learning_rate: Of the main stage, at its highest.
        head_learning_rate: Of the head's stage, constant.
        schedule: `"cosine"` to zero, `"step"` (divided by 10 every
            `step_epochs`) or `"constant"`.
        step_epochs: See `schedule`.
        warmup_epochs: Epochs in which the learning rate rises from 0.
        weight_decay: See `optimizer`.
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
    optimizer: Literal["sgd", "adamw"] = "sgd"
    learning_rate: float = pydantic.Field(0.02, gt=0)
    head_learning_rate: float = pydantic.Field(0.1, gt=0)
    schedule: Literal["cosine", "step", "constant"] = "cosine"
    step_epochs: int = pydantic.Field(20, ge=1)
    warmup_epochs: float = pydantic.Field(1, ge=0)
    weight_decay: float = pydantic.Field(1e-4, ge=0)
    label_smoothing: Fraction = 0.1
    gradient_clip: float = pydantic.Field(0.0, ge=0)
    ema: Fraction = 0.0
    early_stopping: int = pydantic.Field(0, ge=0)
    mixed_precision: bool = False
    jit_compile: bool = False
    deterministic: bool = True
    seed: int = pydantic.Field(0, ge=0, lt=2**31)


class Augmentation(Section):
    """What is varied in the low-resolution training pictures.

    Attributes:
        flip: Whether half of them are mirrored left to right.
        shift: Largest shift, as a share of the picture.
        scale: Largest change of size, as a share.
        color: Largest change of brightness and contrast, and largest loss of
            saturation.
    """

    flip: bool = True
    shift: Fraction = 0.1
    scale: Fraction = 0.15
    color: Fraction = 0.2


class Recipe(Section):
    """All that `kerasfg.training.train` needs to be told.

    Attributes:
        data: See `Data`.
        model: See `Model`.
        training: See `Training`.
        augmentation: See `Augmentation`.
    """

    data: Data = Data()
    model: Model = Model()
    training: Training = Training()
    augmentation: Augmentation = Augmentation()

    @pydantic.model_validator(mode="after")
    def _sizes_agree(self):
        larger, size = self.model.upsample_to, self.data.image_size
        if larger and larger < size:
            raise ValueError(
                "upsample_to must be 0 or at least image_size. "
                f"Received: upsample_to={larger}, image_size={size}"
            )
        return self

    def chosen_output_stride(self):
        """Returns the output stride, chosen by the rule where it is 0.

        Example:

        >>> Recipe().with_options(image_size=32).chosen_output_stride()
        8
        """
        if self.model.output_stride:
            return self.model.output_stride
        size = self.model.upsample_to or self.data.image_size
        affordable = [s for s in (4, 8, 16) if size * 32 <= 128 * s]
        return affordable[0] if affordable else 32

    @classmethod
    def from_toml(cls, filepath):
        """Reads a recipe.

        Args:
            filepath: A TOML file, with the sections and keys of `Recipe`.

        Returns:
            A `Recipe`.

        Raises:
            ValueError: If the file is not TOML, has an unknown section or key
                (with the nearest known one), or a value out of its range.
        """
        text = Path(filepath).read_text(encoding="utf-8")
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(
                f"A recipe must be a TOML file: {error}. "
                f"Received: filepath={filepath}"
            ) from None
        return cls.from_values(values, where=str(filepath))

    @classmethod
    def find(cls, name):
        """Reads a recipe by its path, or one of ours by its name.

        Args:
            name: Path of a TOML file, or the name of one in `kerasfg.recipes`.

        Returns:
            A `Recipe`.

        Raises:
            ValueError: If there is neither; see also `from_toml`.

        Example:

        >>> Recipe.find("flowers17_32px").data.image_size
        32
        """
        folder = importlib.resources.files("kerasfg.recipes")
        ours = {
            file.name.removesuffix(".toml"): file
            for file in folder.iterdir()
            if file.name.endswith(".toml")
        }
        if Path(name).is_file():
            return cls.from_toml(name)
        if str(name) in ours:
            return cls.from_toml(ours[str(name)])
        raise ValueError(
            f"A recipe must be a TOML file or one of {', '.join(sorted(ours))}"
            f"{_near(str(name), ours)}. Received: recipe={str(name)!r}"
        )

    @classmethod
    def from_values(cls, values, where="the arguments"):
        """Makes a recipe of nested dictionaries; see `from_toml`."""
        try:
            return cls.model_validate(values)
        except pydantic.ValidationError as error:
            problems = "; ".join(_explain(e) for e in error.errors())
            raise ValueError(f"In {where}: {problems}") from None

    def with_options(self, **options):
        """Returns a copy with some keys changed, whatever section has them.

        Args:
            **options: Keys of any section, such as `image_size=32`.

        Returns:
            A `Recipe`.

        Raises:
            ValueError: If no section has the key, or the value is not allowed.

        Example:

        >>> Recipe().with_options(image_size=32, epochs=3).training.epochs
        3
        """
        values = self.model_dump()
        sections = {
            key: name for name, section in values.items() for key in section
        }
        for key, value in options.items():
            if key not in sections:
                raise ValueError(
                    f"A recipe has no such key{_near(key, sections)}. "
                    f"Received: {key}={value!r}"
                )
            values[sections[key]][key] = value
        return self.from_values(values)

    def to_toml(self):
        """Returns the recipe as the text of a TOML file."""
        return tomli_w.dumps(self.model_dump())


def _explain(error):
    """Turns one of pydantic's errors into one of ours."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        section = Recipe
        for part in error["loc"][:-1]:
            section = section.model_fields[part].annotation
        near = _near(str(error["loc"][-1]), section.model_fields)
        return f"unknown key{near}. Received: {where}={error['input']!r}"
    message = error["msg"].removeprefix("Value error, ")
    if "Received:" in message:
        return message
    return f"{message}. Received: {where}={error['input']!r}"


def _near(key, known):
    matches = difflib.get_close_matches(key, list(known), n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""
