"""A small network that classifies the birds of the field guide."""

import keras
import numpy as np

from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.data.field_guide.field_guide import field_guide_attributes
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export import export

SIZE = 32
PER_CLASS = 40


def export_network(out):
    """Draws pictures, trains for some seconds, and exports all variants.

    Args:
        out: Folder of the export.
    """
    source = field_guide(PER_CLASS)
    images = np.stack(
        [shrink(source.read(i), SIZE) for i in range(len(source))]
    )
    labels = np.asarray(source.labels)
    model = _network(len(source.class_names))
    model.fit(images.astype("float32"), labels, epochs=12, verbose=0)
    # It has learned these pictures by heart: its accuracy is not tested.
    export(
        model,
        out,
        images[::4],
        variants="all",
        labels=labels[::4],
        calibration=images[1::8],
        class_names=source.class_names,
        metadata={
            "name": "Field guide",
            "temperature": 1.5,
            "threshold": 0.6,
            "class_attributes": attributes_of(source.class_names),
        },
    )


def _network(num_classes):
    keras.utils.set_random_seed(0)
    images = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    for filters in (16, 32, 64):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.8)(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Dense(num_classes)(keras.layers.Flatten()(x))
    model = keras.Model(images, keras.layers.Softmax()(x))
    model.compile(
        keras.optimizers.Adam(2e-3),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def attributes_of(class_names):
    """Returns the attributes of the birds, `{class: {attribute: value}}`."""
    table = {name: {} for name in class_names}
    for name, attribute, value in field_guide_attributes():
        table[name][attribute] = str(value)
    return table
