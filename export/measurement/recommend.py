"""Which of the exported files to take."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING

_NEARLY_AS_FAST = 1.1

if TYPE_CHECKING:
    from kerasfg.export.measurement.benchmark import Measurement
    from kerasfg.export.verification.verify import Verification
_FLOAT32 = "float32"


def recommend(
    measurements: Iterable[Measurement],
    verifications: Mapping[str, Verification],
) -> tuple[str | None, str]:
    """Names the file to take: fast, then small, among those that passed.

    Of the `.tflite` files that keep to their limits, those within 10 % of the
    fastest one on the fewest threads are equal, and the smallest of them is
    taken.

    Args:
        measurements: `Measurement`s of one `benchmark`.
        verifications: `{file: Verification}` of the files to choose from, all
            of the same pictures.

    Returns:
        `(file, why)`: a name and a sentence. The name is `None` if no file
        passed.

    Example:

    ```python
    file, why = recommend(benchmark(files, images), verifications)
    ```
    """
    measured = {found.file: found for found in measurements}
    passed = [
        name
        for name, found in verifications.items()
        if found.passed and name.endswith(".tflite") and name in measured
    ]
    if not passed:
        return None, "No .tflite file was measured and keeps to its limits."
    times = {name: _median_ms(measured[name]) for name in passed}
    limit = _NEARLY_AS_FAST * min(times.values())
    nearly = [name for name in passed if times[name] <= limit]
    taken = min(nearly, key=lambda name: (measured[name].bytes, times[name]))
    return taken, _why(taken, times, measured, verifications)


def _median_ms(measurement):
    threads = min(measurement.latency)
    return measurement.latency[threads][0]


def _why(taken, times, measured, verifications):
    found = verifications[taken]
    accuracy = f"top class as Keras's for {_percent(found.top_1_agreement)}"
    if found.accuracy is not None:
        accuracy = (
            f"accuracy {_percent(found.accuracy)} "
            f"(Keras {_percent(found.keras_accuracy)})"
        )
    whole = next((x for x in times if verifications[x].variant == _FLOAT32), "")
    if not whole or whole == taken:
        megabytes = measured[taken].bytes / 1e6
        reason = f"{times[taken]:.1f} ms and {megabytes:.1f} MB"
        if len(times) > 1:
            reason += "; what is smaller is slower"
        return f"{reason}; {accuracy}."
    time = times[taken] / times[whole]
    size = measured[taken].bytes / measured[whole].bytes
    return f"{time:.2f} of float32's time, {size:.2f} of its bytes, {accuracy}."


def _percent(share):
    return f"{100 * share:.1f} %"
