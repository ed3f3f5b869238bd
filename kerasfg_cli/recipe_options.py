"""Makes the options of `kerasfg train` that change a recipe.

They are described in `kerasfg/config/sections/`.
"""

import functools
import inspect
import types
import typing
from typing import Annotated
from typing import Literal

import typer
from typer.core import TyperCommand

from kerasfg_cli.options import register_bare_package
from kerasfg_cli.options import whole_numbers

UNIONS = (typing.Union, types.UnionType)


class RecipeCommand(TyperCommand):
    """A command with an option for each field of a recipe.

    They are made only when the command is run or its help is shown, so that
    `kerasfg --help` stays fast. The values that were typed are in the `obj` of
    the command's context, a dictionary for `Recipe.with_options`.
    """

    def get_params(self, ctx):
        return [*_parameters(), *super().get_params(ctx)]

    def invoke(self, ctx):
        ctx.obj = {}
        for parameter in _parameters():
            value = ctx.params.pop(parameter.name)
            if value not in (None, [], ()):
                ctx.obj[parameter.name] = _parsed(parameter.name, value)
        return super().invoke(ctx)

    @property
    def file_names(self):
        """Names in a recipe file of the options, by their names."""
        return {
            name: option.in_a_file for name, option in _recipe_options().items()
        }


def _recipe_options():
    register_bare_package()
    from kerasfg.config.recipe import Recipe

    return Recipe.options()


@functools.cache
def _parameters():
    """Makes a typer parameter of each option."""

    def change_recipe():
        pass

    arguments = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=_annotation(option),
        )
        for option in _recipe_options().values()
        if option.flag
    ]
    change_recipe.__signature__ = inspect.Signature(arguments)
    app = typer.Typer(add_completion=False)
    app.command()(change_recipe)
    return typer.main.get_command(app).params


def _annotation(option):
    flag = option.flag
    if option.type is bool and option.has_negative:
        flag = f"{flag}/--no-{flag.removeprefix('--')}"
    shown = {"show_default": option.shown} if option.shown else {}
    return Annotated[
        _type(option.type) | None,
        typer.Option(
            flag,
            rich_help_panel=option.panel,
            metavar=option.metavar,
            help=option.description,
            **shown,
        ),
    ]


def _type(kind):
    """Text for numbers with commas, a list for texts that may be repeated."""
    if typing.get_origin(kind) is Literal:
        first = typing.get_args(kind)[0]
        return kind if isinstance(first, str) else type(first)
    if typing.get_origin(kind) is tuple:
        return list[str] if typing.get_args(kind)[0] is str else str
    # A number or a word, which the recipe checks.
    return str if typing.get_origin(kind) in UNIONS else kind


def _parsed(name, value):
    option = _recipe_options()[name]
    if typing.get_origin(option.type) is tuple and isinstance(value, str):
        return whole_numbers(value, option.flag)
    return value
