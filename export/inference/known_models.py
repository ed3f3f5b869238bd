"""What is known of the classifiers of KerasHub and of kerasfg."""

import sys


def is_hub_classifier(model):
    """Tells whether a model is a `keras_hub.models.ImageClassifier`."""
    # Whoever has such a model has imported KerasHub, which takes seconds.
    hub = sys.modules.get("keras_hub")
    return hub is not None and isinstance(model, hub.models.ImageClassifier)


def image_converter(model):
    """Returns the `ImageConverter` that `predict` puts before the network.

    Args:
        model: Any `keras.Model`.

    Returns:
        A `keras_hub.layers.ImageConverter` whose arguments say all that it
        does to pixels, or `None` where there is none.
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
    own_ways = (
        type(preprocessor).call
        is keras_hub.models.ImageClassifierPreprocessor.call
        and type(converter).call is keras_hub.layers.ImageConverter.call
    )
    return converter if own_ways else None


_REGISTERED = "kerasfg>FineGrainedClassifier"


def is_own_model(model):
    """Tells whether a model is a `kerasfg.models.FineGrainedClassifier`.

    It takes pixels from 0 to 255 and gives probabilities. Its class is not
    imported, since export works on any Keras model.
    """
    import keras

    names = map(keras.saving.get_registered_name, type(model).__mro__)
    return _REGISTERED in names
