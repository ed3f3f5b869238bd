"""Replaces all files of a folder, or none."""

import contextlib
import os
import pathlib
import shutil
import tempfile

from kerasfg.atomic_file import HIDDEN_PREFIX
from kerasfg.export.interrupted_swap import NEW
from kerasfg.export.interrupted_swap import PREVIOUS
from kerasfg.export.interrupted_swap import finish
from kerasfg.export.interrupted_swap import moves_of
from kerasfg.export.interrupted_swap import write_plan
from kerasfg.export.micro.c_array import C_FILES
from kerasfg.folder_lock import locked_folder
from kerasfg.manifest import LABELS
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest
from kerasfg.write_errors import naming

_REPORTS = ("report.json", "report.md")
_MICRO = "model_micro.tflite"


@contextlib.contextmanager
def replaced_files(out, previous_files=None, last=MANIFEST):
    """Yields a folder to write in, whose files then replace those of `out`.

    Files of the previous export are removed; other files stay. If the block
    raises, `out` is unchanged, or is removed if it was created here. What a
    killed process left undone in `out` is finished first; see
    `kerasfg.export.interrupted_swap`.

    Args:
        out: Folder, created if it does not exist.
        previous_files: Function from `out` and the set of names in it, if
            there are any, to the names to remove. It raises `ValueError` for a
            folder of another kind. Defaults to `None`: the files of an export.
        last: Name of the file that is moved last: if it exists, so do the
            others. Defaults to `"kerasfg.json"`.

    Yields:
        Path of an empty folder inside `out`.

    Raises:
        ValueError: If `out` holds files, but no export, another process writes
            it, or a file that is not of the export would be overwritten.
        WriteError: If `out` cannot be written, such as on a full disk.
    """
    out = pathlib.Path(out)
    if out.exists() and not out.is_dir():
        raise ValueError(f"The output must be a folder. Received: out={out}")
    with naming(out), locked_folder(out, "export"):
        finish(out)
        previous = _previous_files(out, previous_files or _exported_files)
        with _temporary_folder(out) as folder:
            written = folder / NEW
            written.mkdir()
            yield written
            _swap(out, folder, previous, last)


def _previous_files(out, find):
    found = {path.name for path in out.iterdir()}
    found = {name for name in found if not name.startswith(HIDDEN_PREFIX)}
    return find(out, found) if found else set()


def _exported_files(out, found):
    """Names of the files that an export left in `out`."""
    manifest = read_manifest(out)
    if manifest is None or not manifest["files"]:  # such as a run folder
        raise ValueError(
            f"The folder holds files, but no export ({MANIFEST}): choose a "
            f"new or empty one. Received: out={out}"
        )
    with_it = C_FILES if _MICRO in manifest["files"] else ()
    names = {*manifest["files"], *with_it, *_REPORTS, LABELS, MANIFEST}
    return found & names


@contextlib.contextmanager
def _temporary_folder(out):
    # Inside `out`, hence on its file system; `out` itself may be a mount or a
    # working directory.
    folder = pathlib.Path(tempfile.mkdtemp(prefix=HIDDEN_PREFIX, dir=out))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _swap(out, folder, previous, last):
    names = {path.name for path in (folder / NEW).iterdir()}
    for name in sorted(names - previous):
        if os.path.lexists(out / name):
            raise ValueError(
                "A file that is not of the folder's last export would be "
                f"overwritten: move it away. Received: {out / name}"
            )
    ordered = sorted(names, key=lambda name: (name == last, name))
    (folder / PREVIOUS).mkdir()
    write_plan(folder, sorted(previous), ordered)
    moves = moves_of(out, folder, sorted(previous), ordered)
    try:
        for source, target in moves:
            os.rename(source, target)
    except BaseException:
        for source, target in reversed(moves):
            if target.exists() and not source.exists():
                os.rename(target, source)
        raise
