"""Refuses operators that files for the phone must not contain."""

import re

# Converters drop or miscompute some of these without an error.
_REFUSED = (
    (
        r"(Batch)?I?R?I?FFT\w*|Complex(Abs)?|Real|Imag|Conj|Angle",
        "Runtimes of phones have no Fourier transform or complex numbers: "
        "write the transform as products with constant matrices of cosines and "
        "sines.",
    ),
    (
        r"ScaleAndTranslate|ResizeArea|ResizeBicubic",
        "Runtimes of phones cannot resize with antialiasing, by area, bicubic "
        "or Lanczos: resize by nearest or bilinear without antialiasing, or by "
        "products with two constant matrices.",
    ),
    (
        r"\w*PyFunc\w*",
        "A file cannot contain Python code: write the layer in `keras.ops`.",
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
        "Runtimes of phones have no strings, string tables or printing: leave "
        "out everything but arithmetic.",
    ),
    (
        r"Assign\w*|Resource(Apply|Sparse|Scatter|Strided)\w*",
        "A file contains only constants: change a weight only where `training` "
        "is true.",
    ),
)


def check_operators(traced):
    """Refuses operators that converters drop or convert wrongly.

    Operators that the converters refuse themselves are not checked.

    Args:
        traced: `TracedOperators`.

    Raises:
        ValueError: If there is such an operator. The message names the layer
            and an alternative.
    """
    for pattern, reason in _REFUSED:
        refused = {x for x in traced.names if re.fullmatch(pattern, x)}
        if refused:
            raise ValueError(f"{reason} Received: {traced.places(refused)}")
