"""Writes and reads the trainings of a grid as CSV."""

import csv
import io

ACCURACIES = ("val_accuracy", "test_accuracy", "test_top_3", "test_top_5")
SECONDS = ("training_seconds", "seconds_per_epoch")
DIGITS = 4  # of a share
BALANCED = "test_balanced"  # a column where it was measured
_TEST_AT = "test at "
_CONFUSED = "confused: "


def to_csv(rows, others=()):
    """Returns the text of a CSV file with a line for each training.

    Args:
        rows: Rows as for `kerasfg.reproduce.tables.summary.summarize`, which
            also contain `epochs`, `test_nll`, `training_seconds`,
            `seconds_per_epoch` and `recipe`, the digest of all settings of the
            training.
        others: Lines of an older file to append, from `other_lines`. Columns
            that only they have come last.
    """
    keys = dict.fromkeys(key for row in rows for key in row["values"])
    names = dict.fromkeys(name for row in rows for name in row["confusion"])
    sizes = sorted({size for row in rows for size in row["resolutions"]})
    has_rows = any(row["row"] for row in rows)
    balanced = [BALANCED] * any(row.get(BALANCED) is not None for row in rows)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    header = (
        [*(["row"] if has_rows else []), "method", *keys, "seed", "stage"]
        + ["epochs", *ACCURACIES, *balanced, "test_nll"]
        + [*(f"{_TEST_AT}{size}" for size in sizes)]
        + [*(f"{_CONFUSED}{name}" for name in names), *SECONDS, "recipe"]
    )
    other_keys = dict.fromkeys(key for line in others for key in line)
    extra = [key for key in other_keys if key not in header]
    writer.writerow(header + extra)
    for row in rows:
        writer.writerow(
            [*([row["row"]] if has_rows else []), row["method"]]
            + [row["values"].get(key, "") for key in keys]
            + [row["seed"], row["stage"], row["epochs"]]
            + [_share(row.get(key)) for key in (*ACCURACIES, *balanced)]
            + [_share(row["test_nll"])]
            + [_share(row["resolutions"].get(size)) for size in sizes]
            + [_share(row["confusion"].get(name)) for name in names]
            + [f"{row[key]:.1f}" for key in SECONDS]
            + [row["recipe"], *([""] * len(extra))]
        )
    for line in others:
        writer.writerow([line.get(key, "") for key in header + extra])
    return file.getvalue()


def from_csv(text):
    """Reads the text of a CSV file that `to_csv` wrote.

    Args:
        text: Text of the CSV file. Lines without a `recipe` are left out.

    Returns:
        Dictionary from digests to dictionaries of measurements as for
        `to_csv`, with shares of four digits. Empty if the file has other
        columns.
    """
    return {
        line["recipe"]: {
            "epochs": int(line["epochs"]),
            **{key: _number(line[key]) for key in (*ACCURACIES, "test_nll")},
            BALANCED: _number(line.get(BALANCED)),
            "resolutions": {
                int(key.removeprefix(_TEST_AT)): float(value)
                for key, value in line.items()
                if key.startswith(_TEST_AT) and value
            },
            "confusion": {
                key.removeprefix(_CONFUSED): float(value)
                for key, value in line.items()
                if key.startswith(_CONFUSED) and value
            },
            **{key: float(line[key]) for key in SECONDS},
        }
        for line in _read(text)
    }


def other_lines(rows, text):
    """Returns the lines of a CSV file that belong to other trainings.

    Args:
        rows: Rows as for `to_csv`.
        text: Text that `to_csv` returned earlier. Any other text has no lines.

    Returns:
        List of dictionaries of texts, one for each digest that is not among
        the rows.
    """
    own = {row["recipe"] for row in rows}
    lines = {line["recipe"]: line for line in _read(text)}
    return [line for digest, line in lines.items() if digest not in own]


def rounded(share):
    """Returns a share rounded as in a CSV file, and `None` for `None`."""
    return None if share is None else round(share, DIGITS)


def _read(text):
    """Returns the lines that have a digest; none if columns are missing."""
    lines = csv.DictReader(io.StringIO(text))
    columns = {"recipe", "epochs", *ACCURACIES, "test_nll", *SECONDS}
    if not columns <= set(lines.fieldnames or ()):
        return []
    return [line for line in lines if line["recipe"]]


def _number(text):
    return float(text) if text else None


def _share(value):
    return "" if value is None else f"{value:.{DIGITS}f}"
