"""A small network with the operators of the toolkit, and its files."""

import keras
import numpy as np

from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export import export
from kerasfg.layers import BilinearPooling
from kerasfg.layers import ResidualSigmoidAttention

SIZE = 32
PER_CLASS = 30


def export_network(out):
    """Draws birds, trains for some seconds, and exports all variants.

    Args:
        out: Folder of the export.
    """
    source = field_guide(PER_CLASS)
    images = np.stack(
        [shrink(source.read(i), SIZE) for i in range(len(source))]
    )
    labels = np.asarray(source.labels)
    model = _network(len(source.class_names))
    model.fit(images.astype("float32"), labels, epochs=15, verbose=0)
    # It has learned these pictures by heart: its accuracy is not tested.
    export(
        model,
        out,
        images[::4],
        variants="all",
        labels=labels[::4],
        calibration=images[1::3],
        class_names=source.class_names,
        metadata={"name": "Field guide"},
        max_drop=0.1,
    )


def _network(num_classes):
    """Convolutions, also a depthwise one, attention, bilinear pooling."""
    keras.utils.set_random_seed(0)
    images = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    x = _convolved(x, keras.layers.Conv2D(16, 3, padding="same"))
    x = keras.layers.MaxPooling2D()(x)
    y = _convolved(x, keras.layers.DepthwiseConv2D(3, padding="same"))
    x = keras.layers.Add()([x, y])
    for filters in (32, 48):
        x = _convolved(
            x, keras.layers.Conv2D(filters, 3, strides=2, padding="same")
        )
    x = ResidualSigmoidAttention()(x)
    x = BilinearPooling()(x)
    x = keras.layers.Dense(num_classes)(x)
    model = keras.Model(images, keras.layers.Softmax()(x))
    model.compile(
        keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy"
    )
    return model


def _convolved(x, convolution):
    x = keras.layers.BatchNormalization(momentum=0.8)(convolution(x))
    return keras.layers.ReLU()(x)
