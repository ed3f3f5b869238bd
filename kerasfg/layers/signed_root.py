"""The normalization of second-order features: signed root, then L2 norm."""

from keras import ops


def signed_root(x, epsilon):
    """Computes `sign(x) * sqrt(abs(x))` and scales each row to unit L2 norm.

    Formula:

    ```python
    root = x / sqrt(abs(x) + epsilon)
    root / sqrt(max(sum(root**2), epsilon))
    ```

    which is smooth at 0, unlike the plain root. A row of zeros is mapped to
    zeros, with a finite gradient.

    Args:
        x: Float32 tensor of shape `(batch, dim)`.
        epsilon: Small positive float.

    Returns:
        Tensor of the shape of `x`, of unit L2 norm except where the absolute
        values of a row add up to less than about `epsilon`.
    """
    root = x * ops.rsqrt(ops.abs(x) + epsilon)
    squares = ops.sum(ops.square(root), axis=-1, keepdims=True)
    return root * ops.rsqrt(ops.maximum(squares, epsilon))


def check_epsilon(epsilon):
    """Raises a `ValueError` unless `epsilon` is positive."""
    if not epsilon > 0:
        raise ValueError(
            f"Argument `epsilon` must be positive. Received: epsilon={epsilon}"
        )
