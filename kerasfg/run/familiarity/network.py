"""The part of a network that the familiarity is computed from."""


def network_of(model, names):
    """Returns the model from pixels to some outputs of a network.

    Args:
        model: `keras.Model`.
        names: Such as `("features", "logits")`.

    Returns:
        `keras.Model` with a list of outputs; `None` if the network does not
        name them, as that of a model that kerasfg did not make.
    """
    import keras  # slow

    network = getattr(model, "network", None)
    outputs = getattr(network, "output", None)
    if not isinstance(outputs, dict) or not {*names} <= {*outputs}:
        return None
    return keras.Model(network.inputs, [outputs[name] for name in names])
