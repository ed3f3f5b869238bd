"""A file in a process of its own, and what it may not do there."""

import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

from kerasfg.export import load
from kerasfg.export.runtime import request_process
from kerasfg.export.runtime.child_classifier import ChildClassifier

IMPORTED = """
import runpy
import sys
sys.argv[1:] = sys.argv[2:]
runpy.run_path({serve!r}, run_name="__main__")
heavy = {{"keras", "tensorflow", "jax", "torch", "rich"}} & set(sys.modules)
sys.exit(f"imported: {{heavy}}" if heavy else 0)
"""


@pytest.fixture
def contents(exported, suffix):
    return (exported / f"model_pixels16.{suffix}").read_bytes()


@pytest.fixture
def image():
    return np.zeros((1, 4, 4, 3), "uint8")


def _onnx(nodes, initializers=()):
    """An ONNX model from `x`, uint8 `(1, 4, 4, 3)`, to `y`, `(1, 48)`."""
    from onnx import TensorProto
    from onnx import helper

    cast = helper.make_node("Cast", ["x"], ["c"], to=TensorProto.FLOAT)
    flatten = helper.make_node("Flatten", ["d"], ["y"])
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, (1, 4, 4, 3))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 48))
    graph = helper.make_graph(
        [cast, *nodes, flatten], "g", [x], [y], initializers
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, ir_version=8, opset_imports=opset)
    return model.SerializeToString()


def _hungry():
    """3 GiB: 2^24 copies of the picture, to take their mean."""
    from onnx import helper
    from onnx import numpy_helper

    shape = numpy_helper.from_array(np.array([2**24, 4, 4, 3]), "shape")
    nodes = [
        helper.make_node("Expand", ["c", "shape"], ["e"]),
        helper.make_node("ReduceMean", ["e"], ["d"], axes=[0]),
    ]
    return _onnx(nodes, [shape])


def _endless():
    """A loop of 2^62 steps."""
    from onnx import TensorProto
    from onnx import helper
    from onnx import numpy_helper

    def value(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    inputs = [
        value("i", TensorProto.INT64, ()),
        value("go", TensorProto.BOOL, ()),
        value("s", TensorProto.FLOAT, (1, 4, 4, 3)),
    ]
    outputs = [
        value("goes", TensorProto.BOOL, ()),
        value("t", TensorProto.FLOAT, (1, 4, 4, 3)),
    ]
    nodes = [
        helper.make_node("Identity", ["go"], ["goes"]),
        helper.make_node("Sqrt", ["s"], ["t"]),
    ]
    body = helper.make_graph(nodes, "body", inputs, outputs)
    steps = numpy_helper.from_array(np.array(2**62), "steps")
    on = numpy_helper.from_array(np.array(True), "on")
    loop = helper.make_node("Loop", ["steps", "on", "c"], ["d"], body=body)
    return _onnx([loop], [steps, on])


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Another script in the place of the served one."""

    def put(text):
        (tmp_path / "script.py").write_text(text)
        monkeypatch.setattr(request_process, "SERVE", tmp_path / "script.py")

    return put


def test_gives_what_it_gives_in_this_process(exported, suffix, pictures):
    path = exported / f"model_pixels16.{suffix}"
    here = load(path)
    many = np.concatenate([pictures] * 3)  # more than one request
    with ChildClassifier(path.read_bytes(), suffix) as there:
        assert (there.image_size, there.num_classes) == (16, 5)
        assert there.operators == here.operators
        assert there.load_ms > 0
        expected = here.predict(many)
        np.testing.assert_allclose(there.predict(many), expected, atol=1e-6)
        before = there.predict(pictures)
        there.reload(num_threads=2)
        np.testing.assert_allclose(there.predict(pictures), before, atol=1e-6)
        latencies, memory = there.time(pictures[0], calls=3)
        assert len(latencies) == 3 and min(latencies) > 0
        assert memory is None or memory > 0
        with pytest.raises(ValueError, match="`images` must be uint8"):
            there.predict(pictures[:, :8])


@pytest.mark.parametrize("format_", ["tflite", "onnx"])
def test_imports_neither_keras_nor_tensorflow(format_):
    code = IMPORTED.format(serve=str(request_process.SERVE))
    arguments = format_, str(2**32), str(request_process._PACKAGE)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "serve.py", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_needs_nothing_of_the_folder_it_is_in(
    contents, suffix, tmp_path, monkeypatch, pictures
):
    export = pathlib.Path(request_process.SERVE).parents[1]
    page = shutil.ignore_patterns("phone")
    shutil.copytree(export, tmp_path / "any", ignore=page)
    elsewhere = tmp_path / "any" / "runtime" / "serve.py"
    monkeypatch.setattr(request_process, "SERVE", elsewhere)
    monkeypatch.chdir(tmp_path)
    with ChildClassifier(contents, suffix) as classifier:
        assert classifier.predict(pictures).shape == (12, 5)


@pytest.mark.parametrize("contents", [b"", b"hello"])
def test_what_is_no_model_is_told(suffix, contents):
    with pytest.raises(ValueError, match="this is not an? "):
        ChildClassifier(contents, suffix)


@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="no limit of memory here"
)
def test_memory_is_limited(image):
    with ChildClassifier(_hungry(), "onnx", max_memory=2**30) as classifier:
        with pytest.raises(
            RuntimeError, match="more memory than the 1,024 MiB"
        ):
            classifier.predict(image)


def test_time_is_limited(image):
    with ChildClassifier(_endless(), "onnx") as classifier:
        classifier._process._time_limit = 1  # the start may take longer
        with pytest.raises(RuntimeError, match="no answer within 1 s and was"):
            classifier.predict(image)


def test_child_that_hangs_at_the_start(script, contents, suffix):
    script("import time\ntime.sleep(1000)")
    with pytest.raises(ValueError, match="gave no answer within 1 s"):
        ChildClassifier(contents * 1000, suffix, time_limit=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "import os\nos.kill(os.getpid(), 11)",
            "was killed by SIGSEGV",
        ),
        (
            "import os\nos.kill(os.getpid(), 9)",
            "SIGKILL, as the system",
        ),
        (
            "import os\nos.write(2, b'what(): std::bad_alloc')\nos.abort()",
            "needs more memory than the 4,096 MiB",
        ),
        ("import sys\nsys.exit('a\\nno room')", "exit code 1: no room"),
        (
            'print(\'{"bytes": 9}\\n1234\', end="")',  # breaks off
            "ended with the exit code 0",
        ),
    ],
)
def test_child_that_ends_early(script, text, told):
    script(text)
    with pytest.raises(ValueError, match=told):
        ChildClassifier(b"model", "tflite")


def test_crash_while_it_runs(contents, suffix, pictures):
    with ChildClassifier(contents, suffix) as classifier:
        classifier._process._process.kill()
        with pytest.raises(RuntimeError, match="its process was killed"):
            classifier.predict(pictures)
