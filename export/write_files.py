"""Converts, describes and verifies each file of an export."""

import dataclasses
import json

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.inference.camera import camera_graph
from kerasfg.export.metadata import add_metadata
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.onnx_metadata import add_onnx_metadata
from kerasfg.export.quantize import quantize
from kerasfg.export.runtime.load import runtime_of
from kerasfg.export.self_test import describe_answer
from kerasfg.export.self_test import describe_image
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.verification.limits import LIMITS
from kerasfg.export.verification.verify import verify
from kerasfg.export.wanted_files import FLOAT32
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import texts
from kerasfg.manifest import to_json

CONVERTERS = {"tflite": convert_tflite, "onnx": convert_onnx}


class FileWriter:
    """Writes and verifies the files of one model.

    Args:
        graph: `InferenceGraph`.
        manifest: Description of the model for every file; see
            `kerasfg.manifest.make_manifest`.
        images: Pictures to verify on, uint8 `(pictures, N, N, 3)`.
        labels: Their integer classes, or `None`.
        calibration: Training pictures, or `None`.
        image: Picture of the self-test, uint8 `(N, N, 3)`.
        max_drop: Accuracy that a quantized variant may lose.

    Attributes:
        expected: Probabilities of the pictures by Keras.
    """

    def __init__(
        self, graph, manifest, images, labels, calibration, image, max_drop
    ):
        self._graph, self._manifest = graph, manifest
        self._images, self._labels = images, labels
        self._calibration, self._image = calibration, image
        self._max_drop = max_drop
        self.expected = graph.predict(images)
        self._contents = {}  # of the float32 files

    @property
    def keras_accuracy(self):
        """Share of the pictures that Keras classifies correctly, or `None`."""
        if self._labels is None:
            return None
        return float(np.mean(self.expected.argmax(axis=1) == self._labels))

    def write(self, file, directory, report, show):
        """Writes and verifies one file, and adds the findings to the report.

        Args:
            file: `WantedFile`. The float32 file of a format comes first.
            directory: Folder to write in.
            report: `Report` that collects the findings.
            show: Function that shows a line of text.

        Raises:
            ValueError: If the model does not convert.
            VerificationError: If a float32 file differs too much from Keras.
        """
        show(f"Making {file.name}")
        try:
            contents, answer = self._make(file)
            filepath = directory / file.name
            filepath.write_bytes(contents)
            show(f"Running {file.name} on {len(self._images)} pictures")
            found = self._verify(file, filepath)
        except ValueError as error:
            if file.variant == FLOAT32:
                raise
            report.refuse(file, str(error))
            return
        if file.variant == FLOAT32:
            found.check()
        report.add(file, found, answer)

    def _make(self, file):
        """Returns the bytes of a file and its result of the self-test."""
        image = shrunk = self._image
        if file.camera:
            image = _enlarged(image, file.camera)
            shrunk = shrink(Image.fromarray(image), self._graph.image_size)
            contents = convert_tflite(camera_graph(self._graph, file.camera))
        elif file.variant == FLOAT32:
            contents = CONVERTERS[file.format](self._graph)
            self._contents[file.format] = contents
        else:
            contents = quantize(
                self._contents[file.format], file.variant, self._calibration
            )
        if file.variant == FLOAT32:  # the result of Keras, not of the file
            given = self._graph.predict(shrunk[None])[0]
        else:
            runtime = runtime_of(file.format)(contents)
            given = runtime.predict(self._image[None])[0]
        answer = describe_answer(given, file.variant)
        manifest = {
            **self._manifest,
            "variant": file.variant,
            "image_size": file.camera or self._graph.image_size,
            "self_test": {**describe_image(image), **answer},
        }
        return _with_manifest(contents, file.format, manifest), answer

    def _verify(self, file, filepath):
        limits = LIMITS[file.variant]
        if limits.accuracy_drop is not None:
            limits = dataclasses.replace(limits, accuracy_drop=self._max_drop)
        images, expected = self._images, self.expected
        if file.camera:
            size = self._graph.image_size
            images = np.stack([_enlarged(x, file.camera) for x in images])
            small = [shrink(Image.fromarray(x), size) for x in images]
            expected = self._graph.predict(np.stack(small))
        return verify(
            filepath, images, expected, self._labels, file.variant, limits
        )


def _with_manifest(contents, format_, manifest):
    text = to_json(manifest)
    if format_ == "onnx":
        names = json.dumps(manifest["class_names"], ensure_ascii=False)
        return add_onnx_metadata(
            contents, {**texts(manifest), "class_names": names, MANIFEST: text}
        )
    return add_metadata(
        contents,
        class_names=manifest["class_names"],
        image_size=manifest["image_size"],
        files={MANIFEST: text.encode()},
        **texts(manifest),
    )


def _enlarged(image, size):
    bicubic = Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(image).resize((size, size), bicubic))
