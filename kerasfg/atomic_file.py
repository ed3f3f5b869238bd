"""Files that are either written whole or not at all."""

import contextlib
import os
import pathlib
import uuid

from kerasfg.write_errors import naming

# How the names of all files begin that are not for the user,
HIDDEN_PREFIX = ".kerasfg-"
# and of those that are not yet in their place.
TEMPORARY_PREFIX = f"{HIDDEN_PREFIX}writing-"


@contextlib.contextmanager
def replacing(filepath):
    """Yields a temporary path that replaces `filepath` on success.

    An interrupted or failed write leaves the previous file as it was.

    Args:
        filepath: Path of the file to write. Its folder must exist.

    Yields:
        Path of a file in the same folder, with the same suffix, to write to.

    Raises:
        WriteError: If the folder cannot be written, such as for a full disk.
    """
    filepath = pathlib.Path(filepath)
    # Not tempfile: its files are readable by their owner only.
    temporary_path = filepath.with_name(
        f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}{filepath.suffix}"
    )
    try:
        with naming(filepath):
            yield temporary_path
            os.replace(temporary_path, filepath)
    finally:
        # A disk that is read-only says so of a file that is not there, too.
        with contextlib.suppress(OSError):
            temporary_path.unlink(missing_ok=True)


def previous_of(filepath):
    """Returns the path of the version of a file before the last.

    Example:

    >>> previous_of("run/checkpoint.npz").name
    'checkpoint-previous.npz'
    """
    filepath = pathlib.Path(filepath)
    return filepath.with_name(f"{filepath.stem}-previous{filepath.suffix}")
