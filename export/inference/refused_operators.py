"""Operators that no file for the phone may hold, and what to do instead."""

import re

# Some of them a converter leaves out or gets wrong without a word.
_REFUSED = (
    (
        r"(Batch)?I?R?I?FFT\w*|Complex(Abs)?|Real|Imag|Conj|Angle",
        "No runtime of a phone has a Fourier transform or complex numbers: "
        "write the transform as products with constant matrices of cosines and "
        "sines.",
    ),
    (
        r"ScaleAndTranslate|ResizeArea|ResizeBicubic",
        "No runtime of a phone resizes with antialias, by area, bicubic or "
        "Lanczos: resize by nearest or bilinear without antialias, or by "
        "products with two constant matrices.",
    ),
    (
        r"\w*PyFunc\w*",
        "Python code does not travel with a file: write the layer in "
        "`keras.ops`.",
    ),
    (
        r"\w*Random\w*|\w*Multinomial|Rng\w+|\w*CandidateSampler"
        r"|Stateful(Uniform|StandardNormal|TruncatedNormal)\w*"
        r"|\w*TruncatedNormal\w*|StatelessShuffle",
        "The same picture must give the same probabilities: draw random "
        "numbers only where `training` is true.",
    ),
    (
        r"\w*String\w*|\w*Regex\w*|\w*Unicode\w*|\w*Table\w*|\w*Join|Substr"
        r"|(Decode|Encode)\w+|Print\w*|\w*Summary\w*",
        "No runtime of a phone has strings, tables of them, or a place to "
        "print to: leave out what is not arithmetic.",
    ),
    (
        r"Assign\w*|Resource(Apply|Sparse|Scatter|Strided)\w*",
        "A file holds constants: change a weight only where `training` is "
        "true.",
    ),
)


def check_operators(traced):
    """Refuses a graph that cannot become a file, or only a wrong one.

    What a converter refuses by itself is left to it.

    Args:
        traced: `TracedOperators`.

    Raises:
        ValueError: If it holds such an operator; says in which layer, and what
            to do instead.
    """
    for pattern, reason in _REFUSED:
        refused = {x for x in traced.names if re.fullmatch(pattern, x)}
        if refused:
            raise ValueError(f"{reason} Received: {traced.places(refused)}")
