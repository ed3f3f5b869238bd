"""Reads TOML files; an error is one line."""

import tomllib
from pathlib import Path

from kerasfg.given_file import read_given_text

MAX_BYTES = 4 * 2**20


def read_toml(filepath, kind):
    """Reads a TOML file.

    Args:
        filepath: Its path.
        kind: Kind of file for the message, such as `"recipe"`.

    Returns:
        Nested dictionaries.

    Raises:
        ValueError: If it is not a file, or not TOML.
    """
    if not Path(filepath).is_file():  # a pipe would never end
        raise ValueError(
            f"A {kind} must be a TOML file. Received: filepath={filepath}"
        )
    text = read_given_text(filepath, f"A {kind}", MAX_BYTES)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"A {kind} must be a TOML file: {error}. "
            f"Received: filepath={filepath}"
        ) from None
