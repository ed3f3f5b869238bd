"""Reads TOML files; an error is one line."""

import tomllib
from pathlib import Path


def read_toml(filepath, kind):
    """Reads a TOML file.

    Args:
        filepath: Its path.
        kind: Kind of file for the message, such as `"recipe"`.

    Returns:
        Nested dictionaries.

    Raises:
        ValueError: If it is not TOML.
    """
    text = Path(filepath).read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(
            f"A {kind} must be a TOML file: {error}. "
            f"Received: filepath={filepath}"
        ) from None
