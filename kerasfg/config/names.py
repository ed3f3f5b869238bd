"""Renames the arguments in error messages to what the user typed.

An error of this package names an argument in backquotes and ends in
`Received: name=value, ...`. So one function can name it as the user wrote it:
by the option of a recipe, its key in a file or its flag at the command line.
"""

import contextlib
import re

_QUOTED = re.compile(r"(?:Argument )?`(\w+)`")
_RECEIVED = re.compile(r"(Received: |, )(\w+)(?==)")


def renamed(message, names):
    """Returns the message of an error with other names of its arguments.

    Args:
        message: The message.
        names: Dictionary from names of arguments to other names; the rest
            stay as they are.

    Example:

    >>> message = "Argument `n` must be positive. Received: n=0"
    >>> renamed(message, {"n": "--epochs"})
    '`--epochs` must be positive. Received: --epochs=0'
    """

    def quoted(match):
        known = names.get(match[1])
        return f"`{known}`" if known else match[0]

    def received(match):
        return match[1] + names.get(match[2], match[2])

    return _RECEIVED.sub(received, _QUOTED.sub(quoted, message))


@contextlib.contextmanager
def arguments_named(**names):
    """Changes the names of arguments in a `ValueError` raised inside.

    Args:
        **names: From names of arguments to other names, such as those of
            options.
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(renamed(str(error), names)) from error
