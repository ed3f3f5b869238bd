"""Rounds the weights of a layer so that its results change least."""

import numpy as np

_BLOCK = 64  # weights whose corrections are gathered, for speed


def rounded_weights(weights, covariance, damping=0.01):
    """Rounds weights to integers from -127 to 127.

    Rounding each to the nearest is best only if the inputs are uncorrelated.
    Here the weights of an output are rounded one after the other, that of the
    most varying input first. The weights that are not rounded yet make up for
    the error of each rounding, as far as their inputs are correlated.

    Source: Frantar et al., "GPTQ: Accurate Post-Training Quantization for
    Generative Pre-trained Transformers" (ICLR 2023).

    Args:
        weights: In steps of the integers, `(groups, outputs, inputs)`.
        covariance: Of the inputs, `(groups, inputs, inputs)`.
        damping: What is added to each variance, in units of their mean: more
            where the covariance is known from few samples. Defaults to `0.01`.

    Returns:
        float64 array of integers, of the shape of `weights`.

    Example:

    >>> twins = np.ones((1, 2, 2))  # two inputs that are always the same
    >>> rounded_weights(np.array([[[0.4, 0.4]]]), twins).sum()
    np.float64(1.0)
    """
    order = np.argsort(-np.einsum("gii->gi", covariance), axis=1, kind="stable")
    weights = np.take_along_axis(
        np.asarray(weights, "float64"), order[:, None], 2
    )
    spread = _spread(np.asarray(covariance, "float64"), order, damping)
    rounded = np.empty_like(weights)
    count = weights.shape[2]
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        errors = np.empty((*weights.shape[:2], end - start))
        for i in range(start, end):
            rounded[..., i] = np.clip(np.round(weights[..., i]), -127, 127)
            error = weights[..., i] - rounded[..., i]
            error = error / spread[:, None, i, i]
            weights[..., i + 1 : end] -= (
                error[..., None] * spread[:, None, i, i + 1 : end]
            )
            errors[..., i - start] = error
        weights[..., end:] -= errors @ spread[:, start:end, end:]
    return np.take_along_axis(rounded, np.argsort(order, axis=1)[:, None], 2)


def refitted_weights(weights, covariance, covariance_of_error, strength=0.1):
    """Fits weights to inputs that rounding has changed.

    Ridge regression: with the inputs that the quantized network has, the
    weights should give what the float32 network gives, and stay near to what
    they were.

    Args:
        weights: `(groups, outputs, inputs)`.
        covariance: Of the changed inputs, `(groups, inputs, inputs)`.
        covariance_of_error: Of the changed inputs with the exact minus the
            changed ones, `(groups, inputs, inputs)`.
        strength: Of the pull to the given weights, in units of the mean
            variance of the inputs. Defaults to `0.1`.

    Returns:
        float64 array of the shape of `weights`.
    """
    wanted = covariance_of_error @ np.swapaxes(weights, 1, 2)
    change = np.linalg.solve(_damped(covariance, strength), wanted)
    return weights + np.swapaxes(change, 1, 2)


def _spread(covariance, order, damping):
    """Returns how the error of an input goes to the inputs after it."""
    covariance = np.take_along_axis(covariance, order[:, :, None], 1)
    covariance = np.take_along_axis(covariance, order[:, None, :], 2)
    inverse = np.linalg.inv(_damped(covariance, damping))
    return np.swapaxes(np.linalg.cholesky(inverse), 1, 2)


def _damped(covariance, strength):
    """Adds a share of the mean variance to the diagonals."""
    mean = np.einsum("gii->gi", covariance).mean(axis=1)
    mean = np.where(mean > 0, mean, 1.0)
    identity = np.eye(covariance.shape[1])
    return covariance + strength * mean[:, None, None] * identity
