"""TFLiteClassifier: a .tflite file that runs in LiteRT."""

import functools

import numpy as np

from kerasfg.export.micro.eight_bits import is_int8
from kerasfg.export.micro.eight_bits import to_int8
from kerasfg.export.micro.eight_bits import to_probabilities
from kerasfg.export.quiet import quiet
from kerasfg.export.runtime.contract import Port
from kerasfg.export.runtime.contract import check_images
from kerasfg.export.runtime.contract import check_ports
from kerasfg.export.tflite_file.graph import operator_kind
from kerasfg.one_line import one_line


class TFLiteClassifier:
    """A classifier run by `ai_edge_litert`, one picture at a time.

    Args:
        contents: Bytes of the file.
        num_threads: Threads to run on. Defaults to `None`: LiteRT's choice.

    Attributes:
        image_size: N of its input.
        num_classes: Number of its classes.
        is_int8: Whether it is a file for microcontrollers, whose probabilities
            are multiples of 1/256 and add up only to about 1; see
            `with_sum_1` in `kerasfg.export.micro.eight_bits`.

    Raises:
        ValueError: If they are not a whole `.tflite` model, or not a
            classifier with one uint8 picture in and float32 probabilities out,
            or the int8 of `kerasfg.export.micro`, which is converted.
    """

    def __init__(self, contents, num_threads=None):
        if contents[4:8] != b"TFL3":
            raise ValueError("this is not a TensorFlow Lite model")
        self._contents = contents
        try:
            self._start(num_threads)
        except (RuntimeError, ValueError) as error:
            raise ValueError(
                f"the model is broken, or cannot run: {one_line(error)}"
            ) from error
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        self.image_size, self.num_classes, self._places = check_ports(
            _ports(inputs, "uint8" if self.is_int8 else None),
            _ports(outputs, "float32" if self.is_int8 else None),
        )

    def __reduce__(self):
        """Is copied to other processes as its file, one thread in each."""
        return type(self), (self._contents, 1)

    @property
    def has_familiarity(self):
        """Whether the file gives the familiarity as well."""
        return self._places[1] is not None

    @functools.cached_property
    def operators(self):
        """Sorted names; one that is not builtin has a colon."""
        return tflite_operators(self._contents)

    def _start(self, num_threads):
        from ai_edge_litert.interpreter import OpResolverType

        self._interpreter = self._interpreted(num_threads, OpResolverType.AUTO)
        # A file for microcontrollers takes pixels as the others do, and gives
        # what it gives there: faster kernels would round otherwise.
        self.is_int8 = is_int8(
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        if self.is_int8:
            reference = OpResolverType.BUILTIN_REF
            self._interpreter = self._interpreted(num_threads, reference)

    def _interpreted(self, num_threads, kernels):
        from ai_edge_litert.interpreter import Interpreter

        with quiet():  # it logs which delegate it uses
            interpreter = Interpreter(
                model_content=self._contents,
                num_threads=num_threads,
                experimental_op_resolver_type=kernels,
            )
            interpreter.allocate_tensors()
        return interpreter

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
        source = self._interpreter.get_input_details()[0]["index"]
        outputs = self._interpreter.get_output_details()
        target, other = (
            None if place is None else outputs[place]["index"]
            for place in self._places
        )
        probabilities = np.empty((len(images), self.num_classes), "float32")
        known = np.empty(len(images), "float32")
        for i, image in enumerate(to_int8(images) if self.is_int8 else images):
            self._interpreter.set_tensor(source, image[None])
            self._interpreter.invoke()
            given = self._interpreter.get_tensor(target)[0]
            probabilities[i] = (
                to_probabilities(given) if self.is_int8 else given
            )
            if other is not None:
                known[i] = self._interpreter.get_tensor(other)[0, 0]
        return probabilities, None if other is None else known


def tflite_operators(contents):
    """Lists the operators that the graphs of a `.tflite` file use.

    Args:
        contents: Bytes of the file.

    Returns:
        Sorted tuple of names such as `"CONV_2D"`; one that is not builtin is
        `"CUSTOM:"` and its name, such as `"CUSTOM:FlexIRFFT"`.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAsModel(contents, 0)
    names = set()
    for i in range(model.SubgraphsLength()):
        graph = model.Subgraphs(i)
        for j in range(graph.OperatorsLength()):
            names.add(operator_kind(model, graph.Operators(j)))
    return tuple(sorted(names))


def _ports(details, dtype=None):
    return [
        Port(
            name=tensor["name"],
            dtype=dtype or np.dtype(tensor["dtype"]).name,
            # -1 where a file leaves the size open
            shape=tuple(int(size) for size in tensor["shape_signature"]),
        )
        for tensor in details
    ]
