"""An option: a key of a recipe, described once for all its uses.

These are `--help`, error messages and `docs/reference.md`.
"""

import dataclasses
import typing
from typing import Any

import pydantic

# Panels of `kerasfg train --help`.
PICTURES, NETWORK = "Pictures", "Network"
METHODS, TRAINING = "Methods", "Training"
FILE_ONLY = ""  # a key of recipe files without a flag at the command line
UNSET = "unset"  # the neutral value of an option that is neutral when unset


class Section(pydantic.BaseModel):
    """A part of a recipe: frozen, and every key must be known."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False
    )

    @pydantic.field_validator("*", mode="before")
    @classmethod
    def _numbers_are_not_yes_or_no(cls, value, info):
        """Refuses `true` for 1, which pydantic takes."""
        kind = _without_none(cls.model_fields[info.field_name].annotation)
        kinds = {kind, *typing.get_args(kind)}
        given = value if isinstance(value, (list, tuple)) else [value]
        if kinds & {int, float} and any(isinstance(x, bool) for x in given):
            raise ValueError("must be a number, not true or false")
        return value


def option(
    default,
    panel,
    description,
    *,
    name="",
    metavar=None,
    has_negative=True,
    shown=None,
    neutral=None,
    **limits,
) -> Any:
    """Makes the field of a section.

    Args:
        default: Its value if a recipe does not set it.
        panel: One of the panels above, or `FILE_ONLY`.
        description: Markdown, for `--help` and the reference page.
        name: Its name outside its section: as an argument of
            `Recipe.with_options`, in a grid's rows and methods, and, with
            hyphens, as a flag. Defaults to `""`, the key.
        metavar: Placeholder for its value in `--help`. Defaults to `None`: its
            type.
        has_negative: Whether a flag for yes has one for no, `--no-NAME`.
            Defaults to `True`.
        shown: Text to show as the default. Defaults to `None`: the default.
        neutral: For an option that came after results were recorded: the value
            at which a training is what it was before there was the option, so
            that the results stay valid. Defaults to `None`: there is none.
        **limits: Arguments of `pydantic.Field` such as `ge=0`.
    """
    shape = {
        "name": name,
        "panel": panel,
        "metavar": metavar,
        "has_negative": has_negative,
        "shown": shown,
        "neutral": neutral,
    }
    return pydantic.Field(
        default, description=description, json_schema_extra=shape, **limits
    )


@dataclasses.dataclass(frozen=True)
class Option:
    """A key of a recipe, with its description and its type.

    Attributes:
        section: Name of its section.
        key: Its name there.
        name, description, panel, metavar, has_negative, neutral: See `option`.
        type: The type of its value, such as `int` or `tuple[str, ...]`,
            without the `None` that some may be.
        shown: Text to show as the default, `""` for nothing.
    """

    section: str
    key: str
    name: str
    description: str
    panel: str
    metavar: str | None
    has_negative: bool
    neutral: Any
    type: Any
    shown: str

    @property
    def flag(self):
        """Its flag at the command line, `""` if it has none."""
        return f"--{self.name.replace('_', '-')}" if self.panel else ""

    def is_neutral(self, value):
        """Returns whether a value is the neutral one."""
        if self.neutral == UNSET:
            return value is None
        return self.neutral is not None and value == self.neutral

    @property
    def path(self):
        """Its section and its key."""
        return self.section, self.key

    @property
    def in_a_file(self):
        """Its name in a recipe file, `section.key`."""
        return f"{self.section}.{self.key}"


def options_of(section, fields):
    """Returns the `Option`s of a section.

    Args:
        section: Its name.
        fields: Its `model_fields`.
    """
    return [_option_of(section, key, field) for key, field in fields.items()]


def _option_of(section, key, field):
    shape = dict(field.json_schema_extra)
    shown = shape.pop("shown")
    return Option(
        section,
        key,
        shape.pop("name") or key,
        field.description,
        **shape,
        type=_without_none(field.annotation),
        shown=_shown(field.default) if shown is None else shown,
    )


def _without_none(annotation):
    members = [m for m in typing.get_args(annotation) if m is not type(None)]
    lists = [m for m in members if typing.get_origin(m) is tuple]
    if lists:  # a text, or several
        return lists[0]
    is_optional = type(None) in typing.get_args(annotation)
    return members[0] if is_optional else annotation


def _shown(value):
    if value in ("", None, ()):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
