"""Environments that hold a client library each, and nothing of kerasfg."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

HERE = Path(__file__).parent
# The last Python for which there are wheels of what an environment holds.
_LAST = {"old": (3, 11)}
_PIP_OPTIONS = {"megadetector": ("--no-deps",)}


def python_of(name, folder):
    """Makes an environment, unless it is there, and returns its Python.

    Args:
        name: Name of a file of `requirements/`, such as `"new"`.
        folder: Where the environments lie. The variable `KERASFG_CLIENTS`
            names another place, which outlives the tests.

    Returns:
        Path of the interpreter. If the packages cannot be installed, the test
        is skipped, but fails in CI.
    """
    last = _LAST.get(name, sys.version_info[:2])
    if sys.version_info[:2] > last:
        pytest.skip(f"no wheels for Python above {'.'.join(map(str, last))}")
    requirements = HERE / "requirements" / f"{name}.txt"
    place = _place(folder, name, requirements.read_bytes())
    python = place / "bin" / "python"

    def make():
        _run(sys.executable, "-P", "-m", "venv", place)
        pip = (python, "-P", "-m", "pip", "install", "--quiet")
        options = _PIP_OPTIONS.get(name, ())
        _run(*pip, *options, "--requirement", requirements)

    _once(place, make)
    return python


def modules_of(folder):
    """Installs the packages of `web/`, unless they are there.

    Args:
        folder: As of `python_of`.

    Returns:
        Path of `node_modules`.
    """
    for program in ("node", "npm", "chromium"):
        if not shutil.which(program):
            pytest.skip(f"absent program: {program}")
    files = [
        HERE / "web" / name
        for name in ("package.json", "package-lock.json", ".npmrc")
    ]
    place = _place(folder, "web", b"".join(x.read_bytes() for x in files))

    def make():
        place.mkdir(parents=True)
        for file in files:
            shutil.copy(file, place)
        options = ("--ignore-scripts", "--no-audit", "--no-fund")
        _run("npm", "ci", *options, cwd=place)

    _once(place, make)
    return place / "node_modules"


def _place(folder, name, contents):
    """A folder for these contents and this Python alone."""
    key = contents + sys.version.encode()
    folder = Path(os.environ.get("KERASFG_CLIENTS", folder)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{hashlib.sha256(key).hexdigest()[:12]}"


def _once(place, make):
    """Makes a folder once, also where several processes want it."""
    finished = place / "finished"
    with filelock.FileLock(f"{place}.lock"):
        if finished.exists():
            return
        shutil.rmtree(place, ignore_errors=True)
        try:
            make()
        except subprocess.CalledProcessError as error:
            if os.environ.get("CI"):
                raise
            last = error.stderr.strip().rpartition("\n")[-1]
            pytest.skip(f"{place.name} cannot be installed: {last}")
        finished.touch()


def _run(*command, **options):
    subprocess.run(
        command, check=True, capture_output=True, text=True, **options
    )
