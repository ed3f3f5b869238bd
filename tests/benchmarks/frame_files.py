"""What shrinking a frame inside a file costs, beside the file for exact pixels.

    python -P tests/benchmarks/frame_files.py [EXPORT]

EXPORT is a folder of `kerasfg export`. Without one, EfficientNet-Lite0 at 32
pixels is made as the default recipe makes it, with weights that are not
trained. The two files of a variant are run in turns, in one process and one
thread. The float32 file for frames is to take at most 1.1 of the time of the
one for exact pixels, int8 at most 0.2 ms more, and both at most 1.03 of the
bytes. Where other work disturbs, the first tenth of the times says more than
their median. At the end the pixels are compared with Pillow's.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from kerasfg.export import export
from kerasfg.export import read_manifest
from kerasfg.export.frames.shrunk_frames import shrunk_frames
from kerasfg.export.runtime.load import runtime_of
from kerasfg.export.wanted_files import file_name

ROUNDS, CALLS = 40, 5
COMPARED = 200  # frames


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path, nargs="?")
    folder = parser.parse_args().export
    with tempfile.TemporaryDirectory() as temporary:
        if folder is None:
            folder = Path(temporary) / "export"
            export_lite0(folder)
        compare_files(folder)
        manifest = read_manifest(folder)
    compare_pixels(manifest["frame_size"], manifest["image_size"])


def export_lite0(folder):
    """Exports the default network in all variants; noise calibrates it."""
    from kerasfg.config import Recipe
    from kerasfg.config.model import build_model

    recipe = Recipe().with_options(image_size=32)
    model = build_model(recipe, [f"class {i}" for i in range(60)])
    noise = np.random.default_rng(0).integers(0, 256, (100, 32, 32, 3), "uint8")
    export(
        model,
        folder,
        noise,
        variants=("int8", "dynamic"),
        calibration=noise,
        max_drop=1.0,
    )


def compare_files(folder):
    """Prints time and bytes of the two files of each variant."""
    manifest = read_manifest(folder)
    for name, facts in manifest["files"].items():
        if facts["takes"] != "frame":
            continue
        format_, size = facts["format"], manifest["image_size"]
        other = file_name(format_, facts["variant"], size)
        contents = [(folder / x).read_bytes() for x in (other, name)]
        times = measure([runtime_of(format_)(x, 1) for x in contents])
        bytes_ = len(contents[1]) / len(contents[0])
        print(f"{name}: {bytes_:.4f} of the bytes of {other}")
        for kind, share in (("median", 50), ("first tenth", 10)):
            pixels, frame = np.percentile(times, share, axis=1)
            print(
                f"  {kind}: {pixels:.3f} ms, {frame:.3f} ms, "
                f"{frame / pixels:.3f} of the time, {frame - pixels:+.3f} ms"
            )


def measure(files):
    """Returns the milliseconds of each call of each file, in turns."""
    inputs = [np.zeros((1, *2 * (x.image_size,), 3), "uint8") for x in files]
    found = [[] for _ in files]
    for _ in range(ROUNDS):
        for file, image, times in zip(files, inputs, found, strict=True):
            file.predict(image)
            for _ in range(CALLS):
                started = time.perf_counter()
                file.predict(image)
                times.append(1e3 * (time.perf_counter() - started))
    return found


def compare_pixels(frame_size, image_size):
    """Prints how many pixels of noise and of steep edges are not Pillow's."""
    random = np.random.default_rng(0)
    shape = (COMPARED, frame_size, frame_size, 3)
    noise = random.integers(0, 256, shape, "uint8")
    steep = np.where(noise < 128, 0, 255).astype("uint8")
    for kind, frames in (("noise", noise), ("black and white", steep)):
        for format_ in ("tflite", "onnx"):
            found = shrunk_frames(frames, image_size, format_)
            print(
                f"{COMPARED} frames of {kind}, {frame_size} to {image_size}, "
                f"{format_}: {found.differing} of {found.images.size} numbers "
                f"are not Pillow's, by at most {found.largest}"
            )


if __name__ == "__main__":
    main()
