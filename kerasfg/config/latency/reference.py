"""The reference of latencies: EfficientNet-Lite0 at 224 pixels.

A table of latencies holds ratios to its exported file, which is timed on each
machine once.
"""

import hashlib
import importlib.metadata
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from kerasfg.atomic_file import replacing
from kerasfg.cache_folder import cache_folder
from kerasfg.child_process import end_child
from kerasfg.child_process import end_with_parent
from kerasfg.child_process import start_child
from kerasfg.given_file import read_given

# Without a trained model the latency is that of so many classes.
CLASSES = tuple(f"class {i}" for i in range(100))
_PICTURES = 20
_ROUNDS = 40
_MAX_BYTES = 4096
_RESULT = "milliseconds:"


def reference_model():
    """Builds the reference, with random weights, which cost the same."""
    from kerasfg.config.model import build_model
    from kerasfg.config.recipe import Recipe

    recipe = Recipe().with_options(
        backbone="efficientnet_lite0",
        weights="none",
        image_size=224,
        output_stride=32,
    )
    return build_model(recipe, CLASSES)


def time_files(files):
    """Times exported files on one thread, in turns.

    Args:
        files: Paths of `.tflite` files.

    Returns:
        List of `kerasfg.export.measurement.benchmark.Measurement`.
    """
    import numpy as np

    from kerasfg.export.measurement.benchmark import benchmark

    random = np.random.default_rng(0)
    shape = (_PICTURES, 224, 224, 3)  # noise, resized to each file's input
    images = random.integers(256, size=shape, dtype="uint8")
    return benchmark(files, images, threads=(1,), rounds=_ROUNDS)


def reference_milliseconds():
    """Returns the latency of the reference on this machine, in milliseconds.

    It is the fastest of 200 calls of the exported float32 file, with one
    thread: what else the machine does makes calls slower, and none faster. It
    is measured once, in a process of its own, and kept in the cache folder.

    Raises:
        ValueError: If it cannot be measured.
    """
    file = cache_folder() / "latency" / f"reference-{_machine()}.json"
    found = _read(file)
    if found is None:
        found = _measure()
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as temporary_path:
            text = json.dumps({"milliseconds": found})
            temporary_path.write_text(text, encoding="ascii")
    return found


def _machine():
    """Returns a digest of what the latency depends on."""
    try:
        runtime = importlib.metadata.version("ai-edge-litert")
    except importlib.metadata.PackageNotFoundError as error:
        raise ValueError(
            "Milliseconds need LiteRT to be measured: pip install "
            "ai-edge-litert, or give a ratio such as 0.33. "
            f"Received: {error}"
        ) from None
    facts = [platform.node(), platform.machine(), platform.processor(), runtime]
    return hashlib.blake2b(repr(facts).encode(), digest_size=8).hexdigest()


def _read(file):
    try:
        contents = json.loads(read_given(file, max_bytes=_MAX_BYTES))
        found = float(contents["milliseconds"])
    except (ValueError, KeyError, TypeError, RecursionError, OSError):
        return None
    return found if math.isfinite(found) and found > 0 else None


def _measure():
    # Not in this process: its backend may be another one, and layers that are
    # built here would change the names of those built later.
    child = start_child(
        [sys.executable, "-P", "-m", "kerasfg.config.latency.reference"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        lines = child.stdout.read().decode("utf-8", "replace").split("\n")
        code = child.wait()
    finally:
        end_child(child)
    found = [x for x in lines if x.startswith(_RESULT)]
    if code or not found:
        raise ValueError(
            "The reference network could not be exported and timed, which a "
            "`latency` in milliseconds needs: give a ratio such as 0.33. "
            f"Received: an exit code of {code} of its process"
        )
    return float(found[-1].removeprefix(_RESULT))


def _environment():
    return os.environ | {
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


def _main():
    end_with_parent()
    from kerasfg.export.tflite import convert_for_timing

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reference.tflite"
        file.write_bytes(convert_for_timing(reference_model()))
        (found,) = time_files([file])
    sys.stdout.write(f"\n{_RESULT}{found.fastest[1]:.4f}\n")


if __name__ == "__main__":
    _main()
