"""A model without the state of its optimizer, a third of the size."""

import io
import json
import zipfile
from pathlib import Path

from kerasfg.run.keras_archive import read_archive
from kerasfg.run.model_format import refusal

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_EPOCH = 1980, 1, 1, 0, 0, 0  # the same model is the same file


def without_optimizer(path: Path) -> bytes:
    """Returns a `.keras` file as it is, but neither compiled nor optimized.

    The optimizer takes up to two thirds of it, and is of use only to go on
    with the same training, for which a run has its checkpoint.

    Args:
        path: Path of a `.keras` file. It may be anybody's.

    Returns:
        Content of a `.keras` file with the same network and weights.

    Raises:
        ValueError: If it is no such file, or `read_archive` refuses it.
    """
    read_archive(path)
    made = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == _CONFIG:
                content = _not_compiled(content)
            elif name == _WEIGHTS:
                content = _weights(path, content)
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return made.getvalue()


def _not_compiled(content):
    config = json.loads(content)
    config.pop("compile_config", None)
    return json.dumps(config).encode()


def _weights(path, content):
    import h5py

    made = io.BytesIO()
    try:
        with (
            h5py.File(io.BytesIO(content), "r") as source,
            h5py.File(made, "w") as target,
        ):
            _check_inside(path, source)
            target.attrs.update(source.attrs)
            for name in source:
                if name != "optimizer":
                    source.copy(name, target)
    except (KeyError, OSError, RuntimeError) as error:
        raise refusal(
            path, "damaged", "copy it again, or train again"
        ) from error
    return made.getvalue()


def _check_inside(path, weights):
    """Checks that all weights are in the file: others would be read, too."""
    import h5py

    odd = []

    def look_at_link(name, link):
        if not isinstance(link, h5py.HardLink):
            odd.append(name)

    def look_at(name, item):
        if isinstance(item, h5py.Dataset) and (
            item.external or item.is_virtual
        ):
            odd.append(name)

    weights.visititems_links(look_at_link)
    weights.visititems(look_at)
    if odd:
        raise refusal(
            path,
            f"one whose weights '{odd[0]}' are in another file",
            "do not use it",
        )
