"""Converts, describes and verifies each file of an export."""

import dataclasses
import json

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.familiarity.remove import without_familiarity
from kerasfg.export.frames.shrunk_frames import shrunk_frames
from kerasfg.export.frames.take_frames import take_frames
from kerasfg.export.inference.inference_graph import OUTPUT
from kerasfg.export.metadata import add_metadata
from kerasfg.export.micro.on_controller import check_on_controller
from kerasfg.export.micro.on_controller import write_c_files
from kerasfg.export.micro.quantization import quantize_micro
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.onnx_metadata import add_onnx_metadata
from kerasfg.export.quantize import quantize
from kerasfg.export.runtime.contract import FAMILIARITY
from kerasfg.export.runtime.load import runtime_of
from kerasfg.export.self_test import describe_answer
from kerasfg.export.self_test import describe_image
from kerasfg.export.self_test import self_test_frame
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.verification.limits import LIMITS
from kerasfg.export.verification.verify import VerificationError
from kerasfg.export.verification.verify import verify
from kerasfg.export.wanted_files import FLOAT32
from kerasfg.export.wanted_files import MICRO
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import input_side
from kerasfg.manifest import texts
from kerasfg.manifest import to_json
from kerasfg.manifest_schema import FRAME
from kerasfg.manifest_schema import PIXELS

CONVERTERS = {"tflite": convert_tflite, "onnx": convert_onnx}


class FileWriter:
    """Writes and verifies the files of one model.

    Args:
        graph: `InferenceGraph`.
        manifest: Description of the model for every file; see
            `kerasfg.manifest.make_manifest`.
        images: Pictures to verify on, uint8 `(pictures, N, N, 3)`.
        frames: The same pictures at the size of a frame, uint8
            `(pictures, F, F, 3)`.
        labels: Their integer classes, or `None`.
        calibration: Training pictures, or `None`.
        image: Picture of the self-test, uint8 `(N, N, 3)`.
        max_drop: Accuracy that a quantized variant may lose.

    Attributes:
        expected: Probabilities of `images` by Keras.
    """

    def __init__(
        self,
        graph,
        manifest,
        images,
        frames,
        labels,
        calibration,
        image,
        max_drop,
    ):
        self._graph, self._manifest = graph, manifest
        self._images, self._frames, self._labels = images, frames, labels
        self._calibration, self._image = calibration, image
        self._max_drop = max_drop
        self._frame_size = frames.shape[1]
        self._shrinks = self._frame_size > graph.image_size
        self.expected = graph.predict(images)
        self._of_frames = {}  # `ShrunkFrames` and probabilities, by format
        self._contents = {}  # of the files without metadata, for exact pixels
        self._written = {}  # bytes and findings, by format and variant
        self._known = {}  # familiarity by Keras, by format if of frames
        self._of_one_output = set()  # files that lost the familiarity

    @property
    def keras_accuracy(self):
        """Share of the pictures that Keras classifies correctly, or `None`."""
        return self._accuracy(self.expected)

    def describe_frames(self):
        """Describes the shrinking; `None` if nothing is shrunk.

        Returns:
            Dictionary of `numbers`, how many all shrunk frames have together;
            `differing`, how many of them are not Pillow's; `largest`, their
            largest difference; and `keras_accuracy`, the share of the frames
            that Keras classifies correctly, or `None`.
        """
        if not self._of_frames:
            return None
        found = [shrunk for shrunk, _ in self._of_frames.values()]
        _, expected = next(iter(self._of_frames.values()))
        return {
            "numbers": sum(shrunk.images.size for shrunk in found),
            "differing": sum(shrunk.differing for shrunk in found),
            "largest": max(shrunk.largest for shrunk in found),
            "keras_accuracy": self._accuracy(expected),
        }

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
        filepath = directory / file.name
        key = (file.format, file.variant, self._gives_familiarity(file))
        if not self._shrinks and key in self._written:  # the same file again
            contents, found, answer = self._written[key]
            filepath.write_bytes(contents)
            report.add(file, dataclasses.replace(found, name=file.name), answer)
            return
        try:
            contents, answer = self._make(file)
            filepath.write_bytes(contents)
            show(f"Running {file.name} on {len(self._images)} pictures")
            found = self._verify(file, filepath)
            if found.familiarity_failure:
                contents, answer, found = self._alone(file, filepath, found)
            facts = {}
            if file.variant == MICRO:
                found, facts = self._on_controller(found, directory)
        except (RuntimeError, ValueError) as error:
            if file.variant == FLOAT32:
                raise
            report.refuse(file, str(error))
            return
        if file.variant == FLOAT32:
            found.check()
        self._written[key] = (contents, found, answer)
        report.add(file, found, answer, facts)

    def _on_controller(self, found, directory):
        contents = self._contents["tflite", MICRO]
        found, facts = check_on_controller(found, contents, self._images)
        if not found.failures:
            write_c_files(directory, contents, self._manifest, found, facts)
        return found, facts

    def _gives_familiarity(self, file):
        """Whether a file gives the familiarity as a second output.

        MediaPipe, which reads the `.tflite` file for frames, takes one output.
        """
        return (
            self._graph.familiarity is not None
            and file not in self._of_one_output
            and file.variant != MICRO
            and (file.format == "onnx" or file.pixels is not None)
        )

    def _alone(self, file, filepath, found):
        """Makes a file without the familiarity, which is too far off in it."""
        self._of_one_output.add(file)
        contents, answer = self._make(file)
        filepath.write_bytes(contents)
        note = (
            f"{file.name} gives probabilities only, without the familiarity. "
            f"{found.familiarity_failure}"
        )
        found = self._verify(file, filepath)
        found = dataclasses.replace(found, notes=(*found.notes, note))
        return contents, answer, found

    def _make(self, file):
        """Returns the bytes of a file and its result of the self-test."""
        image = shrunk = self._image
        contents = self._exact(file)
        gives_familiarity = self._gives_familiarity(file)
        if not gives_familiarity:
            contents = without_familiarity(contents)
        frame = self._shrinks and file.pixels is None
        if frame:
            contents = take_frames(contents, self._frame_size)
            image = self_test_frame(image, self._frame_size)
            (shrunk,) = self._small(image[None], file.format).images
        if file.variant == FLOAT32:  # the result of Keras, not of the file
            given = self._graph.predict(shrunk[None])[0]
        else:
            runtime = runtime_of(file.format)(contents)
            given = runtime.predict(image[None])[0]
        answer = describe_answer(given, file.variant, frame)
        manifest = {
            **self._manifest,
            "variant": file.variant,
            "takes": FRAME if frame else PIXELS,
            "outputs": [OUTPUT, *([FAMILIARITY] * gives_familiarity)],
            "self_test": {**describe_image(self._image), **answer},
        }
        return _with_manifest(contents, file.format, manifest), answer

    def _exact(self, file):
        """Returns the bytes of a file for exact pixels, without metadata."""
        key = (file.format, file.variant)
        if key not in self._contents:
            if file.variant == FLOAT32:
                contents = CONVERTERS[file.format](self._graph)
            elif file.variant == MICRO:
                whole = self._contents[file.format, FLOAT32]
                contents = quantize_micro(
                    without_familiarity(whole), self._calibration
                )
            else:
                contents = quantize(
                    self._contents[file.format, FLOAT32],
                    file.variant,
                    self._calibration,
                )
            self._contents[key] = contents
        return self._contents[key]

    def _verify(self, file, filepath):
        limits = LIMITS[file.variant]
        if limits.accuracy_drop is not None:
            limits = dataclasses.replace(limits, accuracy_drop=self._max_drop)
        images, expected = self._images, self.expected
        of_frames = self._shrinks and file.pixels is None
        if of_frames:
            images = self._frames
            _, expected = self._expected_of_frames(file.format)
        known = None
        if self._gives_familiarity(file):
            known = self._familiarity(of_frames, file.format)
        return verify(
            filepath,
            images,
            expected,
            self._labels,
            file.variant,
            limits,
            expected_familiarity=known,
        )

    def _expected_of_frames(self, format_):
        """Returns the frames as a file shrinks them, and Keras's answers."""
        if format_ not in self._of_frames:
            shrunk = self._small(self._frames, format_)
            expected = self._graph.predict(shrunk.images)
            self._of_frames[format_] = shrunk, expected
        return self._of_frames[format_]

    def _familiarity(self, of_frames, format_):
        """Returns the familiarity of the pictures by Keras."""
        key = format_ if of_frames else None
        if key not in self._known:
            images = self._images
            if of_frames:
                images = self._expected_of_frames(format_)[0].images
            self._known[key] = self._graph.predict_familiarity(images)
        return self._known[key]

    def _small(self, frames, format_):
        shrunk = shrunk_frames(frames, self._graph.image_size, format_)
        if shrunk.largest > 1:
            raise VerificationError(
                f"A .{format_} file shrinks frames to numbers that differ from "
                f"Pillow's by more than one. Received: {shrunk.largest}"
            )
        return shrunk

    def _accuracy(self, probabilities):
        if self._labels is None:
            return None
        return float(np.mean(probabilities.argmax(axis=1) == self._labels))


def enlarged(images, frame_size):
    """Enlarges pictures to frames, where their originals are missing.

    Args:
        images: uint8 `(pictures, N, N, 3)`.
        frame_size: Side of a frame in pixels.

    Returns:
        uint8 `(pictures, frame_size, frame_size, 3)`.
    """
    return np.stack([shrink(Image.fromarray(x), frame_size) for x in images])


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
        image_size=input_side(manifest),
        familiarity=FAMILIARITY in manifest["outputs"],
        files={MANIFEST: text.encode()},
        **texts(manifest),
    )
