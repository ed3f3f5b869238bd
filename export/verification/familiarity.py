"""Compares the familiarity that an exported file gives with Keras's."""

import math

import numpy as np

THRESHOLD = 0.5
MAX_DIFFERENCE = 1e-4  # of a float32 file
AGREEMENT = 0.98  # of the others


def judge_familiarity(given, expected, variant):
    """Compares the familiarity of pictures by a file with that by Keras.

    Args:
        given: Of the file, `(pictures,)`.
        expected: Of Keras, `(pictures,)`.
        variant: `"float32"` or one of `kerasfg.export.quantize`.

    Returns:
        `(difference, agreement, failure)`: the largest difference; the share
        of the pictures that are known, or not, to both, where what Keras has
        within the allowed difference of the threshold agrees; and a sentence
        on a limit that is not kept, or `None`. One picture may always differ,
        but in a float32 file.
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
            f"For {others} of {len(given)} pictures it disagrees with Keras "
            f"whether they are familiar; allowed: {allowed}."
        )
    return difference, agreement, failure


def _farthest(given, expected):
    return int(np.argmax(np.abs(given - expected)))
