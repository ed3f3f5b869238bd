"""Models that the page must refuse, and unusual ones that it must load."""

import base64
import json

import keras
import numpy as np
import tensorflow as tf

from kerasfg.export import export
from kerasfg.export.metadata import add_metadata

SIZE = 16
NAMES = ("amber", "blue", "coral")
MIDDLE = 0.75  # share of the square that one of them was trained on


def write_odd_models(folder):
    """Writes one `.tflite` for each problem, and the exports `two`, `many`."""
    folder.mkdir()
    for name, count in (("two", 2), ("many", 500)):
        model = _network(count)
        names = [f"class {i}" for i in range(count)]
        export(
            model,
            folder / name,
            _pictures(8),
            "tflite",
            class_names=names,
            metadata={"name": name},
        )
    good = (folder / "two" / f"model_pixels{SIZE}.tflite").read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 3] ^= 4
    model = _network(len(NAMES))
    plain = _convert(model)
    files = {
        "good": good,
        "frame": (folder / "two" / "model.tflite").read_bytes(),
        "middle": _described(plain, model, crop_fraction=MIDDLE),
        "flipped_byte": bytes(flipped),
        "cut_off": good[: len(good) // 2],
        "text": b"This is no model at all.",
        "no_metadata": plain,
        "no_manifest": add_metadata(
            plain, class_names=NAMES, image_size=SIZE, name="bare"
        ),
        "no_labels": _described(plain, model, class_names=[]),
        "wrong_size": _described(plain, model, image_size=SIZE // 2),
        "wrong_classes": _described(plain, model, class_names=["a", "b"]),
        "wrong_answer": _described(plain, model, shift=0.01),
        "flex": _described(_convert(_with_fourier(), flex=True), _network(3)),
        "dynamic_batch": _described(_convert(model, batch=None), model),
        "int8_input": _described(_convert(model, int8=True), model),
        "older_format": _described(plain, model, format=1),
    }  # fmt: skip
    for name, contents in files.items():
        (folder / f"{name}.tflite").write_bytes(contents)


def _network(count, extra=None):
    keras.utils.set_random_seed(count)
    images = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    x = keras.layers.Conv2D(4, 3, strides=4)(x)
    x = x if extra is None else extra(x)
    # Large weights, so that pictures differ in their classes.
    large = keras.initializers.RandomNormal(stddev=2.0, seed=0)
    x = keras.layers.Dense(count, kernel_initializer=large)(
        keras.layers.Flatten()(x)
    )
    return keras.Model(images, keras.layers.Softmax()(x))


class _Fourier(keras.layers.Layer):
    def call(self, inputs):
        return tf.signal.irfft(tf.signal.rfft(inputs), fft_length=[4])

    def compute_output_shape(self, input_shape):
        return input_shape


def _with_fourier():
    return _network(len(NAMES), _Fourier())


def _pictures(count):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, SIZE, SIZE, 3), dtype="uint8")


def _convert(model, batch=1, flex=False, int8=False):
    signature = tf.TensorSpec((batch, SIZE, SIZE, 3), tf.uint8, name="image")
    if int8:
        signature = tf.TensorSpec((batch, SIZE, SIZE, 3), name="image")

    @tf.function(input_signature=[signature])
    def serve(image):
        images = tf.cast(image, tf.float32)
        return {"probabilities": model(images, training=False)}

    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [serve.get_concrete_function()]  # with `model`, variables stay open
    )
    if flex:
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.TFLITE_BUILTINS,
            tf.lite.OpsSet.SELECT_TF_OPS,
        ]
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: (
            [image[None].astype("float32")] for image in _pictures(8)
        )
        converter.inference_input_type = tf.int8
    return converter.convert()


def _described(contents, model, shift=0.0, **changes):
    image = _pictures(1)[0]
    probabilities = np.asarray(model(image[None].astype("float32")))[0]
    manifest = {
        "format": 3,
        "name": "odd",
        "image_size": SIZE,
        "frame_size": None,
        "crop": "center",
        "crop_fraction": 1.0,
        "filter": "bicubic",
        "class_names": list(NAMES),
        "class_attributes": None,
        "temperature": None,
        "threshold": None,
        "self_test": {
            "image": base64.b64encode(image.tobytes()).decode(),
            "probabilities": (probabilities + shift).tolist(),
            "tolerance": 1e-4,
        },
        **changes,
    }
    if "image_size" in changes:
        size = manifest["image_size"]
        small = image[:size, :size].tobytes()
        manifest["self_test"]["image"] = base64.b64encode(small).decode()
    if changes.get("class_names"):
        manifest["self_test"]["probabilities"] = [0.5, 0.5]
    return add_metadata(
        contents,
        class_names=manifest["class_names"],
        image_size=SIZE,
        name="odd",
        files={"kerasfg.json": json.dumps(manifest).encode()},
    )
