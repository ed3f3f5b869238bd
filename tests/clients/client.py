"""Runs a client's program on jobs: programs/job.py says what they are."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SECONDS = 3600


class ClientError(Exception):
    """A client did not answer; the text is the end of what it wrote."""


def ask(python, program, jobs, folder):
    """Asks a client that runs in Python.

    Args:
        python: Interpreter of its environment.
        program: Name of a file of `programs/`, such as `"run_mediapipe"`.
        jobs: List of dictionaries.
        folder: Folder for the files that go to and fro.

    Returns:
        List of a float32 array `(pictures, classes)` for each job, or of the
        `ClientError` of one that the library refuses.

    Raises:
        ClientError: If the program fails.
    """
    target = Path(folder) / "answers.npz"
    file = HERE / "programs" / f"{program}.py"
    _run([python, file], jobs, target)
    with np.load(target) as answers:
        return [_checked(answers[str(i)]) for i in range(len(jobs))]


def ask_web(modules, jobs, folder):
    """Asks MediaPipe for the web, in Chromium.

    Args:
        modules: Folder `node_modules` of its packages.
        jobs: As of `ask`.
        folder: As of `ask`.

    Returns:
        As of `ask`.

    Raises:
        ClientError: As of `ask`.
    """
    target = Path(folder) / "answers.json"
    variables = {"KERASFG_CLIENTS_MODULES": str(modules)}
    _run(["node", HERE / "web" / "classify.mjs"], jobs, target, **variables)
    return [np.array(x, "float32") for x in json.loads(target.read_text())]


def _checked(answers):
    if answers.dtype.kind == "U":
        return ClientError(str(answers))
    return answers.astype("float32")


def _run(command, jobs, target, **variables):
    target.unlink(missing_ok=True)
    source = target.with_name("jobs.json")
    source.write_text(json.dumps(jobs), "utf-8")
    # What a user has set for this Python is not for another one.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [*command, source, target],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode or not target.exists():
        raise ClientError((done.stdout + done.stderr)[-3000:])
