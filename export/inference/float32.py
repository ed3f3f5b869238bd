"""Converts a model of mixed precision to float32."""


def in_float32(model):
    """Returns the model, or a copy, with all its computation in float32.

    The converters have no float16 convolution. The weights of a model trained
    in mixed precision are float32. So the model is built again from its
    configuration with float32 policies, and the weights are copied.

    Args:
        model: `keras.Model`. It is not changed.

    Returns:
        The model itself if it computes in float32, otherwise a copy.

    Raises:
        ValueError: If the copy cannot be built.
    """
    if not _other_precision(model):
        return model
    import keras

    policy = keras.config.dtype_policy()
    try:
        # A layer inside a layer often uses the global policy.
        keras.config.set_dtype_policy("float32")
        config = keras.saving.serialize_keras_object(model)
        copy = keras.saving.deserialize_keras_object(
            _with_float32_policies(config), safe_mode=False
        )
        copy.set_weights(model.get_weights())
    except (TypeError, ValueError) as error:
        raise ValueError(
            "A model in mixed precision is exported in float32, but this one "
            f"cannot be built again from its configuration: {error}"
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
    left = _other_precision(copy)
    if left:
        raise ValueError(
            f"Layer '{left[0].name}' always computes in "
            f"{left[0].compute_dtype}; only float32 can be exported. Received: "
            f"dtype_policy={left[0].dtype_policy.name}"
        )
    return copy


def _other_precision(model):
    return [
        layer
        for layer in model._flatten_layers()
        if "float" in layer.compute_dtype and layer.compute_dtype != "float32"
    ]


def _with_float32_policies(config):
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return {**config, "config": {"name": "float32"}}
        return {
            key: "float32"
            if key == "dtype" and str(value).startswith(("mixed_", "bfloat"))
            else _with_float32_policies(value)
            for key, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        return [_with_float32_policies(value) for value in config]
    return config
