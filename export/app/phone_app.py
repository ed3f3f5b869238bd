"""The phone app: a folder that any static web host can serve."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any
from typing import Literal

from kerasfg.export.app.icons import write_icons
from kerasfg.export.app.licenses import licenses
from kerasfg.export.app.models import ENGINES
from kerasfg.export.app.models import copy_models
from kerasfg.export.app.packages import PAGE
from kerasfg.export.app.packages import copy_runtimes
from kerasfg.export.replaced_files import replaced_files
from kerasfg.status import status

APP = "app.json"
# The folder for pages of the user: it needs no other file of the app.
_LIBRARY = "kerasfg"
_ABOUT = "about.json"
_LANGUAGES = "languages"
_PAGE_FOLDERS = (
    ".", "camera", _LANGUAGES, _LIBRARY, f"{_LIBRARY}/answer", "model",
    "styles", "ui", "unsure", "worker",
)  # fmt: skip
_PAGE_SUFFIXES = (".css", ".html", ".js", ".webmanifest")


def phone_app(
    exports: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    variant: str | None = None,
    engine: Literal["litert", "onnxruntime"] = "litert",
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

    Returns:
        Dictionary of `version` (a digest of all files), `models` (a list of
        `PhoneModel`) and `bytes`.

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
    with replaced_files(out, _app_entries, APP) as folder:
        models = copy_models(exports, folder / "models", variant, engine)
        with status("Taking the runtimes from the cache"):
            copy_runtimes(engine, folder / _LIBRARY / "lib")
        _copy_page(folder)
        _write_about(folder)
        write_icons(folder / "icons")
        text = licenses(engine)
        (folder / _LIBRARY / "LICENSES.txt").write_text(text, "utf-8")
        version = _write_list(folder)
        size = sum(path.stat().st_size for path in _files(folder))
    return {"version": version, "models": models, "bytes": size}


def _copy_page(folder):
    for name in _PAGE_FOLDERS:
        (folder / name).mkdir(exist_ok=True)
        for file in (PAGE / name).iterdir():
            is_data = name in (_LANGUAGES, _LIBRARY) and file.name.endswith(
                ".json"
            )
            if is_data or file.name.endswith(_PAGE_SUFFIXES):
                (folder / name / file.name).write_bytes(file.read_bytes())


def _write_about(folder):
    """Writes what the page says of itself: its title and its languages."""
    languages = sorted(file.stem for file in (folder / _LANGUAGES).iterdir())
    about = {"title": "kerasfg", "languages": languages}
    text = json.dumps(about, indent=2, ensure_ascii=False)
    (folder / _ABOUT).write_text(text + "\n", "utf-8")


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
