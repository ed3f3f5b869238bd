"""Finds the rows of a centroid table that a batch refers to.

The table has one block of rows per attribute, and one row per value.
"""

import numpy as np
from keras import ops


def one_column_each(attribute_values, attributes):
    """Returns attribute values as int32 of shape `(batch, attributes)`."""
    values = ops.convert_to_tensor(attribute_values)
    if len(values.shape) == 1:
        values = values[:, None]
    if len(values.shape) != 2 or values.shape[1] != attributes:
        raise ValueError(
            "Attribute values must have the shape (batch, attributes), here "
            f"with {attributes} attributes. Received: shape "
            f"{tuple(values.shape)}"
        )
    return ops.cast(values, "int32")


def has_value(values, num_values):
    """Returns whether each sample belongs to each row, `(batch, rows)`."""
    attributes = np.repeat(np.arange(len(num_values)), num_values)
    # With bfloat16 as floatx, JAX would be given indices as floats.
    attributes = ops.convert_to_tensor(attributes, dtype="int32")
    row_values = np.concatenate([np.arange(n) for n in num_values])
    return ops.equal(
        ops.take(values, attributes, axis=1), row_values.astype("int32")
    )


def table_rows(values, num_values):
    """Returns the row of each sample and attribute, and whether it is known.

    The row of an unknown value is 0. Both have the shape `(batch, attributes)`.
    """
    sizes = np.asarray(num_values, "int32")
    known = (values >= 0) & (values < sizes)
    rows = values + (np.cumsum(sizes) - sizes).astype("int32")
    return ops.where(known, rows, 0), known


def slices(features, attributes):
    """Returns features as `(batch, attributes, dim)`, a slice for each."""
    dim = features.shape[-1] // attributes
    return ops.reshape(features[:, : attributes * dim], (-1, attributes, dim))
