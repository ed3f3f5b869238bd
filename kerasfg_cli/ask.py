"""Asks the person at the terminal about a picture."""

import sys

import typer

from kerasfg_cli.app import error_console
from kerasfg_cli.text import visible

DONT_KNOW = ("", "?", "don't know")


def check_ask(ask, coverage, attributes, attribute):
    """Checks the options that go with `--ask`, before anything is loaded."""
    if not ask:
        given = {"attributes": attributes, "attribute": attribute}
        for name, value in given.items():
            if value:
                raise ValueError(
                    "Attributes of the classes are for questions: add `ask`, "
                    f"or leave `{name}` out. Received: {name}={value!r}"
                )
        return
    if coverage is not None:
        raise ValueError(
            "A set has no guaranteed coverage after an answer: leave "
            f"`coverage` or `ask` out. Received: coverage={coverage}"
        )
    if sys.stdin is None or not sys.stdin.isatty():
        raise ValueError(
            "`ask` needs a terminal, and the input is not one: leave it out if "
            "a program runs this. Received: ask=True"
        )


def load_questions(predictor, attributes, attribute):
    """Makes the questions about the classes of a model.

    Args:
        predictor: `Predictor`.
        attributes: Table, as `--attributes` of `kerasfg train`, or `None`: the
            model's own.
        attribute: Names of the attributes to ask about; none for all.

    Raises:
        ValueError: If there is no table, or it does not distinguish any
            classes.
    """
    from kerasfg.config.attributes import load_attributes
    from kerasfg.config.recipe import Recipe
    from kerasfg.evaluation.metrics.question import questions_of

    names = predictor.class_names
    if attributes is not None:
        recipe = Recipe().with_options(
            attributes=attributes,
            attribute=tuple(attribute or ()),
            other_classes=True,
        )
        known = load_attributes(recipe, names).by_class()
    else:
        known = predictor.class_attributes
        if known is None:
            raise ValueError(
                "Questions are about attributes of the classes, and the model "
                "has none of its own: give a table of `attributes`. "
                "Received: attributes=None"
            )
        if attribute:
            known = _selected(known, attribute)
    questions = questions_of(known, names)
    if not questions:
        raise ValueError(
            "An attribute must tell two classes apart, with at most 15 values. "
            f"Received: attributes={attributes!r}"
        )
    return questions


def _selected(known, attribute):
    """Returns a table of some attributes."""
    present = dict.fromkeys(name for row in known.values() for name in row)
    missing = [name for name in attribute if name not in present]
    if missing:
        raise ValueError(
            f"The model has the attributes {', '.join(present)}. "
            f"Received: attribute={', '.join(missing)}"
        )
    return {
        class_name: {name: row[name] for name in attribute if name in row}
        for class_name, row in known.items()
    }


def asker(file):
    """Returns the function that asks about a picture; see `Predictor.ask`."""

    def reply(question):
        options = question.options
        listed = "  ".join(f"{i} {x}" for i, x in enumerate(options, 1))
        for line in (f"{file}: {question.text}", f"  {listed}"):
            error_console.print(visible(line), markup=False, soft_wrap=True)
        while True:
            typed = typer.prompt(
                "  Number or word (nothing: don't know)",
                default="",
                show_default=False,
                err=True,
            )
            try:
                return option_of(typed, options)
            except ValueError as error:
                error_console.print(visible(f"  {error}"), markup=False)

    return reply


def option_of(typed, options):
    """Returns the place of the option that was typed; `None`: don't know.

    Args:
        typed: Its number from 1 on, or the beginning of it.
        options: Texts.

    Raises:
        ValueError: If no option, or more than one, begins with it.

    Example:

    >>> option_of("2", ["yes", "no"]), option_of("Y", ["yes", "no"])
    (1, 0)
    """
    typed = typed.strip().casefold()
    if typed in DONT_KNOW:
        return None
    if typed.isdecimal() and 1 <= int(typed) <= len(options):
        return int(typed) - 1
    plain = [option.casefold() for option in options]
    if typed in plain:
        return plain.index(typed)
    found = [i for i, x in enumerate(plain) if x.startswith(typed)]
    if len(found) != 1:
        raise ValueError(
            f"Type a number from 1 to {len(options)}, the beginning of one "
            "answer, or nothing."
        )
    return found[0]
