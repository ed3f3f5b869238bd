"""Fetches the runtimes of the phone app by npm, once, into the cache."""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from importlib import resources

from kerasfg.cache_folder import cache_folder

PAGE = resources.files("kerasfg.export") / "phone"
_PINNED = ("package.json", "package-lock.json")
_WASM = "@litertjs/core/wasm/litert_wasm_"
# From node_modules to the app's `lib`. Each phone chooses one of LiteRT's
# builds.
LITERT = {
    "@litertjs/core/dist/index.js": "litert/index.js",
    "@litertjs/wasm-utils/dist/index.js": "litert/wasm-utils.js",
    **{
        f"{_WASM}{build}internal.{suffix}": (
            f"litert/wasm/litert_wasm_{build}internal.{suffix}"
        )
        for build in ("", "compat_", "threaded_")
        for suffix in ("js", "wasm")
    },
}
ONNXRUNTIME = {
    f"onnxruntime-web/dist/{name}": f"ort/{name}"
    for name in (
        "ort.wasm.min.mjs",
        "ort-wasm-simd-threaded.mjs",
        "ort-wasm-simd-threaded.wasm",
    )
}
# A browser cannot import a package by its bare name.
_BARE, _RELATIVE = b'"@litertjs/wasm-utils"', b'"./wasm-utils.js"'
_SOURCE_MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*$")


def copy_runtimes(engine, lib):
    """Copies the files of the runtimes that the page needs.

    Args:
        engine: `"litert"`, or `"onnxruntime"` for both runtimes: a model that
            the user opens on the phone is a `.tflite` file.
        lib: Folder to make.

    Raises:
        ValueError: If npm is not installed, or the packages in the cache are
            incomplete.
        OSError: If npm fails, for example without a network.
    """
    modules = installed_packages()
    wanted = {**LITERT, **(ONNXRUNTIME if engine == "onnxruntime" else {})}
    for source, target in wanted.items():
        try:
            contents = (modules / source).read_bytes()
        except FileNotFoundError as error:
            raise ValueError(
                "The packages in the cache are incomplete: delete their folder "
                f"and try again. Received: {modules.parent} without {source}"
            ) from error
        path = pathlib.Path(lib) / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_adapted(path, contents))


def installed_packages():
    """Installs the packages that the page pins, unless the cache has them.

    Returns:
        Path of the `node_modules` folder.

    Raises:
        ValueError: If npm is not installed.
        OSError: If npm fails.
    """
    folder = packages_folder()
    if not (folder / "node_modules").is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, ignore_cleanup_errors=True
        ) as temporary:
            _install(pathlib.Path(temporary))
            # Another process may have installed them meanwhile.
            with contextlib.suppress(OSError):
                os.rename(temporary, folder)
    return folder / "node_modules"


def packages_folder():
    """Names the folder in the cache for the packages of this version."""
    digest = hashlib.sha256()
    for name in _PINNED:
        digest.update((PAGE / name).read_bytes())
    return cache_folder() / "phone" / digest.hexdigest()[:16]


def npm():
    """Finds npm.

    Returns:
        Its path.

    Raises:
        ValueError: If it is not installed.
    """
    path = shutil.which("npm")
    if path is None:
        raise ValueError(
            "The phone app needs two JavaScript packages, which npm fetches "
            "once. Install Node.js 20 or newer, npm comes with it (from "
            "nodejs.org, or `apt install npm`, `brew install node`, `winget "
            "install OpenJS.NodeJS.LTS`), and try again. Received: no npm on "
            "the PATH"
        )
    return path


def _install(folder):
    for name in _PINNED:
        (folder / name).write_bytes((PAGE / name).read_bytes())
    # `ci` installs exactly what the lock file lists, and checks its hashes.
    options = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
    done = subprocess.run(
        [npm(), "ci", *options, "--fetch-retries=1", "--loglevel=error"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise OSError(
            "npm could not fetch the packages that the phone app needs. Check "
            f"the network connection. Its message: {_npm_message(done.stderr)}"
        )


def _adapted(path, contents):
    if path.suffix == ".wasm":
        return contents
    contents = _SOURCE_MAP.sub(b"\n", contents)
    if path.name == "index.js":
        if contents.count(_BARE) != 1:
            raise ValueError(
                "LiteRT.js must import wasm-utils exactly once. Received: "
                f"{contents.count(_BARE)} imports"
            )
        contents = contents.replace(_BARE, _RELATIVE)
    return contents


def _npm_message(text):
    """Returns npm's message in one line, without addresses and log files."""
    lines = [
        re.sub(r"\w+://\S+", "…", line.removeprefix("npm error").strip())
        for line in text.splitlines()
        if "complete log" not in line
    ]
    return " ".join(line for line in lines if line)[:300] or "nothing"
