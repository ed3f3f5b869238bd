"""The child process in which an exported file runs.

A script, `python -P serve.py tflite 4294967296 site-packages/kerasfg`, since
importing `kerasfg` would import Keras: this imports NumPy and one runtime.
"""

import contextlib
import importlib
import os
import pathlib
import sys
import time
import types

_RUNTIMES = {
    "micro": ("tflite_micro",),
    "tflite": ("ai_edge_litert.interpreter",),
    "onnx": ("onnxruntime", "onnx"),
}


def main(format_, max_memory, package):
    """Answers requests on stdin until it ends, or the parent does.

    Args:
        format_: `"tflite"`, `"onnx"` or `"micro"`.
        max_memory: Bytes that the process may take on top of its own.
        package: Folder of `kerasfg`.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the output of a runtime is no answer
    export = pathlib.Path(__file__).resolve().parents[1]
    register_bare_package("kerasfg", package)
    register_bare_package("kerasfg.export", export)
    from kerasfg.child_process import end_with_parent
    from kerasfg.export.runtime.messages import receive
    from kerasfg.export.runtime.messages import send

    end_with_parent()
    for name in _RUNTIMES[format_]:
        importlib.import_module(name)
    server = _Server(format_)
    _limit_memory(int(max_memory))
    with contextlib.closing(answers):
        while (request := receive(sys.stdin.buffer)) is not None:
            send(answers, *_answer(server, *request))


def register_bare_package(name, path):
    """Registers a package without running its `__init__.py`.

    Args:
        name: Name of the package.
        path: Its folder.
    """
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [str(path)]


def _limit_memory(extra):
    # The address space, since systems cannot limit the memory in use.
    with contextlib.suppress(ImportError, OSError):
        import resource

        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + extra
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _memory(key):
    """Returns a number of bytes from `/proc`, or `None` without one."""
    try:
        text = pathlib.Path("/proc/self/status").read_text()
    except OSError:
        return None
    return int(text.split(f"{key}:")[1].split()[0]) * 1024


def _answer(server, request, payload):
    try:
        return getattr(server, request.pop("do"))(payload, **request)
    except Exception as error:  # runtimes raise errors of any type
        text = " ".join(str(error).split())
        name = type(error).__name__
        has_text = text and not isinstance(error, MemoryError)
        return ({"error": text if has_text else name},)


class _Server:
    """The requests. Each returns a dictionary and perhaps bytes."""

    def __init__(self, format_):
        from kerasfg.export.runtime import messages
        from kerasfg.export.runtime.load import runtime_of

        self._messages = messages
        self._classifier_class = runtime_of(format_)
        self._contents = self._classifier = None
        self._own_memory = _memory("VmRSS")

    def load(self, contents, num_threads):
        """Loads a file."""
        self._contents = contents
        return self.reload(b"", num_threads)

    def reload(self, _, num_threads):
        """Loads the same file again."""
        self._classifier = None  # to free its memory first
        start = time.perf_counter()
        self._classifier = self._classifier_class(self._contents, num_threads)
        return (
            {
                "load_ms": 1000 * (time.perf_counter() - start),
                "image_size": self._classifier.image_size,
                "num_classes": self._classifier.num_classes,
                "has_familiarity": getattr(
                    self._classifier, "has_familiarity", False
                ),
                "arena_bytes": getattr(self._classifier, "arena_bytes", None),
            },
        )

    def operators(self, _):
        """Lists the operators."""
        return ({"operators": self._classifier.operators},)

    def predict(self, payload):
        """Runs pictures."""
        images = self._messages.to_array(payload)
        given = self._classifier.predict(images)
        return {}, self._messages.to_bytes(given)

    def predict_with_familiarity(self, payload):
        """Runs pictures; the familiarity is the last column."""
        images = self._messages.to_array(payload)
        parts = self._classifier.predict_with_familiarity(images)
        return {}, self._messages.to_bytes(self._messages.joined(*parts))

    def time(self, payload, calls):
        """Times calls with one picture, after one that is not timed."""
        images = self._messages.to_array(payload)
        self._classifier.predict(images)
        latencies = []
        for _ in range(calls):
            start = time.perf_counter()
            self._classifier.predict(images)
            latencies.append(1000 * (time.perf_counter() - start))
        peak = _memory("VmHWM")
        memory = None if peak is None else peak - self._own_memory
        return ({"latencies_ms": latencies, "memory": memory},)


if __name__ == "__main__":
    main(*sys.argv[1:])
