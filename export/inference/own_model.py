"""Models of kerasfg, known by the name that they are registered by."""

_REGISTERED = "kerasfg>FineGrainedClassifier"


def is_own_model(model):
    """Tells whether a model is a `kerasfg.models.FineGrainedClassifier`.

    It takes pixels from 0 to 255 and gives probabilities. Its class is not
    imported, since export works on any Keras model.
    """
    import keras

    names = map(keras.saving.get_registered_name, type(model).__mro__)
    return _REGISTERED in names
