"""Keeps the histories of a grid's trainings next to its figure."""

import csv
import io
import statistics

from kerasfg.evaluation.report.history import read_history
from kerasfg.run.run_folder import write_text

COLUMNS = ("row", "method", "seed", "epoch", "val_accuracy", "seconds")


def read_histories(results, cells):
    """Reads the histories of trainings, and keeps them in a CSV file.

    Those of run folders are read, or else those of the same recipes in
    `OUT/NAME-history.csv`, which then holds all of them.

    Args:
        results: The `GridResults`.
        cells: The `Cell`s, all seeds of a line together.

    Returns:
        Dictionary from the name of each line (the method, after the row if
        there are several) to a list of histories, one for each seed. A history
        is a list of dictionaries with `epoch`, `val_accuracy` and `seconds` as
        texts.
    """
    file = results.file("-history.csv")
    kept = _read(file)
    several = len({cell.row for cell in cells}) > 1
    histories = {}
    for cell in cells:
        digest = cell.digest(results.grid)
        rows = read_history(results.run(cell).history) or kept.get(digest)
        if not rows:
            continue
        kept[digest] = [
            {"row": cell.row, "method": cell.method, "seed": cell.seed, **row}
            for row in rows
        ]
        name = f"{cell.row}, {cell.method}" if several else cell.method
        histories.setdefault(name, []).append(rows)
    if histories:
        write_text(file, _csv(kept))
    return histories


def write_epochs(histories, results):
    """Writes `OUT/NAME-epochs.md`: the accuracy after each epoch.

    Args:
        histories: Result of `read_histories`.
        results: The `GridResults`.
    """
    epochs = max(len(rows) for runs in histories.values() for rows in runs)
    header = ["after epoch", *map(str, range(1, epochs + 1))]
    lines = [header, ["---", *["---:"] * epochs]]
    for name, runs in histories.items():
        cells = [_mean(rows) for rows in zip(*runs, strict=False)]
        lines.append([name, *cells, *[""] * (epochs - len(cells))])
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    text = (
        f"# {results.grid.title}\n\n{table}\nValidation accuracy in percent, "
        "the mean over the seeds. Each training is in "
        f"`{results.file('-history.csv').name}`.\n"
    )
    write_text(results.file("-epochs.md"), text)


def _mean(rows):
    accuracies = [float(row["val_accuracy"]) for row in rows]
    return f"{100 * statistics.mean(accuracies):.1f}"


def _read(file):
    """Returns the histories of the CSV file by their recipes' digests."""
    kept = {}
    if file.exists():
        with open(file, newline="", encoding="utf-8") as lines:
            for line in csv.DictReader(lines):
                kept.setdefault(line.pop("recipe"), []).append(line)
    return kept


def _csv(kept):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, "recipe"])
    for digest, rows in kept.items():
        for row in rows:
            writer.writerow([*(row[key] for key in COLUMNS), digest])
    return text.getvalue()
