"""How far an exported file may be from the Keras model."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a file must keep to. `None` stands for no limit.

    Args:
        max_difference: Largest difference of a probability. Defaults to
            `None`.
        agreement: Smallest share of the pictures whose top class is Keras's
            own. Defaults to `None`.
        accuracy_drop: Largest share of the labelled pictures that fewer are
            right than by Keras. Where there are no labels it is the largest
            share whose top class is another one. Defaults to `None`.

    Of some fifty pictures each one is 2 points: one is always allowed, but for
    an agreement of 1.
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
    "mixed": Limits(accuracy_drop=0.01),
}
