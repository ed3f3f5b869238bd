"""What becomes of damaged files of a run and of an export.

    python tests/benchmarks/attack_files.py FOLDER [TIMES]

Trains a small network into FOLDER/run, leaves an interrupted training in
FOLDER/begun and an export in FOLDER/export, unless they are there. Then it
damages each file TIMES times (default 100) in each of four ways, reads it as
the commands do, and counts:

- refused: an error that the command line shows as one line;
- same: the content that was read is the same;
- other: another content was read in silence;
- traceback: an error that the command line would show as a traceback.

For `checkpoint.npz`, `model.onnx` and `model.tflite` "other" must be 0, and
"traceback" for every file; it exits with 1 otherwise. Texts such as
`labels.txt` have no hash: another text is another text.
"""

import contextlib
import io
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
HASHED = ("checkpoint.npz", "model.onnx", "model.tflite")


def main(folder, times=100):
    folder = Path(folder)
    make(folder)
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), "uint8")
    failed = False
    print(
        f"{'file':16} {'refused':>8} {'same':>8} {'other':>8} {'traceback':>8}"
    )
    for file, read in readers(folder, images).items():
        counts = attack(file, read, times)
        print(f"{file.name:16}", *(f"{n:9}" for n in counts.values()))
        wrong = file.name in HASHED and counts["other"]
        failed |= bool(wrong or counts["traceback"])
    return int(failed)


def readers(folder, images):
    """Returns how each file is read, by the path of its own copy."""
    from kerasfg.config.recipe import Recipe
    from kerasfg.data.splits import read_splits
    from kerasfg.evaluation.report.history import read_history
    from kerasfg.evaluation.report.report import read_report
    from kerasfg.export.metadata import read_metadata
    from kerasfg.export.runtime.file_contents import check_metadata
    from kerasfg.export.runtime.file_contents import read_contents
    from kerasfg.export.runtime.onnx_classifier import ONNXClassifier
    from kerasfg.export.tflite_file.associated_files import read_files
    from kerasfg.manifest import read_manifest
    from kerasfg.run.run_folder import RunFolder

    def onnx(path):
        contents, _ = read_contents(path)
        return ONNXClassifier(contents, 1).predict(images).round(4).tolist()

    def tflite(path):
        contents, _ = read_contents(path)
        check_metadata(path, contents)
        _, end = read_files(contents)
        return contents[:end], read_metadata(contents)

    readers = {
        "run/recipe.toml": lambda p: Recipe.from_toml(p).to_toml(),
        "run/splits.csv": read_splits,
        "run/labels.txt": lambda p: RunFolder(p.parent).read_class_names(),
        "run/history.csv": read_history,
        "run/report.json": read_report,
        "run/kerasfg.json": lambda p: read_manifest(p.parent),
        "begun/checkpoint.npz": checkpoint_reader(),
        "begun/begun.json": beginning_reader(),
        "export/model.onnx": onnx,
        "export/model.tflite": tflite,
    }
    alone = folder / "alone"
    found = {}
    for number, (name, read) in enumerate(readers.items()):
        if read is None:
            continue
        copy = alone / str(number) / Path(name).name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / name, copy)
        found[copy] = read
    return found


def checkpoint_reader():
    """Reads a checkpoint by the callback, as a resumed training does."""
    from kerasfg.training.checkpoint import Checkpoint

    class Taken:
        """Takes the weights that a checkpoint has."""

        optimizer = None

        def __init__(self, like):
            self.weights = like

    def read(path):
        with np.load(WHOLE[path]) as file:
            shapes = [
                file[f"weights_{i}"]
                for i in range(sum("weights_" in n for n in file.files))
            ]
        weights = [Weight(array) for array in shapes]
        checkpoint = Checkpoint(path, "another stage")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            checkpoint.restore(Taken(weights))
        if not checkpoint.history:
            raise ValueError("there is no checkpoint")
        return checkpoint.history, [
            weight.value.tobytes() for weight in weights
        ]

    return read


class Weight:
    """A weight that remembers what it is assigned."""

    def __init__(self, array):
        self.shape = array.shape
        self.value = array

    def assign(self, array):
        self.value = array


def beginning_reader():
    try:
        from kerasfg.run import beginning
    except ImportError:  # an earlier version
        return None
    from kerasfg.run.run_folder import RunFolder

    def read(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = beginning._read(RunFolder(path.parent))
        if found is None:
            raise ValueError("it is broken")
        return found

    return read


WHOLE = {}


def attack(file, read, times):
    whole = file.read_bytes()
    WHOLE[file] = file.with_name(f"whole-{file.name}")
    WHOLE[file].write_bytes(whole)
    expected = read(file)
    random = np.random.default_rng(0)
    counts = dict.fromkeys(("refused", "same", "other", "traceback"), 0)
    for damage in (flip_bit, flip_bytes, cut, blank):
        for _ in range(times):
            file.write_bytes(damage(whole, random))
            counts[outcome(read, file, expected)] += 1
    file.write_bytes(whole)
    return counts


def outcome(read, file, expected):
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            found = read(file)
    except (ValueError, OSError, ImportError):
        return "refused"
    except Exception:
        return "traceback"
    return "same" if found == expected else "other"


def flip_bit(whole, random):
    changed = bytearray(whole)
    changed[random.integers(len(whole))] ^= 1 << int(random.integers(8))
    return bytes(changed)


def flip_bytes(whole, random):
    changed = bytearray(whole)
    for place in random.integers(len(whole), size=8):
        changed[place] = int(random.integers(256))
    return bytes(changed)


def cut(whole, random):
    return whole[: random.integers(len(whole))]


def blank(whole, random):
    start = int(random.integers(len(whole)))
    end = min(start + 64, len(whole))
    return whole[:start] + bytes(end - start) + whole[end:]


def make(folder):
    """Trains and exports what is not there yet."""
    if (folder / "export").is_dir():
        return
    sys.path.insert(0, str(TESTS))
    import small_networks

    from kerasfg.config import Recipe
    from kerasfg.run.exportable import exportable
    from kerasfg.training import train
    from kerasfg.training.checkpoint import Checkpoint

    small_networks.let_recipes_train_it()
    recipe = Recipe().with_options(
        data="field_guide", images_per_class=4, image_size=16, epochs=2
    )
    train(recipe, folder / "run", verbose=False)
    exportable(folder / "run").export(folder / "export")
    save = Checkpoint.save

    def save_and_stop(self):
        save(self)
        raise KeyboardInterrupt

    Checkpoint.save = save_and_stop
    with contextlib.suppress(KeyboardInterrupt):
        train(recipe, folder / "begun", verbose=False)
    Checkpoint.save = save


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:3])))
