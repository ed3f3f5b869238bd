"""ONNXClassifier: an .onnx file that runs in onnxruntime."""

import functools

import numpy as np

from kerasfg.export.quiet import quiet
from kerasfg.export.runtime.contract import Port
from kerasfg.export.runtime.contract import check_images
from kerasfg.export.runtime.contract import check_ports
from kerasfg.one_line import one_line

_DTYPES = {"tensor(uint8)": "uint8", "tensor(float)": "float32"}
_STANDARD_DOMAINS = ("", "ai.onnx")


class ONNXClassifier:
    """A classifier run by `onnxruntime` on the CPU, one picture at a time.

    Args:
        contents: Bytes of the file.
        num_threads: Threads to run on. Defaults to `None`: one for each core.

    Raises:
        ValueError: If they are not a whole ONNX model, or not a classifier
            with one uint8 picture in and float32 probabilities out.
    """

    def __init__(self, contents, num_threads=None):
        with quiet():
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.log_severity_level = 4  # errors are raised instead
            options.intra_op_num_threads = num_threads or 0
            try:
                self._session = onnxruntime.InferenceSession(
                    contents,
                    options,
                    providers=["CPUExecutionProvider"],
                    enable_fallback=0,  # it prints, and tries the same again
                )
            # onnxruntime's errors share no base class
            except Exception as error:
                raise ValueError(
                    "this is not an ONNX model, or it is broken: "
                    f"{one_line(error)}"
                ) from error
        self.image_size, self.num_classes, places = check_ports(
            _ports(self._session.get_inputs()),
            _ports(self._session.get_outputs()),
        )
        self._input = self._session.get_inputs()[0].name
        outputs = [x.name for x in self._session.get_outputs()]
        self._outputs = [outputs[x] for x in places if x is not None]
        self._contents = contents

    def __reduce__(self):
        """Is copied to other processes as its file, one thread in each."""
        return type(self), (self._contents, 1)

    @property
    def has_familiarity(self):
        """Whether the file gives the familiarity as well."""
        return len(self._outputs) == 2

    @functools.cached_property
    def operators(self):
        """Sorted names; one of another domain than ONNX's has a colon."""
        return onnx_operators(self._contents)

    def predict(self, images):
        """Returns probabilities, float32 `(pictures, classes)`.

        Args:
            images: uint8 `(pictures, N, N, 3)`.

        Raises:
            ValueError: If `images` have another shape or dtype.
            RuntimeError: If the model does not run.
        """
        return self.predict_with_familiarity(images)[0]

    def predict_with_familiarity(self, images):
        """Returns probabilities as `predict`, and the familiarity.

        Args:
            images: uint8 `(pictures, N, N, 3)`.

        Returns:
            `(probabilities, familiarity)`; the second is float32
            `(pictures,)`, from 0 to 1, known from 0.5 on, or `None` if the
            file does not give it.

        Raises:
            ValueError: If `images` have another shape or dtype.
            RuntimeError: If the model does not run.
        """
        images = check_images(images, self.image_size)
        try:
            rows = [
                self._session.run(self._outputs, {self._input: image[None]})
                for image in images
            ]
        except Exception as error:
            raise RuntimeError(one_line(error)) from error
        parts = [np.concatenate(part) for part in zip(*rows, strict=True)]
        return parts[0], parts[1][:, 0] if self.has_familiarity else None


def onnx_operators(contents):
    """Lists the operators that an `.onnx` file uses, in loops as well.

    Args:
        contents: Bytes of the file.

    Returns:
        Sorted tuple of names such as `"Conv"`; one of another domain than
        ONNX's own is `"domain:name"`.
    """
    import onnx

    proto = onnx.load_model_from_string(contents)
    names = set()
    bodies = [proto.graph, *proto.functions]
    while bodies:
        for node in bodies.pop().node:
            standard = node.domain in _STANDARD_DOMAINS
            names.add(
                node.op_type if standard else f"{node.domain}:{node.op_type}"
            )
            for attribute in node.attribute:
                bodies += [attribute.g, *attribute.graphs]
    return tuple(sorted(names))


def _ports(values):
    return [
        Port(
            value.name,
            _DTYPES.get(value.type, value.type),
            tuple(value.shape),  # a size that is left open has a name
        )
        for value in values
    ]
