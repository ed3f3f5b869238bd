"""What other programs read of a .tflite file's metadata."""

import json
import subprocess

import flatbuffers
import numpy as np
import pytest
from clients.environments import python_of
from flatbuffers.number_types import Float32Flags
from flatbuffers.number_types import Uint8Flags
from flatbuffers.number_types import Uint32Flags

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.metadata import add_metadata
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.named_buffer import find_buffer

NAME = "TFLITE_METADATA"


LABELS = "labels_without_background.txt"


CLASS_NAMES = ("bluebell", 'crocus, "late"', "Löwenzahn", "菊 🌼", " iris")


ARGUMENTS = {
    "class_names": CLASS_NAMES,
    "image_size": 16,
    "name": "Blümchen",
    "description": "Five flowers.",
    "author": "A. Gärtner",
    "license": "CC-BY-4.0",
    "version": "2",
    "files": {"kerasfg.json": b'{"a": 1}\n', "a.bin": bytes(range(256))},
}


@pytest.fixture(scope="module")
def plain(tiny_classifier):
    return convert_tflite(inference_graph(tiny_classifier))


@pytest.fixture(scope="module")
def full(plain):
    return add_metadata(plain, **ARGUMENTS)


class Walker:
    """A table read with the library, as readers in other languages do."""

    def __init__(self, contents, position):
        self.table = flatbuffers.table.Table(contents, position)

    def field(self, slot):
        offset = self.table.Offset(4 + 2 * slot)
        assert offset, f"slot {slot} is absent"
        return offset

    def text(self, slot):
        return self.table.String(self.field(slot) + self.table.Pos).decode()

    def number(self, slot, kind):
        return self.table.Get(kind, self.field(slot) + self.table.Pos)

    def child(self, slot):
        position = self.table.Indirect(self.field(slot) + self.table.Pos)
        return Walker(self.table.Bytes, position)

    def only(self, slot):
        """The one table of a vector."""
        assert self.table.VectorLen(self.field(slot)) == 1
        position = self.table.Indirect(self.table.Vector(self.field(slot)))
        return Walker(self.table.Bytes, position)

    def float(self, slot):
        """The one number of a vector."""
        assert self.table.VectorLen(self.field(slot)) == 1
        return self.table.Get(Float32Flags, self.table.Vector(self.field(slot)))


def test_fields_are_where_the_schema_has_them(full):
    """The slots are those of MediaPipe's metadata_schema.fbs."""
    buffer = find_buffer(full, NAME)
    assert buffer[4:8] == b"M001"
    root = Walker(buffer, int.from_bytes(buffer[:4], "little"))
    texts = [root.text(slot) for slot in (0, 1, 2, 4, 5, 7)]
    assert texts == [
        "Blümchen",
        "Five flowers.",
        "2",
        "A. Gärtner",
        "CC-BY-4.0",
        "1.0.0",
    ]
    graph = root.only(3)
    image, probabilities = graph.only(2), graph.only(3)
    assert image.text(0) == "image"
    content = image.child(3)
    assert content.number(0, Uint8Flags) == 2  # ImageProperties
    properties = content.child(1)
    assert properties.number(0, Uint8Flags) == 1  # RGB
    size = properties.child(1)
    assert [size.number(slot, Uint32Flags) for slot in (0, 1)] == [16, 16]
    unit = image.only(4)
    assert unit.number(0, Uint8Flags) == 1  # NormalizationOptions
    assert unit.child(1).float(0) == 0.0  # mean
    assert unit.child(1).float(1) == 1.0  # standard deviation
    assert image.child(5).float(0) == 255.0  # maximum
    assert image.child(5).float(1) == 0.0  # minimum
    assert probabilities.text(0) == "probabilities"
    content = probabilities.child(3)
    assert content.number(0, Uint8Flags) == 1  # FeatureProperties
    assert probabilities.child(5).float(0) == 1.0
    assert probabilities.child(5).float(1) == 0.0
    labels = probabilities.only(6)
    assert labels.text(0) == LABELS
    assert labels.number(2, Uint8Flags) == 2  # TENSOR_AXIS_LABELS


CLASSIFY = """
import json, sys
import mediapipe as mp
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision
options = vision.ImageClassifierOptions(
    base_options=tasks.BaseOptions(model_asset_path=sys.argv[1]),
    max_results=-1,
)
with vision.ImageClassifier.create_from_options(options) as classifier:
    for pixels in np.load(sys.argv[2]):
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels)
        (head,) = classifier.classify(image).classifications
        scores = {x.category_name: x.score for x in head.categories}
        print(json.dumps([head.head_name, scores]))
"""


@pytest.fixture(scope="module")
def mediapipe(client_environments):
    """Python of an environment that holds MediaPipe and nothing of ours."""
    return python_of("new", client_environments)


@pytest.mark.slow
def test_mediapipe_shows_the_labels(full, mediapipe, pictures, tmp_path):
    (tmp_path / "model.tflite").write_bytes(full)
    np.save(tmp_path / "pictures.npy", pictures)
    result = subprocess.run(
        (mediapipe, "-P", "-c", CLASSIFY, "model.tflite", "pictures.npy"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    expected = TFLiteClassifier(full).predict(pictures)
    for (head, scores), row in zip(answers, expected, strict=True):
        assert head == "probabilities"
        assert set(scores) == set(CLASS_NAMES)
        given = [scores[name] for name in CLASS_NAMES]
        np.testing.assert_allclose(given, row, atol=1e-5)
        best = max(scores, key=scores.get)
        assert best == CLASS_NAMES[row.argmax()]
