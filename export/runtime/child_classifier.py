"""ChildClassifier: an exported file that runs in a process of its own."""

import functools

import numpy as np

from kerasfg.export.runtime.contract import check_images
from kerasfg.export.runtime.messages import to_array
from kerasfg.export.runtime.messages import to_bytes
from kerasfg.export.runtime.request_process import RequestProcess

MAX_MEMORY = 4 * 2**30
TIME_LIMIT = 120
_PICTURES = 16  # in one request; the time limit is for each request


class ChildClassifier:
    """A classifier in another process, which may crash or hang.

    That process imports neither Keras nor TensorFlow. It ends at the end of
    the `with` statement.

    Args:
        contents: Bytes of the file.
        format_: `"tflite"` (run by LiteRT), `"onnx"` (by onnxruntime) or
            `"micro"` (by TensorFlow Lite for Microcontrollers).
        num_threads: Threads of the runtime. Defaults to `1`.
        max_memory: Largest growth of the process's address space, in bytes,
            after its runtime is imported: the file itself counts; on Linux.
            Defaults to 4 GiB.
        time_limit: Seconds until an answer, to loading the file or to 16
            pictures. Defaults to `120`.

    Attributes:
        image_size: N of its input.
        num_classes: Number of its classes.
        has_familiarity: Whether it gives the familiarity as well.
        load_ms: Time that the runtime took to load it.
        arena_bytes: Memory that a microcontroller needs for it, in bytes;
            `None` for other formats.

    Raises:
        ValueError: If the file is not a model, not whole, not a classifier with
            one uint8 picture in and float32 probabilities out, or loading it
            crashes or breaks a limit.

    Example:

    ```python
    contents = pathlib.Path("exported/model.tflite").read_bytes()
    with ChildClassifier(contents, "tflite") as classifier:
        probabilities = classifier.predict(images)
    ```
    """

    def __init__(
        self,
        contents,
        format_,
        num_threads=1,
        max_memory=MAX_MEMORY,
        time_limit=TIME_LIMIT,
    ):
        self._process = RequestProcess(format_, max_memory, time_limit)
        try:
            self._load("load", num_threads, contents)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the process."""
        self._process.close()

    @functools.cached_property
    def operators(self):
        """Sorted names of the operators; one not builtin has a colon."""
        return tuple(self._process.ask({"do": "operators"})[0]["operators"])

    def predict(self, images):
        """Returns probabilities, float32 `(pictures, classes)`.

        Args:
            images: uint8 `(pictures, N, N, 3)`.

        Raises:
            ValueError: If `images` have another shape or dtype.
            RuntimeError: If the model does not run, crashes or breaks a limit.
        """
        return self._ask("predict", images)

    def predict_with_familiarity(self, images):
        """Returns probabilities as `predict`, and the familiarity.

        Args:
            images: uint8 `(pictures, N, N, 3)`.

        Returns:
            `(probabilities, familiarity)`; the second is float32
            `(pictures,)`, or `None` if the file does not give it.

        Raises:
            ValueError: If `images` have another shape or dtype.
            RuntimeError: If the model does not run, crashes or breaks a limit.
        """
        if not self.has_familiarity:
            return self.predict(images), None
        both = self._ask("predict_with_familiarity", images)
        return both[:, :-1], both[:, -1]

    def _ask(self, do, images):
        images = check_images(images, self.image_size)
        rows = []
        for start in range(0, len(images), _PICTURES):
            some = to_bytes(images[start : start + _PICTURES])
            rows.append(to_array(self._process.ask({"do": do}, some)[1]))
        return np.concatenate(rows)

    def time(self, image, calls):
        """Times some calls with one picture, after one that is not timed.

        Args:
            image: uint8 `(N, N, 3)`.
            calls: Number of calls.

        Returns:
            `(latencies_ms, memory)`: a list, and the most bytes that the
            process has held in addition to those before the file was loaded,
            or `None` if the system does not report it.

        Raises:
            RuntimeError: If the model does not run, crashes or breaks a limit.
        """
        request = {"do": "time", "calls": calls}
        found, _ = self._process.ask(request, to_bytes(image[None]))
        return found["latencies_ms"], found["memory"]

    def reload(self, num_threads):
        """Loads the same file again, and updates `load_ms`.

        Args:
            num_threads: Threads of the runtime.
        """
        self._load("reload", num_threads)

    def _load(self, do, num_threads, contents=b""):
        request = {"do": do, "num_threads": num_threads}
        try:
            found, _ = self._process.ask(request, contents)
        except RuntimeError as error:
            raise ValueError(str(error)) from error
        self.image_size = found["image_size"]
        self.num_classes = found["num_classes"]
        self.has_familiarity = found["has_familiarity"]
        self.load_ms = found["load_ms"]
        self.arena_bytes = found["arena_bytes"]
