"""Recognizes the classifiers of KerasHub and of kerasfg."""

import sys


def is_hub_classifier(model):
    """Returns whether a model is a `keras_hub.models.ImageClassifier`."""
    # Such a model exists only if KerasHub, which is slow, was imported.
    hub = sys.modules.get("keras_hub")
    return hub is not None and isinstance(model, hub.models.ImageClassifier)


def image_converter(model):
    """Returns the `ImageConverter` that `predict` applies before the network.

    Args:
        model: Any `keras.Model`.

    Returns:
        A `keras_hub.layers.ImageConverter` whose effect on pixels is fully
        given by its arguments, or `None` if there is none.
    """
    if not is_hub_classifier(model):
        return None
    import keras_hub

    preprocessor = model.preprocessor
    converter = getattr(preprocessor, "image_converter", None)
    if not (
        isinstance(preprocessor, keras_hub.models.ImageClassifierPreprocessor)
        and isinstance(converter, keras_hub.layers.ImageConverter)
    ):
        return None
    has_original_calls = (
        type(preprocessor).call
        is keras_hub.models.ImageClassifierPreprocessor.call
        and type(converter).call is keras_hub.layers.ImageConverter.call
    )
    return converter if has_original_calls else None


_REGISTERED = "kerasfg>FineGrainedClassifier"


def is_own_model(model):
    """Returns whether a model is a `kerasfg.models.FineGrainedClassifier`.

    Such a model takes pixels from 0 to 255 and returns probabilities. The
    class is not imported, since export works on any Keras model.
    """
    import keras

    names = map(keras.saving.get_registered_name, type(model).__mro__)
    return _REGISTERED in names
