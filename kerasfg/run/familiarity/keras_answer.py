"""Probabilities and familiarity of a Keras model."""

import numpy as np

from kerasfg.run.familiarity.fit_model import score
from kerasfg.run.familiarity.network import network_of


def with_familiarity(model, head):
    """Returns a function that classifies and computes the familiarity.

    Args:
        model: A `FineGrainedClassifier`.
        head: Its `Familiarity`.

    Returns:
        Function from uint8 images `(n, size, size, 3)` to `(probabilities,
        familiarity)`, float32 `(n, classes)` and `(n,)`.

    Raises:
        ValueError: If the model has no features. The function: if `head` is of
            another model.
    """
    compute = network_of(model, ("probabilities", "features", "logits"))
    if compute is None:
        raise ValueError(
            "A familiarity.npz needs a model whose network gives its "
            "features: remove it.  Received: a model without features"
        )

    def classify(images):
        images = np.asarray(images, "float32")
        found = compute.predict(images, verbose=0)
        probabilities, features, logits = (
            np.asarray(part, "float32") for part in found
        )
        return probabilities, score(head, features, logits)

    return classify
