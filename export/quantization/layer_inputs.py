"""Collects what the weights of a layer are multiplied with."""

import numpy as np

# Positions in all pictures: enough for the hundreds of inputs of a layer, and
# for the few of a channel.
_SAMPLES, _CHANNEL_SAMPLES = 4000, 1000


def layer_inputs(values, operator, kernel, padding=0, depthwise=False):
    """Returns the numbers that the weights of a layer are multiplied with.

    Of a large map, some positions are drawn, the same in each call.

    Args:
        values: Input of the layer, `(pictures, 1, height, width, channels)`, or
            anything of that many pictures for a dense layer.
        operator: Operator of the schema.
        kernel: Shape of the weights: `(outputs, inputs)`,
            `(outputs, height, width, channels)` or
            `(1, height, width, channels)`.
        padding: Value around the map. Defaults to `0`.
        depthwise: Whether each channel has weights of its own. Defaults to
            `False`.

    Returns:
        Array `(groups, samples, inputs)` of the type of `values`: a group for
        each channel of a depthwise layer, otherwise one.
    """
    if len(kernel) == 2:
        return values.reshape(1, -1, kernel[1])
    samples = _CHANNEL_SAMPLES if depthwise else _SAMPLES
    found = _patches(
        values[:, 0], operator.builtinOptions, kernel, padding, samples
    )
    if depthwise:
        return np.ascontiguousarray(found.transpose(2, 0, 1))
    return found.reshape(1, len(found), -1)


def _patches(maps, options, kernel, padding, samples):
    """Returns `(samples, kernel positions, channels)`."""
    steps = options.strideH, options.strideW
    gaps = options.dilationHFactor, options.dilationWFactor
    sizes = []
    for axis, (step, gap) in enumerate(zip(steps, gaps, strict=True), 1):
        reach = (kernel[axis] - 1) * gap + 1
        side = maps.shape[axis]
        if options.padding == 0:  # "same" in the schema
            sizes.append(-(-side // step))
            missing = max((sizes[-1] - 1) * step + reach - side, 0)
            around = [(0, 0)] * 4
            around[axis] = missing // 2, missing - missing // 2
            maps = np.pad(maps, around, constant_values=padding)
        else:
            sizes.append((side - reach) // step + 1)
    drawn = _drawn(sizes[0] * sizes[1], -(-samples // len(maps)))
    row, column = np.divmod(drawn, sizes[1])
    rows = row[:, None, None] * steps[0] + (
        np.arange(kernel[1])[:, None] * gaps[0]
    )
    columns = column[:, None, None] * steps[1] + (
        np.arange(kernel[2])[None] * gaps[1]
    )
    found = maps[:, rows, columns]
    return found.reshape(-1, kernel[1] * kernel[2], maps.shape[-1])


def _drawn(positions, count):
    """Draws positions, the same of each picture."""
    random = np.random.default_rng(0)
    return np.sort(random.permutation(positions)[:count])
