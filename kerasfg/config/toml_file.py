"""TOML files of the user's, and what is wrong with them in one line."""

import tomllib
from pathlib import Path


def read_toml(filepath, kind):
    """Reads a TOML file.

    Args:
        filepath: Its path.
        kind: What it is to be, such as `"recipe"`, for the message.

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
