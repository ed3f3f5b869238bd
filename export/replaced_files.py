"""Replaces all files of a folder, or none."""

import contextlib
import os
import pathlib
import shutil
import tempfile

from kerasfg.manifest import LABELS
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest

_REPORTS = ("report.json", "report.md")
_TEMPORARY = ".kerasfg-"


@contextlib.contextmanager
def replaced_files(out, previous_files=None, last=MANIFEST):
    """Yields a folder to write in, whose files then replace those of `out`.

    Files of the previous export are removed; other files stay. If the block
    raises, `out` is unchanged, or is removed if it was created here.

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
        ValueError: If `out` holds files, but no export, or a file that is not
            of the export would be overwritten.
    """
    out = pathlib.Path(out)
    previous = _previous_files(out, previous_files or _exported_files)
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    done = False
    try:
        with _temporary_folder(out) as folder:
            written = folder / "new"
            written.mkdir()
            yield written
            _swap(out, written, previous, folder / "previous", last)
            done = True
    finally:
        if is_new and not done:
            with contextlib.suppress(OSError):
                out.rmdir()


def _previous_files(out, find):
    if not out.exists():
        return set()
    if not out.is_dir():
        raise ValueError(f"The output must be a folder. Received: out={out}")
    found = {path.name for path in out.iterdir()}
    found = {name for name in found if not name.startswith(_TEMPORARY)}
    return find(out, found) if found else set()


def _exported_files(out, found):
    """Names of the files that an export left in `out`."""
    manifest = read_manifest(out)
    if manifest is None or not manifest["files"]:  # such as a run folder
        raise ValueError(
            f"The folder holds files, but no export ({MANIFEST}): choose a "
            f"new or empty one. Received: out={out}"
        )
    return found & {*manifest["files"], *_REPORTS, LABELS, MANIFEST}


@contextlib.contextmanager
def _temporary_folder(out):
    # Inside `out`, hence on its file system; `out` itself may be a mount or a
    # working directory.
    folder = pathlib.Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=out))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _swap(out, written, previous, kept, last):
    names = {path.name for path in written.iterdir()}
    for name in sorted(names - previous):
        if os.path.lexists(out / name):
            raise ValueError(
                "A file that is not of the folder's last export would be "
                f"overwritten: move it away. Received: {out / name}"
            )
    kept.mkdir()
    moves = [(out / name, kept / name) for name in sorted(previous)]
    ordered = sorted(names, key=lambda name: (name == last, name))
    moves += [(written / name, out / name) for name in ordered]
    try:
        for source, target in moves:
            os.rename(source, target)
    except BaseException:
        for source, target in reversed(moves):
            if target.exists() and not source.exists():
                os.rename(target, source)
        raise
