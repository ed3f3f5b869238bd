"""Tables of verified and measured files, with a row for each file."""

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from kerasfg.export.measurement.benchmark import ALL_THREADS
from kerasfg.export.measurement.benchmark import KERAS
from kerasfg.terminal_text import visible

_NONE = "\N{EN DASH}"
PASSED = "passed"


def benchmark_rows(measurements, verifications, refused=None):
    """Joins the measurements and the verification of each file.

    Args:
        measurements: `Measurement`s; may be empty.
        verifications: `{file: Verification}`.
        refused: `{file: reason}` of files that did not run. Defaults to
            `None`: there are none.

    Returns:
        List of JSON-serializable dictionaries with `file`, `bytes`,
        `of_float32` (ratio of the bytes to those of the float32 file of the
        same format), `load_ms`, `peak_memory_mb`, `latency_ms` (`{threads:
        [median, p95]}`), `accuracy`, `agreement`, `max_difference` and
        `verdict` (`"passed"`, or the reason why not). Unknown values are
        `None`.
    """
    measured = {found.file: found for found in measurements}
    refused = refused or {}
    whole = {
        _format(name): found.bytes
        for name, found in reversed(verifications.items())
        if found.variant == "float32"
    }
    rows = {
        name: {
            "file": name,
            **_measured(measured.get(name)),
            **_verified(verifications.get(name), whole.get(_format(name))),
        }
        for name in dict.fromkeys([*verifications, *refused, *measured])
    }
    for name, why in refused.items():
        rows[name]["verdict"] = why
    if KERAS in rows and verifications:
        found = next(iter(verifications.values()))
        rows[KERAS]["accuracy"] = found.keras_accuracy
    return list(rows.values())


def benchmark_markdown(rows):
    """Returns the rows as a Markdown table.

    Args:
        rows: Result of `benchmark_rows`.
    """
    headers, *lines = _cells(rows)
    rule = ["---", *["---:"] * (len(headers) - 2), "---"]
    return "".join(
        f"| {' | '.join(x.replace('|', chr(92) + '|') for x in line)} |\n"
        for line in (headers, rule, *lines)
    )


def benchmark_table(rows):
    """Returns the most important columns as a `rich.table.Table`.

    It fits into 80 columns. Times are medians for the fewest threads, and the
    verdict of a file that did not pass is `"refused"`.

    Args:
        rows: Result of `benchmark_rows`.
    """
    table = Table(
        box=SIMPLE_HEAD,
        header_style="dim",
        pad_edge=False,
        show_edge=False,
        collapse_padding=True,
    )
    table.add_column("file", no_wrap=True)
    for header in ("MB", "ms", "accuracy", "as Keras", "difference"):
        table.add_column(header, justify="right")
    table.add_column("verdict")
    for row in rows:
        verdict = row["verdict"]
        refused = verdict not in (PASSED, None)
        median, _ = next(iter((row["latency_ms"] or {}).values()), (None, None))
        cells = (
            row["file"],
            _number(row["bytes"] and row["bytes"] / 1e6, ".2f"),
            _number(median, ".1f"),
            _percent(row["accuracy"]),
            _percent(row["agreement"]),
            _number(row["max_difference"], ".1e"),
            "refused" if refused else verdict or _NONE,
        )
        style = "red" if refused else ""
        table.add_row(*(Text(visible(cell), style) for cell in cells))
    return table


def _format(name):
    return name.rpartition(".")[2]


def _measured(found):
    if found is not None:
        return found.to_dict()
    return dict.fromkeys(("bytes", "load_ms", "peak_memory_mb", "latency_ms"))


def _verified(found, whole):
    if found is None:
        keys = ("of_float32", "accuracy", "agreement", "max_difference")
        return {**dict.fromkeys(keys), "verdict": None}
    return {
        "bytes": found.bytes,
        "of_float32": found.bytes / whole if whole else None,
        "accuracy": found.accuracy,
        "agreement": found.top_1_agreement,
        "max_difference": found.max_difference,
        "verdict": " ".join(found.failures) or PASSED,
    }


def _cells(rows):
    """Yields the header and a line for each row, lists of texts."""
    threads = dict.fromkeys(
        n for row in rows for n in row["latency_ms"] or () if n != ALL_THREADS
    )
    yield [
        "file",
        "MB",
        "of float32",
        "load ms",
        "memory MB",
        *(
            f"ms, {n} thread{'s' * (n != '1')} (95th percentile)"
            for n in threads
        ),
        "accuracy",
        "agreement",
        "largest difference",
        "verdict",
    ]
    for row in rows:
        latency = row["latency_ms"] or {}
        yield [
            row["file"],
            _number(row["bytes"] and row["bytes"] / 1e6, ".2f"),
            _number(row["of_float32"], ".2f"),
            _number(row["load_ms"], ".1f"),
            _number(row["peak_memory_mb"], ".0f"),
            # Times of Keras, with all threads, are in the first column.
            *(_time(latency, n, n == next(iter(threads))) for n in threads),
            _percent(row["accuracy"]),
            _percent(row["agreement"]),
            _number(row["max_difference"], ".1e"),
            row["verdict"] or _NONE,
        ]


def _time(latency, threads, is_first):
    if is_first and ALL_THREADS in latency:
        median, slow = latency[ALL_THREADS]
        return f"{median:.1f} ({slow:.1f}), all threads"
    if threads not in latency:
        return _NONE
    median, slow = latency[threads]
    return f"{median:.1f} ({slow:.1f})"


def _number(value, form):
    return _NONE if value is None else f"{value:{form}}"


def _percent(share):
    return _NONE if share is None else f"{100 * share:.1f} %"
