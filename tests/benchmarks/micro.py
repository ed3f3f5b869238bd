"""Files for microcontrollers of trained runs: accuracy, bytes and arena.

Each run is converted, and run on its test pictures by Keras, by LiteRT as the
file for microcontrollers with and without XNNPACK, by LiteRT as the other int8
file, and by tflite-micro:

    python tests/benchmarks/micro.py RUN [RUN ...]
"""

import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from kerasfg.export import calibration_rows
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.micro.eight_bits import to_int8
from kerasfg.export.micro.quantization import quantize_micro
from kerasfg.export.micro.tflm_classifier import tflm_version
from kerasfg.export.quantize import quantize
from kerasfg.export.runtime.child_classifier import ChildClassifier
from kerasfg.export.tflite import convert_tflite
from kerasfg.run.exportable import exportable

COLUMNS = (
    "run",
    "test pictures",
    "Keras",
    "micro",
    "other int8",
    "micro as Keras",
    "tflite-micro as LiteRT",
    "as XNNPACK",
    "bytes",
    "arena",
)


def main(runs):
    """Prints a table of Markdown, percentages except for bytes."""
    print(f"tflite-micro {tflm_version()}\n")
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"| --- |{' ---: |' * (len(COLUMNS) - 1)}")
    for run in runs:
        print(f"| {' | '.join(measured(pathlib.Path(run)))} |", flush=True)


def measured(run):
    loaded = exportable(run, verbose=False)
    labels, splits = loaded.pixels.labels, loaded.splits
    rows = calibration_rows(labels, splits)
    calibration = np.asarray(loaded.pixels.images[rows])
    test = np.flatnonzero(splits == "test")
    images, labels = np.asarray(loaded.pixels.images[test]), labels[test]
    graph = inference_graph(loaded.model)
    float32 = convert_tflite(graph)
    micro = quantize_micro(float32, calibration)
    other = quantize(float32, "int8", calibration)
    keras = graph.predict(images).argmax(axis=1)
    litert, _ = classes(micro, "tflite", images)
    int8, _ = classes(other, "tflite", images)
    tflm, arena = classes(micro, "micro", images)
    shares = (
        keras == labels,
        tflm == labels,
        int8 == labels,
        tflm == keras,
        tflm == litert,
        tflm == by_xnnpack(micro, images),
    )
    return (
        run.name,
        str(len(images)),
        *(f"{100 * share.mean():.1f}" for share in shares),
        f"{len(micro):,}",
        f"{arena:,}",
    )


def classes(contents, format_, images):
    with ChildClassifier(contents, format_) as classifier:
        given = classifier.predict(images).argmax(axis=1)
        return given, classifier.arena_bytes


def by_xnnpack(contents, images):
    interpreter = Interpreter(model_content=contents)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]
    given = []
    for image in to_int8(images):
        interpreter.set_tensor(source, image[None])
        interpreter.invoke()
        given.append(interpreter.get_tensor(target)[0].argmax())
    return np.array(given)


if __name__ == "__main__":
    main(sys.argv[1:])
