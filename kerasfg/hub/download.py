"""Downloads a run or an export from the Hub into its cache."""

import functools
import pathlib

from kerasfg.hub.address import hub_address
from kerasfg.hub.bars import without_bars
from kerasfg.hub.errors import is_unreachable
from kerasfg.hub.errors import plain_errors
from kerasfg.status import status

# What a run folder and an export folder hold of use here: nothing that could
# run code, such as a pickle or a module of Python.
FILES = (
    "README.md",
    "decisions.csv",
    "familiarity.npz",
    "history.csv",
    "kerasfg.json",
    "labels.txt",
    "model*.onnx",
    "model*.tflite",
    "model.keras",
    "recipe.toml",
    "report.json",
    "splits.csv",
)
MAX_BYTES = 4 * 2**30  # of all files of a model
MAX_FILES = 200
_MANIFEST = "kerasfg.json"
_PRESETS = ("keras/", "timm/")  # users whose models are none of kerasfg


def local_folder(place, name="model"):
    """Returns the folder of a run or export, downloaded if it is on the Hub.

    Args:
        place: Path, or `hf://USER/NAME` or `hf://USER/NAME@REVISION`.
        name: Argument that it was given as, for the message. Defaults to
            `"model"`.

    Returns:
        `pathlib.Path`: `place`, unless it is on the Hub. What was downloaded
        is kept in the Hub's cache; without a network it is taken from there.

    Raises:
        ValueError: If the address is malformed, there is no such model, it is
            not of kerasfg or too large, or the Hub cannot be reached.
    """
    address = hub_address(place, name)
    if address is None:
        return pathlib.Path(place)
    with plain_errors(address):
        folder = _downloaded(address)
    if not (folder / _MANIFEST).is_file():
        raise ValueError(
            f"The model must be of kerasfg, with its {_MANIFEST}, as `kerasfg "
            f"push` uploads it. Received: {name}={str(address)!r}"
        )
    return folder


def local_weights(place):
    """Returns the folder of a run on the Hub to take weights from.

    Args:
        place: String, such as `weights` of a recipe.

    Returns:
        `pathlib.Path`, or `None` if it is no address, is not of kerasfg, such
        as a preset of KerasHub, or the Hub cannot be reached, which KerasHub
        then says.
    """
    try:
        address = hub_address(place, "weights")
    except ValueError:
        return None  # KerasHub has addresses of other forms
    if address is None or address.repo.startswith(_PRESETS):
        return None
    try:
        with plain_errors(address):
            folder = _downloaded(address)
    except ValueError as error:
        if is_unreachable(error.__cause__):
            return None
        raise
    return folder if (folder / _MANIFEST).is_file() else None


@functools.cache
def _downloaded(address):
    """Downloads what is needed; a second call in a process asks nobody."""
    from huggingface_hub import HfApi
    from huggingface_hub import errors

    given = {
        "revision": address.revision,
        "allow_patterns": list(FILES),
        "ignore_patterns": ["*/*"],  # a * matches a slash, too
    }
    api = HfApi(library_name="kerasfg")
    with status(f"Downloading {address}"), without_bars():
        try:
            files = api.snapshot_download(address.repo, dry_run=True, **given)
        except errors.DryRunError as error:
            # What is kept is taken where the network is down; a refusal of
            # the Hub is passed on.
            if error.__cause__ and not is_unreachable(error.__cause__):
                raise error.__cause__ from error
        else:
            _check_size(address, files)
        return pathlib.Path(api.snapshot_download(address.repo, **given))


def _check_size(address, files):
    size = sum(file.file_size or 0 for file in files)
    if size > MAX_BYTES or len(files) > MAX_FILES:
        raise ValueError(
            f"A model may have {MAX_FILES} files of {MAX_BYTES / 2**30:.0f} "
            "GiB together: this is none of kerasfg's. "
            f"Received: {address}, {len(files)} files, {size / 2**30:.1f} GiB"
        )
