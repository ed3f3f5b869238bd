"""A budget of latency: what `--latency` takes."""

import dataclasses
import math
import re

# Networks of the table cost less: more was meant in milliseconds.
_MOST = 2.0
_NUMBER = r"(\d+\.?\d*|\.\d+)"


@dataclasses.dataclass(frozen=True)
class Budget:
    """The most that a picture may take.

    Attributes:
        value: Milliseconds, or a ratio to the reference, EfficientNet-Lite0 at
            224 pixels.
        in_milliseconds: Whether it is in milliseconds.
    """

    value: float
    in_milliseconds: bool

    def ratio(self, reference):
        """Returns it as a ratio to the reference.

        Args:
            reference: Milliseconds of the reference on this machine; not
                needed for a ratio.
        """
        return self.value / reference if self.in_milliseconds else self.value


def read_budget(text):
    """Reads a budget.

    Args:
        text: Such as `"2.5ms"`, or `"0.33"` for a ratio.

    Returns:
        A `Budget`.

    Raises:
        ValueError: If it is none.

    Example:

    >>> read_budget("2.5 ms")
    Budget(value=2.5, in_milliseconds=True)
    """
    match = re.fullmatch(rf"\s*{_NUMBER}\s*(ms)?\s*", str(text), re.ASCII)
    value = float(match[1]) if match else 0.0
    if not value or not math.isfinite(value):
        raise ValueError(
            "`latency` must be milliseconds on this machine such as 2.5ms, or "
            "a ratio such as 0.33 to the latency of EfficientNet-Lite0 at 224 "
            f"pixels, above 0. Received: latency={text!r}"
        )
    in_milliseconds = match[2] is not None
    if value > _MOST and not in_milliseconds:
        raise ValueError(
            f"A `latency` without a unit is a ratio, of at most {_MOST:g}; for "
            f"milliseconds write {match[1]}ms. Received: latency={text!r}"
        )
    return Budget(value, in_milliseconds)
