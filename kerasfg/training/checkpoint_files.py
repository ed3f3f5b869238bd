"""The last two states of a training on disk, each with its own hash."""

import hashlib
import io
import json
import os
import warnings
import zipfile
from pathlib import Path

import numpy as np

from kerasfg.atomic_file import TEMPORARY_PREFIX
from kerasfg.atomic_file import previous_of
from kerasfg.atomic_file import replacing
from kerasfg.given_file import read_given
from kerasfg.one_line import one_line

MAX_BYTES = 16 * 2**30
_DIGEST, _HISTORY = "sha256", "history"


def write_checkpoint(filepath, history, groups):
    """Writes a state, and keeps the last one as the one before.

    At every moment at least one of the two files is whole.

    Args:
        filepath: Path of the `.npz` file.
        history: List of a dictionary for each epoch.
        groups: Dictionary from names without `_` to lists of arrays.
    """
    filepath = Path(filepath)
    arrays = {_HISTORY: np.array(json.dumps(history))}
    for group, values in groups.items():
        arrays |= {f"{group}_{i}": v for i, v in enumerate(values)}
    with replacing(filepath) as temporary_path:
        np.savez(temporary_path, **arrays, **{_DIGEST: _digest(arrays)})
        if filepath.exists():
            _keep(filepath)


def _keep(filepath):
    """Gives a file a second name, `previous_of`, and leaves it the first."""
    second = filepath.with_name(f"{TEMPORARY_PREFIX}kept{filepath.suffix}")
    second.unlink(missing_ok=True)
    try:
        os.link(filepath, second)
        os.replace(second, previous_of(filepath))
    except OSError:  # a file system without hard links
        os.replace(filepath, previous_of(filepath))
    finally:
        second.unlink(missing_ok=True)  # it had both names already


def read_checkpoint(filepath):
    """Reads the last state, or the one before if the last is broken.

    A broken last state is then replaced by the one before. A warning names
    which one is used, and why.

    Args:
        filepath: Path of the `.npz` file.

    Returns:
        The bytes of a whole state, `b""` if there is none yet.

    Raises:
        ValueError: If both are broken.
    """
    filepath = Path(filepath)
    broken = {}
    for file in (filepath, previous_of(filepath)):
        if not os.path.lexists(file):
            continue
        try:
            contents = read_given(file, "A checkpoint", MAX_BYTES)
            history, _ = parse_checkpoint(contents)
        except (ValueError, OSError) as error:
            broken[file.name] = one_line(error, 200)
            continue
        if file != filepath:
            _say_which(broken, file, history)
            os.replace(file, filepath)
        return contents
    if not broken:
        return b""
    reasons = "; ".join(f"{name}: {why}" for name, why in broken.items())
    raise ValueError(
        "A training resumes from a whole checkpoint, and there is none left: "
        f"begin it anew in another folder ({reasons}). "
        f"Received: run={str(filepath.parent)!r}"
    )


def parse_checkpoint(contents):
    """Reads a state and checks it against its hash.

    Args:
        contents: The bytes of the file, which may come from anybody.

    Returns:
        `(history, groups)`, as `write_checkpoint` takes them; the groups
        `"weights"`, `"optimizer"` and `"best"` are always there.

    Raises:
        ValueError: If it is broken.
    """
    try:
        return _parse(contents)
    # A zip file whose bytes were changed raises errors of many kinds.
    except Exception as error:
        raise ValueError(f"it is broken ({one_line(error, 120)})") from error


def _parse(contents):
    with zipfile.ZipFile(io.BytesIO(contents)) as file:
        # What is stored plainly is no larger than the file.
        if any(m.compress_type != zipfile.ZIP_STORED for m in file.infolist()):
            raise ValueError("its arrays are compressed")
    with np.load(io.BytesIO(contents), allow_pickle=False) as file:
        arrays = dict(file)
    digest = arrays.pop(_DIGEST, None)
    if _HISTORY not in arrays:
        raise ValueError("its history is missing")
    if str(digest) != str(_digest(arrays)):  # also if it is missing
        raise ValueError("its hash is another")
    history = json.loads(str(arrays.pop(_HISTORY)))
    if not history or not all(isinstance(row["stage"], str) for row in history):
        raise ValueError("its history is empty")
    groups = {"weights": [], "optimizer": [], "best": []}
    for name, array in arrays.items():  # in the order of saving
        groups[name.split("_")[0]].append(array)
    return history, groups


def _digest(arrays):
    digest = hashlib.sha256()
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return np.array(digest.hexdigest())


def _say_which(broken, file, history):
    why = " ".join(f"{name}: {reason}." for name, reason in broken.items())
    warnings.warn(
        f"{why or 'The last checkpoint is missing.'} The training goes on from "
        f"{file.name}, after epoch {len(history)}.",
        stacklevel=2,
    )
