"""A recipe: all settings of a training, in one TOML file."""

import difflib
import functools
import importlib.resources
from pathlib import Path

import pydantic
import tomli_w

from kerasfg.config.effort import TEACHER
from kerasfg.config.effort import set_by
from kerasfg.config.effort import wants_teacher
from kerasfg.config.names import renamed
from kerasfg.config.option import Section
from kerasfg.config.option import options_of
from kerasfg.config.sections import Attributes
from kerasfg.config.sections import Augmentation
from kerasfg.config.sections import Data
from kerasfg.config.sections import Model
from kerasfg.config.sections import PairTerms
from kerasfg.config.sections import Teacher
from kerasfg.config.sections import Training
from kerasfg.config.toml_file import read_toml


class Recipe(Section):
    """All settings of `kerasfg.training.train`.

    Each key is described where its section is defined, in
    `kerasfg.config.sections`; `docs/reference.md` lists them.
    """

    data: Data = Data()
    model: Model = Model()
    attributes: Attributes = Attributes()
    pair_terms: PairTerms = PairTerms()
    teacher: Teacher = Teacher()
    training: Training = Training()
    augmentation: Augmentation = Augmentation()

    @classmethod
    @functools.cache
    def options(cls):
        """Returns the `Option`s by their names, in the order of the sections.

        Example:

        >>> Recipe.options()["class_variance"].in_a_file
        'pair_terms.weight'
        """
        return {
            option.name: option
            for section, field in cls.model_fields.items()
            for option in options_of(section, field.annotation.model_fields)
        }

    def values(self):
        """Returns the values of all options, by their names.

        Example:

        >>> Recipe().values()["image_size"]
        64
        """
        sections = self.model_dump(mode="json")
        sections["model"]["weights"] = self.chosen_weights()
        return {
            name: sections[option.section][option.key]
            for name, option in self.options().items()
        }

    def identity(self):
        """Returns what a training depends on: `values` without the options
        that have their neutral value (see `kerasfg.config.option.option`), and
        of an effort what it sets.
        """
        options = self.options()
        found = {
            name: value
            for name, value in self.values().items()
            if not options[name].is_neutral(value)
        }
        if "effort" in found:
            effort = found["effort"]
            teacher = TEACHER if effort == "best" else {}
            found["effort"] = [effort, set_by(effort), teacher]
        return found

    @pydantic.model_validator(mode="after")
    def _sizes_agree(self):
        larger, size = self.model.upsample_to, self.data.image_size
        if larger and larger < size:
            raise ValueError(
                "`upsample_to` must be 0 or at least `image_size`. "
                f"Received: upsample_to={larger}, image_size={size}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _training_pictures_can_be_cut(self):
        size, at = self.data.image_size, self.augmentation.augment_at
        if at and at < size:
            raise ValueError(
                "`augment_at` must be 0 or at least `image_size`. "
                f"Received: augment_at={at}, image_size={size}"
            )
        crop_from = self.data.crop_from
        if at and crop_from * at % size:
            raise ValueError(
                "`crop_from` * `augment_at` / `image_size`, the pixels that "
                "training pictures are kept at, must be a whole number: take "
                "an `augment_at` that is a multiple of `image_size`. Received: "
                f"crop_from={crop_from}, augment_at={at}, image_size={size}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _weights_of_a_teacher_need_one(self):
        weights, run = self.model.weights, self.teacher.run
        if weights == "teacher" and not run and not wants_teacher(self):
            raise ValueError(
                "`weights` can be 'teacher' only with a `teacher`: name its "
                "run, or take the `effort` 'best', which trains one. "
                "Received: weights='teacher', teacher=''"
            )
        return self

    def chosen_weights(self):
        """Returns `weights`, chosen by a rule if it is not set.

        Example:

        >>> Recipe().chosen_weights()
        'imagenet'
        """
        usual = "teacher" if self.teacher.run else "imagenet"
        return self.model.weights or usual

    @pydantic.model_validator(mode="after")
    def _views_are_of_whole_squares(self):
        views, crop_from = self.augmentation.view_count, self.data.crop_from
        if views and crop_from:
            raise ValueError(
                "Views are crops already: leave `crop_from` out, or `views` "
                f"and `resizers`. Received: crop_from={crop_from}, "
                f"views={views}"
            )
        return self

    def augmented_size(self):
        """Returns the size in pixels at which training pictures are varied."""
        return self.augmentation.augment_at or self.data.image_size

    def training_side(self):
        """Returns the size in pixels of what training pictures are cut from.

        Example:

        >>> Recipe().with_options(crop_from=72, augment_at=128).training_side()
        144
        """
        size = self.augmented_size()
        if not self.data.crop_from:
            return size
        return self.data.crop_from * size // self.data.image_size

    def chosen_output_stride(self):
        """Returns the output stride, chosen by a rule if it is 0.

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
        values = read_toml(filepath, "recipe")
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
    def from_values(cls, values, where="the recipe"):
        """Makes a recipe of nested dictionaries; see `from_toml`."""
        try:
            return cls.model_validate(values)
        except pydantic.ValidationError as error:
            names = {o.name: o.in_a_file for o in cls.options().values()}
            problems = renamed(_explain(error), names)
            raise ValueError(f"In {where}: {problems}") from None

    def with_options(self, **options):
        """Returns a copy with some options changed, of any section.

        Args:
            **options: By their names, such as `image_size=32`. Most are the
                keys of the sections. A key that is unclear without its section
                has a longer name, such as `data` for `data.path`; see
                `docs/reference.md`.

        Returns:
            A `Recipe`.

        Raises:
            ValueError: If there is no such option, or the value is not
                allowed.

        Example:

        >>> Recipe().with_options(image_size=32, epochs=3).training.epochs
        3
        """
        # Without the keys that were left open: an effort may set them.
        values, known = self.model_dump(exclude_unset=True), self.options()
        for name, value in options.items():
            if name not in known:
                raise ValueError(
                    f"A recipe has no such option{_near(name, known)}. "
                    f"Received: {name}={value!r}"
                )
            values.setdefault(known[name].section, {})[known[name].key] = value
        try:
            return self.model_validate(values)
        except pydantic.ValidationError as error:
            raise ValueError(_explain(error)) from None

    def to_toml(self, whole=True):
        """Returns the recipe as the text of a TOML file.

        Args:
            whole: Whether keys that were left open are there too, with their
                defaults. Defaults to `True`.
        """
        values = self.model_dump(exclude_none=True, exclude_unset=not whole)
        return tomli_w.dumps(values)


def _explain(error):
    """Rewrites pydantic's errors, with the names of the options."""
    return "; ".join(_explain_one(problem) for problem in error.errors())


def _explain_one(problem):
    where = problem["loc"]
    path = ".".join(str(part) for part in where)
    if problem["type"] == "extra_forbidden":
        section = Recipe
        for part in where[:-1]:
            section = section.model_fields[part].annotation
        near = _near(str(where[-1]), section.model_fields)
        if len(where) == 1:
            return f"unknown section{near}. Received: [{path}]"
        return f"unknown key{near}. Received: {path}={problem['input']!r}"
    rule = problem["msg"].removeprefix("Value error, ")
    if "Received:" in rule:
        return rule
    named = [o.name for o in Recipe.options().values() if o.path == where[:2]]
    name = named[0] if named else f"[{path}]"
    rule = rule.replace("Input should", "must", 1)
    return f"`{name}` {rule}. Received: {name}={problem['input']!r}"


def _near(key, known):
    matches = difflib.get_close_matches(key, list(known), n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""
