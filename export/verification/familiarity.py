"""Compares the familiarity that an exported file gives with Keras's."""

import math

import numpy as np

THRESHOLD = 0.5
MAX_DIFFERENCE = 1e-4  # of a float32 file
AGREEMENT = 0.98  # of the others


def judge_familiarity(given, expected, variant):
    """Compares the familiarity of pictures in a file with that in Keras.

    Args:
        given: Of the file, `(pictures,)`.
        expected: Of Keras, `(pictures,)`.
        variant: `"float32"` or one of `kerasfg.export.quantize`.

    Returns:
        `(difference, agreement, failure)`: the largest difference; the share
        of the pictures that both find known, or both unknown (in float32,
        pictures nearer to the threshold than the allowed difference count as
        agreeing); and a sentence on the limit that is exceeded, or `None`.
        Except in a float32 file, one picture may always differ.
    """
    given, expected = np.asarray(given), np.asarray(expected)
    exact = variant == "float32"
    difference = float(np.abs(given - expected).max())
    alike = (given >= THRESHOLD) == (expected >= THRESHOLD)
    if exact:
        alike |= np.abs(expected - THRESHOLD) < MAX_DIFFERENCE
    agreement = float(alike.mean())
    failure = None
    if exact and not difference <= MAX_DIFFERENCE:
        failure = (
            f"The familiarity of picture {_farthest(given, expected)} of "
            f"{len(given)} differs by {difference:.2g} from Keras's, more than "
            f"{MAX_DIFFERENCE:g}."
        )
    allowed = max(1, math.floor((1 - AGREEMENT) * len(given) + 1e-9))
    others = int(np.sum(~alike))
    if not exact and others > allowed:
        failure = (
            f"It disagrees with Keras on whether {others} of {len(given)} "
            f"pictures are familiar; {allowed} may differ."
        )
    return difference, agreement, failure


def _farthest(given, expected):
    return int(np.argmax(np.abs(given - expected)))
