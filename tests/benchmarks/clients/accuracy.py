"""Measures how right each client is, on the pictures as they were taken.

    PYTHONPATH=tests python -P tests/benchmarks/clients/accuracy.py \\
        RUN EXPORT --environments FOLDER [--out RESULTS] [--only CLIENT]

RUN is a run folder of a training on a folder of pictures, EXPORT the folder of
`kerasfg export RUN --all --out EXPORT`. Each client gets the original test
pictures, and some files also the same pictures enlarged. Prints a table:
client, version, file, accuracy, Keras's accuracy, and what was needed. What is
in RESULTS already is not measured again.
"""

import argparse
import csv
import json
import re
import tempfile
import tomllib
from pathlib import Path

import numpy as np
from clients import client
from clients.client import ClientError
from clients.environments import HERE
from clients.environments import modules_of
from clients.environments import python_of

LARGE = 1080
SQUARE = "region of interest: the centred square"
WHOLE = "nothing: it squashes the whole picture"
PILLOW = "centred square, resized by Pillow"
OPENCV = "centred square, resized by `cv2.resize`"
OPENVINO = "centred square, resized by its `PrePostProcessor`"
# Client, package, environment, program, files, region, sides, what was needed.
# An expression for the files: `F` stands for those that take frames, `P` for
# those of exact pixels. Side 0: as the picture is.
CASES = [
    ("MediaPipe, Python", "mediapipe", "new", "run_mediapipe",
     r"F.*\.tflite", "square", (0, LARGE), SQUARE),
    ("MediaPipe, Python", "mediapipe", "new", "run_mediapipe",
     r"F(_int8)?\.tflite", "whole", (0, LARGE), WHOLE),
    ("MediaPipe, Python", "mediapipe", "new", "run_mediapipe",
     r"P(_int8)?\.tflite", "square", (0, LARGE), SQUARE),
    ("MediaPipe, web", "@mediapipe/tasks-vision", "web", "",
     r"F.*\.tflite", "square", (0,), SQUARE),
    ("OpenCV", "opencv-contrib-python", "new", "run_opencv",
     r"[FP].*\.onnx", "square", (0, LARGE), OPENCV),
    ("OpenCV", "opencv-python-headless", "old", "run_opencv",
     r"F.*\.onnx", "square", (0,), OPENCV),
    ("OpenVINO", "openvino", "new", "run_openvino",
     r"F_.*", "square", (0,), OPENVINO),
    ("OpenVINO", "openvino", "new", "run_openvino",
     r"[FP]\.(onnx|tflite)", "square", (0, LARGE), OPENVINO),
    ("onnxruntime", "onnxruntime", "old", "run_onnxruntime",
     r"[FP].*\.onnx", "square", (0,), PILLOW),
    ("tflite-runtime", "tflite-runtime", "old", "run_tflite_runtime",
     r"[FP].*\.tflite", "square", (0,), PILLOW),
]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("export", type=Path)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="folder of the answers")
    parser.add_argument("--only", default="", help="only clients named so")
    given = parser.parse_args()
    out = given.out or given.export / "clients"
    out.mkdir(parents=True, exist_ok=True)
    pictures, labels = test_pictures(given.run)
    report = json.loads((given.run / "report.json").read_text())
    keras = report["test"]["top_1"]
    print(
        "| client | version | file | "
        f"accuracy | from {LARGE:,} px | Keras | what was needed |\n"
        "| --- | --- | --- | ---: | ---: | ---: | --- |"
    )
    for case in CASES:
        if given.only not in case[0]:
            continue
        measured = measure(case, given, pictures, labels, out)
        for file, accuracies in measured.items():
            name, package, environment, *_, needed = case
            row = [name, version(environment, package), f"`{file}`"]
            row += [accuracies.get(0, ""), accuracies.get(LARGE, "")]
            print("|", " | ".join([*row, f"{keras:.1%}", needed]), "|")


def test_pictures(run):
    """Lists a run's test pictures and their classes."""
    recipe = tomllib.loads((run / "recipe.toml").read_text("utf-8"))
    root = Path(recipe["data"]["path"])
    with open(run / "splits.csv", encoding="utf-8", newline="") as file:
        rows = [x["path"] for x in csv.DictReader(file) if x["split"] == "test"]
    names = (run / "labels.txt").read_text("utf-8").split("\n")
    labels = [names.index(Path(path).parts[0]) for path in rows]
    return [str(root / path) for path in rows], np.array(labels)


def measure(case, given, pictures, labels, out):
    """Returns `{file: {side: accuracy as text}}`."""
    _, _, environment, program, pattern, region, sides, _ = case
    manifest = json.loads((given.export / "kerasfg.json").read_text("utf-8"))
    files = {
        name: entry
        for name, entry in sorted(manifest["files"].items())
        if re.fullmatch(pattern, short(name, manifest))
    }
    texts = {name: {} for name in files}
    for side in sides:
        jobs = {
            name: {
                "file": str((given.export / name).resolve()),
                "pictures": pictures,
                "image_size": entry["image_size"],
                "region": region,
                "enlarge": side,
            }
            for name, entry in files.items()
        }
        for name, answers in asked(
            environment, program, region, side, jobs, given, out
        ).items():
            if isinstance(answers, str):  # the file in `out` has the reason
                texts[name][side] = "refused"
            else:
                right = answers.argmax(1) == labels
                texts[name][side] = f"{right.mean():.1%}"
    return texts


def short(name, manifest):
    """`F_int8.tflite` for `model_int8.tflite`, `P` for exact pixels."""
    pixels = f"model_pixels{manifest['image_size']}"
    if name.startswith(pixels):
        return "P" + name.removeprefix(pixels)
    return "F" + name.removeprefix("model")


def asked(environment, program, region, side, jobs, given, out):
    """Asks for what is not known yet; returns `{file: answers or error}`."""
    place = {
        name: out / f"{environment}_{program}_{region}_{side}_{name}.npy"
        for name in jobs
    }
    unknown = [name for name in jobs if not place[name].exists()]
    if unknown:
        wanted = [jobs[name] for name in unknown]
        try:
            with tempfile.TemporaryDirectory() as folder:
                results = ask(environment, program, wanted, given, folder)
        except ClientError as error:
            results = [error] * len(unknown)
        for name, result in zip(unknown, results, strict=True):
            refused = isinstance(result, ClientError)
            np.save(place[name], str(result) if refused else result)
    found = {name: np.load(file) for name, file in place.items()}
    return {
        name: str(x) if x.dtype.kind == "U" else x for name, x in found.items()
    }


def ask(environment, program, jobs, given, folder):
    """Asks a client, in Chromium or in Python."""
    if environment == "web":
        modules = modules_of(given.environments)
        return client.ask_web(modules, jobs, folder)
    python = python_of(environment, given.environments)
    return client.ask(python, program, jobs, folder)


def version(environment, package):
    """The version that is pinned."""
    if environment == "web":
        packages = json.loads((HERE / "web" / "package.json").read_text())
        return packages["devDependencies"][package]
    pins = (HERE / "requirements" / f"{environment}.txt").read_text()
    return re.search(rf"^{package}==(\S+)$", pins, re.M)[1]


if __name__ == "__main__":
    main()
