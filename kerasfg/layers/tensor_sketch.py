"""Tensor sketch of summed outer products by two exact methods."""

import math

from keras import ops

# Time for an entry of the Gram matrix divided by that for a step of the FFT,
# forward and backward, measured on a CPU: 64 to 512 channels, 1,024 to 8,192
# dimensions, maps from 1 x 1 to 10 x 10.
GRAM_ENTRY_COST = 12.0


def fft_is_cheaper(positions, first_channels, second_channels, dim):
    """Returns whether `sketch_by_fft` is faster than `sketch_by_gram`.

    The first computes two FFTs per position and one inverse FFT, the second
    adds one number for each entry of the Gram matrix.

    Args:
        positions: Number of positions, `height * width`.
        first_channels: Number of channels of the first map.
        second_channels: Number of channels of the second map.
        dim: Size of the sketch.

    Returns:
        Boolean.
    """
    fft = (2 * positions + 1) * dim * math.log2(max(dim, 2))
    gram = first_channels * second_channels * GRAM_ENTRY_COST
    return fft < gram


def sketch_by_gram(first, second, hashes, signs, dim):
    """Sums the outer products over positions, then sketches the sum.

    Formula:

    ```python
    gram[i, j] = sum(first[n, i] * second[n, j] for n in positions)
    sketch[k] = sum(
        signs[0][i] * signs[1][j] * gram[i, j]
        for i, j if (hashes[0][i] + hashes[1][j]) % dim == k
    )
    ```

    The sketch is linear in the outer product, so this is the sum of the
    sketches of all positions. Every runtime has its operators.

    Args:
        first: Features of shape `(batch, positions, channels)`, float32.
        second: Features of shape `(batch, positions, other_channels)`.
        hashes: Pair of int32 vectors, values in `[0, dim)`, one per channel.
        signs: Pair of float32 vectors of 1 and -1, one per channel.
        dim: Size of the sketch.

    Returns:
        Sketches of shape `(batch, dim)`.
    """
    first = ops.transpose(first * signs[0], (0, 2, 1))
    gram = ops.matmul(first, second * signs[1])  # (b, c1, c2)
    buckets = hashes[0][:, None] + hashes[1][None]
    # The remainder of a number below 2 * dim; a division would take longer.
    buckets = buckets - dim * ops.cast(buckets >= dim, "int32")
    return _sums_by_bucket(gram, ops.reshape(buckets, (-1,)), dim)


def sketch_by_fft(first, second, hashes, signs, dim):
    """Convolves the count sketches of each position, and sums over positions.

    A circular convolution is a product of Fourier transforms, and the inverse
    transform is linear, so one is enough for all positions. Arguments and
    result are those of `sketch_by_gram`.
    """
    positions = ops.shape(first)[1]
    sketches = []
    for rows, buckets, sign in zip((first, second), hashes, signs, strict=True):
        flat = ops.reshape(rows * sign, (-1, rows.shape[2]))
        counts = _sums_by_bucket(flat, buckets, dim)
        sketches.append(ops.reshape(counts, (-1, positions, dim)))
    return _summed_convolution(dim)(*sketches)


def _summed_convolution(dim):
    """Returns a function that convolves two tensors and sums over positions.

    The tensors are `(batch, positions, dim)`, convolved along the last axis.
    The gradient correlates the upstream gradient with the other tensor; that
    of TensorFlow's real FFT takes a third more time.
    """

    @ops.custom_gradient
    def convolve(first, second):
        a, b = ops.rfft(first), ops.rfft(second)
        real, imaginary = _product(a, b)
        spectrum = ops.sum(real, axis=1), ops.sum(imaginary, axis=1)

        def gradient(*args, upstream=None):  # PyTorch passes it by name
            up = ops.rfft(args[0] if upstream is None else upstream)
            up = [part[:, None] for part in up]  # the same at all positions
            return tuple(
                ops.irfft(_product(up, (x[0], -x[1])), fft_length=dim)
                for x in (b, a)
            )

        return ops.irfft(spectrum, fft_length=dim), gradient

    return convolve


def _product(a, b):
    """The product of two complex numbers `(real, imaginary)`."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _sums_by_bucket(rows, buckets, dim):
    """Adds up the entries of each row by bucket: `(count, dim)`.

    It is one flat sum in which each row has buckets of its own, which needs no
    transposition.
    """
    count = ops.shape(rows)[0]
    offsets = ops.arange(count, dtype="int32") * dim
    segments = ops.reshape(offsets[:, None] + buckets[None], (-1,))
    sums = ops.segment_sum(
        ops.reshape(rows, (-1,)), segments, num_segments=count * dim
    )
    return ops.reshape(sums, (-1, dim))
