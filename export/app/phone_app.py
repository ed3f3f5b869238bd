"""The phone app: a folder that any static web host can serve."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

from kerasfg.export.app.about import LANGUAGES
from kerasfg.export.app.about import write_about
from kerasfg.export.app.accent import parse_color
from kerasfg.export.app.classes import check_names
from kerasfg.export.app.classes import write_classes
from kerasfg.export.app.icons import read_icon
from kerasfg.export.app.icons import write_icons
from kerasfg.export.app.licenses import licenses
from kerasfg.export.app.models import ENGINES
from kerasfg.export.app.models import copy_models
from kerasfg.export.app.packages import PAGE
from kerasfg.export.app.packages import copy_runtimes
from kerasfg.export.app.preload import preload_scripts
from kerasfg.export.app.title import check_title
from kerasfg.export.app.title import suggest_title
from kerasfg.export.bundle import read_export
from kerasfg.export.replaced_files import replaced_files
from kerasfg.status import status

if TYPE_CHECKING:
    from PIL import Image

APP = "app.json"
# The folder for pages of the user: it needs no other file of the app.
_LIBRARY = "kerasfg"
_PAGE_FOLDERS = (
    ".", "camera", "classes", "found", "frame", "inference", LANGUAGES,
    _LIBRARY, f"{_LIBRARY}/answer", f"{_LIBRARY}/loading",
    f"{_LIBRARY}/pixels", "model", "share", "start", "styles", "ui", "unsure",
    "worker",
)  # fmt: skip
_PAGE_SUFFIXES = (".css", ".html", ".js", ".webmanifest")


def phone_app(
    exports: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    variant: str | None = None,
    engine: Literal["litert", "onnxruntime"] = "litert",
    title: str | None = None,
    icon: str | os.PathLike[str] | None = None,
    accent: str | None = None,
    examples: Callable[[str], Iterable[Image.Image]] | None = None,
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Makes an app for phones from exported models.

    The folder holds a web page and everything that it needs: put it on any
    static HTTPS host, open its address on a phone, and install it from there.
    It makes no request to any other host. Its folders `kerasfg` and
    `models/NAME` serve pages of your own too. `app.json` lists all files with
    their SHA-256, which the page checks. Either the whole folder is replaced,
    or nothing.

    Args:
        exports: Folders that `kerasfg.export.export` wrote, one for each model.
        out: Folder to write: a new or empty one, or an earlier app's.
        variant: Which file of the exports: `"float32"`, `"float16"`, `"int8"`,
            ... Defaults to `None`: the one that the export recommends,
            otherwise float32.
        engine: `"litert"` runs `.tflite` files, `"onnxruntime"` `.onnx` files.
            Defaults to `"litert"`.
        title: What the app is called, at most 50 letters. Defaults to `None`:
            what its models suggest, see
            `kerasfg.export.app.title.suggest_title`.
        icon: Path of a picture, whose middle square becomes the icon. Defaults
            to `None`: a flower made from the title.
        accent: Colour of buttons and links, `"#22aa66"` or `"#2a6"`; it is made
            darker on the light page and lighter on the dark one until text has
            a contrast of 4.5. Defaults to `None`: green.
        examples: Function from the name of a class to pictures of it, such as
            `ExamplePictures("run")` of
            `kerasfg.run.app_inputs.example_pictures`; a small copy of one goes
            into the app, where everybody sees it. Defaults to `None`: the app
            has no pictures.
        names: Names of classes in other languages, `{class: {language: name}}`.
            Defaults to `None`.

    Returns:
        Dictionary of `version` (a digest of all files), `title`, `models` (a
        list of `PhoneModel`) and `bytes`.

    Raises:
        ValueError: If an argument is wrong, a file is not the one that was
            verified, or npm is not installed. `out` is then unchanged.
        OSError: If npm fails.

    Example:

    ```python
    phone_app(["run/export"], "app")
    ```
    """
    if engine not in ENGINES:
        raise ValueError(
            f"`engine` must be one of {', '.join(ENGINES)}. "
            f"Received: engine={engine!r}"
        )
    if not exports:
        raise ValueError(
            "An app needs at least one model. Received: exports=[]"
        )
    if title is not None:
        title = check_title(title)
    color = None if accent is None else parse_color(accent)
    picture = None if icon is None else read_icon(icon)
    manifests = [read_export(export) for export in exports]
    if names:
        check_names(names, manifests, languages())
    title = title or suggest_title(manifests)
    with replaced_files(out, _app_entries, APP) as folder:
        models = copy_models(exports, folder / "models", variant, engine)
        with status("Listing the classes"):
            for model, manifest in zip(models, manifests, strict=True):
                place = folder / "models" / model.folder
                write_classes(place, model.file, manifest, names, examples)
        with status("Taking the runtimes from the cache"):
            copy_runtimes(engine, folder / _LIBRARY / "lib")
        _copy_page(folder)
        preload_scripts(folder)
        write_about(folder, title, color, examples is not None)
        write_icons(folder / "icons", title, color, picture)
        text = licenses(engine)
        (folder / _LIBRARY / "LICENSES.txt").write_text(text, "utf-8")
        version = _write_list(folder)
        size = sum(path.stat().st_size for path in _files(folder))
    return {
        "version": version,
        "title": title,
        "models": models,
        "bytes": size,
    }


def languages() -> list[str]:
    """Lists the languages of the page's texts, such as `["de", "en"]`."""
    files = (PAGE / LANGUAGES).iterdir()
    return sorted(
        file.name.removesuffix(".json")
        for file in files
        if file.name.endswith(".json")
    )


def _copy_page(folder):
    for name in _PAGE_FOLDERS:
        (folder / name).mkdir(exist_ok=True)
        for file in PAGE.joinpath(*name.split("/")).iterdir():
            is_data = name in (LANGUAGES, _LIBRARY) and file.name.endswith(
                ".json"
            )
            if is_data or file.name.endswith(_PAGE_SUFFIXES):
                (folder / name / file.name).write_bytes(file.read_bytes())


def _write_list(folder):
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in _files(folder)
    }
    lines = "".join(f"{name} {files[name]}\n" for name in sorted(files))
    version = hashlib.sha256(lines.encode()).hexdigest()
    content = {"version": version, "files": dict(sorted(files.items()))}
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / APP).write_text(text + "\n", "utf-8")
    return version


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def _app_entries(out, found):
    """Names in `out` that belong to the earlier app."""
    listed = _listed(out)
    entries = found & {name.split("/")[0] for name in listed}
    for entry in entries:
        for path in _files(out / entry):
            if path.relative_to(out).as_posix() not in listed:
                raise ValueError(
                    "A file that is not part of the earlier app would be "
                    f"deleted: move it away. Received: {path}"
                )
    return entries


def _listed(out):
    try:
        app = json.loads((out / APP).read_text("utf-8"))
        return {APP, *dict.keys(app["files"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The folder holds files, but no app ({APP}): choose a new or "
            f"empty one. Received: out={out}"
        ) from error
