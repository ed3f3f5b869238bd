"""Reads a file that may be anybody's, in whatever state."""

import pathlib

MAX_BYTES = 64 * 2**20


def read_given(filepath, what="This", max_bytes=MAX_BYTES):
    """Reads a file whole.

    Args:
        filepath: Path of the file.
        what: What it must be, for the message. Defaults to `"This"`.
        max_bytes: Most bytes. Defaults to 64 MiB.

    Returns:
        Its bytes.

    Raises:
        ValueError: If there is no such file, it is a folder or a pipe, or it
            is larger.
    """
    filepath = pathlib.Path(filepath)
    check_given(filepath, what, max_bytes)
    with open(filepath, "rb") as file:
        contents = file.read(max_bytes + 1)
    if len(contents) > max_bytes:  # such as a file of the system
        raise ValueError(_too_large(what, filepath, max_bytes))
    return contents


def read_given_text(filepath, what="This", max_bytes=MAX_BYTES):
    """Reads a file of UTF-8 text whole; see `read_given`.

    Raises:
        ValueError: Also if it is not UTF-8.
    """
    contents = read_given(filepath, what, max_bytes)
    try:
        return contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{what} must be text in UTF-8: {error}. "
            f"Received: {str(filepath)!r}"
        ) from error


def check_given(filepath, what="This", max_bytes=MAX_BYTES):
    """Checks that a path is a file that can be read whole.

    Opening a pipe would wait for somebody to write into it.

    Raises:
        ValueError: As `read_given`.
    """
    filepath = pathlib.Path(filepath)
    if not filepath.is_file():
        found = "something else" if filepath.exists() else "nothing"
        raise ValueError(
            f"{what} must be a file. Received: {str(filepath)!r}, which is "
            f"{'a folder' if filepath.is_dir() else found}"
        )
    if filepath.stat().st_size > max_bytes:
        raise ValueError(_too_large(what, filepath, max_bytes))


def _too_large(what, filepath, max_bytes):
    return (
        f"{what} must not be larger than {max_bytes // 2**20} MiB. "
        f"Received: {str(filepath)!r}"
    )
