"""An option: a key of a recipe, described once for all who show it."""

import dataclasses
import typing
from typing import Any

import pydantic

# Panels of `kerasfg train --help`.
PICTURES, NETWORK = "Pictures", "Network"
METHODS, TRAINING = "Methods", "Training"
FILE_ONLY = ""  # only recipe files have it: the command line has no such flag


class Section(pydantic.BaseModel):
    """A part of a recipe: frozen, and every key must be known."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


def option(
    default,
    panel,
    description,
    *,
    name="",
    metavar=None,
    has_negative=True,
    shown=None,
    **limits,
) -> Any:
    """Makes the field of a section.

    Args:
        default: Its value where a recipe does not give one.
        panel: One of the panels above, or `FILE_ONLY`.
        description: Markdown, for `--help` and the reference page.
        name: What it is called outside its section: as an argument of
            `Recipe.with_options`, in a grid's rows and methods, and, with
            hyphens, as a flag. Defaults to `""`, the key.
        metavar: What `--help` shows for its value. Defaults to `None`: its
            type.
        has_negative: Whether a flag for yes has one for no, `--no-NAME`.
            Defaults to `True`.
        shown: Text to show as the default. Defaults to `None`: the default.
        **limits: Such as `ge=0`, of `pydantic.Field`.
    """
    shape = {
        "name": name,
        "panel": panel,
        "metavar": metavar,
        "has_negative": has_negative,
        "shown": shown,
    }
    return pydantic.Field(
        default, description=description, json_schema_extra=shape, **limits
    )


@dataclasses.dataclass(frozen=True)
class Option:
    """What is known of a key of a recipe.

    Attributes:
        section: Name of its section.
        key: Its name there.
        name: See `option`; so are `description` and `panel`, `metavar` and
            `has_negative`.
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
    type: Any
    shown: str

    @property
    def flag(self):
        """What the command line calls it, `""` if it has no flag."""
        return f"--{self.name.replace('_', '-')}" if self.panel else ""

    @property
    def at(self):
        """Its section and its key."""
        return self.section, self.key

    @property
    def in_a_file(self):
        """What a recipe file calls it, `section.key`."""
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
    is_optional = type(None) in typing.get_args(annotation)
    return members[0] if is_optional else annotation


def _shown(value):
    if value in ("", None, ()):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
