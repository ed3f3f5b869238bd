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
        ValueError: If it is not a file, or not TOML.
    """
    if not Path(filepath).is_file():  # a pipe would never end
        raise ValueError(
            f"A {kind} must be a TOML file. Received: filepath={filepath}"
        )
    try:
        return tomllib.loads(Path(filepath).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"A {kind} must be a TOML file: {error}. "
            f"Received: filepath={filepath}"
        ) from None
