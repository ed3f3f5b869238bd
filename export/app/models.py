"""The models of a phone app, each copied from an exported folder."""

import dataclasses
import json
import pathlib
import re
import unicodedata

from kerasfg.export.app.title import readable
from kerasfg.export.bundle import bundle
from kerasfg.export.bundle import read_export
from kerasfg.export.wanted_files import FLOAT32
from kerasfg.export.wanted_files import MICRO
from kerasfg.export.wanted_files import file_name
from kerasfg.manifest_schema import PIXELS

ENGINES = {"litert": "tflite", "onnxruntime": "onnx"}


@dataclasses.dataclass(frozen=True)
class PhoneModel:
    """An entry of the app's list of models.

    Attributes:
        name: Title of the model.
        folder: Its folder in `models/`.
        file: Name of the model file.
        engine: `"litert"` or `"onnxruntime"`.
    """

    name: str
    folder: str
    file: str
    engine: str


def copy_models(exports, models, variant=None, engine="litert"):
    """Copies one file of each export, and writes the list of them.

    Args:
        exports: Folders that `kerasfg export` wrote.
        models: Folder to create.
        variant: `"float32"`, `"int8"`, ... Defaults to `None`: the one that the
            export recommends, otherwise float32.
        engine: `"litert"` or `"onnxruntime"`. Defaults to `"litert"`.

    Returns:
        List of `PhoneModel`.

    Raises:
        ValueError: If a folder is no export, lacks the file, or the file is
            not the one that was verified.
    """
    models = pathlib.Path(models)
    models.mkdir()
    listed = []
    exports = [pathlib.Path(export) for export in exports]
    manifests = [read_export(export) for export in exports]
    titles = _titles(exports, manifests)
    for export, manifest, title in zip(exports, manifests, titles, strict=True):
        file = _choose(export, manifest, variant, ENGINES[engine])
        name = _unused(title, {model.name for model in listed}, "{} ({})")
        folders = {model.folder for model in listed}
        folder = _unused(_slug(title), folders, "{}-{}")
        bundle(export, models / folder, [file])
        listed.append(PhoneModel(name, folder, file, engine))
    rows = [dataclasses.asdict(model) for model in listed]
    text = json.dumps(rows, indent=2, ensure_ascii=False)
    (models / "models.json").write_text(text + "\n", "utf-8")
    return listed


def _titles(exports, manifests):
    """Names for people, unless two would be the same."""
    pairs = zip(exports, manifests, strict=True)
    names = [each["name"] or path.resolve().name for path, each in pairs]
    titles = [readable(name) or name for name in names]
    return titles if len(set(titles)) == len(names) else names


def _choose(export, manifest, variant, ending):
    """Returns the name of a file that takes exact pixels."""
    files = manifest["files"]
    exact = [
        name
        for name, facts in files.items()
        if name.endswith(f".{ending}")
        and facts.get("takes") == PIXELS
        and facts.get("variant") != MICRO
    ]
    recommended = files.get(manifest["recommended"], {})
    wanted = [FLOAT32 if variant is None else variant]
    if variant is None and recommended.get("format") == ending:
        wanted.insert(0, recommended["variant"])
    names = [
        file_name(ending, chosen, pixels)
        for chosen in wanted  # a recommended one may be for frames alone
        for pixels in (manifest["image_size"], None)
    ]
    for name in names:  # without pixels in its name: of an older export
        if name in exact:
            return name
    why = manifest["refused"].get(names[0])
    raise ValueError(
        f"{export} has no {names[0]}"
        + (f", which was refused: {why}" if why else "")
        + f". It has: {', '.join(exact) or f'no .{ending} for exact pixels'}. "
        f"Received: variant={variant}"
    )


def _slug(title):
    """A folder name that is safe in addresses and on every file system."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore")
    return (
        re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-") or "model"
    )


def _unused(name, taken, pattern):
    unused, number = name, 1
    while unused in taken:
        number += 1
        unused = pattern.format(name, number)
    return unused
