"""Recommends one of the exported files."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasfg.export.measurement.benchmark import Measurement
    from kerasfg.export.verification.verify import Verification

_NEARLY_AS_FAST = 1.1
_FLOAT32 = "float32"


def recommend(
    measurements: Iterable[Measurement],
    verifications: Mapping[str, Verification],
) -> tuple[str | None, str]:
    """Recommends the smallest of the fastest files that passed.

    Candidates are the `.tflite` files that passed their verification and whose
    time, for the fewest threads, is within 10 % of the fastest one. The
    smallest candidate is recommended.

    Args:
        measurements: `Measurement`s of one `benchmark`.
        verifications: `{file: Verification}` of the files to choose from, all
            with the same pictures.

    Returns:
        `(file, reason)`: the name of a file and a sentence. The name is `None`
        if no file passed.

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
        return None, "No measured .tflite file is within its limits."
    times = {name: _median_ms(measured[name]) for name in passed}
    limit = _NEARLY_AS_FAST * min(times.values())
    nearly = [name for name in passed if times[name] <= limit]
    best = min(nearly, key=lambda name: (measured[name].bytes, times[name]))
    return best, _reason(best, times, measured, verifications)


def _median_ms(measurement):
    threads = min(measurement.latency)
    return measurement.latency[threads][0]


def _reason(best, times, measured, verifications):
    found = verifications[best]
    accuracy = f"same top class as Keras for {_percent(found.top_1_agreement)}"
    if found.accuracy is not None:
        accuracy = (
            f"accuracy {_percent(found.accuracy)} "
            f"(Keras {_percent(found.keras_accuracy)})"
        )
    whole = next((x for x in times if verifications[x].variant == _FLOAT32), "")
    if not whole or whole == best:
        megabytes = measured[best].bytes / 1e6
        reason = f"{times[best]:.1f} ms and {megabytes:.1f} MB"
        if len(times) > 1:
            reason += "; smaller files are slower"
        return f"{reason}; {accuracy}."
    time = times[best] / times[whole]
    size = measured[best].bytes / measured[whole].bytes
    return f"{time:.2f} of float32's time, {size:.2f} of its bytes, {accuracy}."


def _percent(share):
    return f"{100 * share:.1f} %"
