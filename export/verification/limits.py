"""Limits: allowed differences of an exported file from the Keras model."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of the differences from Keras. `None` means no limit.

    At least one picture may always differ, unless `agreement` is 1: of fifty
    pictures, one is already 2 points.

    Args:
        max_difference: Largest difference of a probability. Defaults to
            `None`.
        agreement: Smallest share of the pictures with the same top class as
            Keras. Defaults to `None`.
        accuracy_drop: Largest drop of the accuracy from that of Keras, a share
            of the labelled pictures. Without labels it is the largest share of
            the pictures with another top class. Defaults to `None`.
    """

    max_difference: float | None = None
    agreement: float | None = None
    accuracy_drop: float | None = None

    def __post_init__(self):
        for name, value in dataclasses.asdict(self).items():
            if value is not None and not 0 <= value <= 1:
                raise ValueError(
                    f"`{name}` must be from 0 to 1, or None. "
                    f"Received: {name}={value}"
                )


LIMITS = {
    "float32": Limits(max_difference=1e-4, agreement=1.0),
    "float16": Limits(max_difference=1e-2),
    "dynamic": Limits(accuracy_drop=0.01),
    "int8": Limits(accuracy_drop=0.01),
    "micro": Limits(accuracy_drop=0.01),
    "mixed": Limits(accuracy_drop=0.01),
}


def check_max_drop(max_drop):
    """Raises `ValueError` unless an allowed drop of the accuracy is a share."""
    if not 0 <= max_drop <= 1:
        raise ValueError(
            "`max_drop` must be from 0 to 1: 0.01 is one of a hundred "
            f"pictures. Received: max_drop={max_drop}"
        )
