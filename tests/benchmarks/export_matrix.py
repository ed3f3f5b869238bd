"""Exports each pooling in each variant; beside it, what `model.export` does.

Prints and writes a table of size, time, accuracy and agreement, and what
became of the textbook's tensor sketch, by FFT, in plain Keras.

    python -P tests/benchmarks/export_matrix.py DATA OUT

DATA is a folder of pictures, OUT a folder for the runs and the table; what it
holds already is not trained again.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

from kerasfg.config import Recipe
from kerasfg.export.quiet import quiet
from kerasfg.run import RunFolder
from kerasfg.run.exportable import exportable
from kerasfg.training import train

POOLINGS = {
    "average": {},
    "bilinear": {"pooling": "bilinear"},
    "tensor sketch": {"pooling": "compact_bilinear", "pooling_dim": 2048},
    "random Maclaurin": {
        "pooling": "compact_bilinear",
        "pooling_dim": 2048,
        "projection": "random_maclaurin",
    },
    "hierarchical": {"pooling": "hierarchical_bilinear", "pooling_dim": 2048},
}
HEADER = (
    "pooling",
    "file",
    "MB",
    "of float32",
    "ms",
    "of float32's",
    "accuracy",
    "Keras",
    "agreement",
    "verdict",
)


def main():
    arguments = parse()
    lines = [HEADER, ("---",) * len(HEADER)]
    for pooling, options in POOLINGS.items():
        run = RunFolder(arguments.out / pooling.replace(" ", "_").lower())
        if not run.manifest.exists():
            train(arguments.recipe.with_options(**options), run.path)
        report = exportable(run.path).export(
            run.path / "export", variants="all", measure=True
        )
        lines += list(cells(pooling, report.rows))
        keras.backend.clear_session()
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    text += "\nThe textbook's sketch in plain Keras, `model.export`:\n\n"
    text += "".join(f"- {line}\n" for line in textbook(arguments.out))
    (arguments.out / "export_matrix.md").write_text(text, "utf-8")
    print(text)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=32)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.recipe = Recipe().with_options(
        data=str(arguments.data.absolute()),
        image_size=arguments.size,
        output_stride=16,
        attention=True,
        epochs=10,
        optimizer="adamw",
        learning_rate=0.002,
    )
    return arguments


def cells(pooling, rows):
    """One line of the table for each file."""
    whole = {
        row["file"].rpartition(".")[2]: row
        for row in reversed(rows)
        if row["of_float32"] == 1
    }
    for row in rows:
        if row["bytes"] is None:  # Keras itself, or a file that did not run
            continue
        first = whole[row["file"].rpartition(".")[2]]
        times = [
            x["latency_ms"] and x["latency_ms"]["1"][0] for x in (row, first)
        ]
        yield (
            pooling,
            row["file"],
            f"{row['bytes'] / 1e6:.2f}",
            f"{row['of_float32']:.2f}",
            f"{times[0]:.2f}" if times[0] else "–",
            f"{times[0] / times[1]:.2f}" if times[0] else "–",
            f"{100 * row['accuracy']:.1f} %",
            f"{100 * rows[-1]['accuracy']:.1f} %",
            f"{100 * row['agreement']:.1f} %",
            row["verdict"],
        )


class TextbookTensorSketch(keras.layers.Layer):
    """Compact bilinear pooling as the paper's code has it: by FFT."""

    def __init__(self, output_dim, **kwargs):
        super().__init__(**kwargs)
        self.output_dim = output_dim

    def build(self, input_shape):
        random = np.random.default_rng(0)
        channels = input_shape[-1]
        self.sketches = []
        for _ in range(2):
            sketch = np.zeros((channels, self.output_dim), "float32")
            buckets = random.integers(self.output_dim, size=channels)
            sketch[np.arange(channels), buckets] = random.choice(
                [-1.0, 1.0], channels
            )
            self.sketches.append(sketch)

    def call(self, inputs):
        one, two = (
            keras.ops.rfft(keras.ops.matmul(inputs, sketch))
            for sketch in self.sketches
        )
        real = one[0] * two[0] - one[1] * two[1]
        imaginary = one[0] * two[1] + one[1] * two[0]
        pooled = keras.ops.irfft((real, imaginary), fft_length=self.output_dim)
        return keras.ops.mean(pooled, axis=(1, 2))


def textbook(folder):
    """Says for each format what Keras wrote, and what became of it."""
    images = keras.Input((32, 32, 3), dtype="uint8", name="image")
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    x = keras.layers.Conv2D(64, 3, strides=4)(x)
    x = TextbookTensorSketch(512)(x)
    model = keras.Model(images, keras.layers.Dense(17, "softmax")(x))
    for name, suffix in (("litert", "tflite"), ("onnx", "onnx")):
        path = folder / f"textbook.{suffix}"
        path.unlink(missing_ok=True)
        yield f"`format={name!r}`: {export_plainly(model, path, name)}"


def export_plainly(model, path, name):
    try:
        with quiet():
            model.export(str(path), format=name, verbose=False)
    except Exception as error:  # whatever Keras and its converters raise
        return f"fails: {brief(error)}"
    size = f"writes {path.stat().st_size} bytes without an error"
    try:
        with quiet():
            RUNTIMES[name](path, np.zeros((1, 32, 32, 3), "uint8"))
    except Exception as error:  # the runtimes' errors share no base class
        why = brief(error).replace(str(path), path.name)
        return f"{size}, which does not run: {why}"
    return f"{size}, and it runs"


def run_litert(path, image):
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()


def run_onnx(path, image):
    onnxruntime.InferenceSession(str(path)).run(None, {"image": image})


RUNTIMES = {"litert": run_litert, "onnx": run_onnx}


def brief(error):
    text = " ".join(str(error).split())
    return text if len(text) <= 240 else f"{text[:240]}…"


if __name__ == "__main__":
    main()
