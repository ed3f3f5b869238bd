"""Summarizes trainings over seeds: mean, spread and paired differences."""

import statistics
from decimal import Decimal

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread

AVERAGE = "average"
BEST = "best on validation"
MEASURES = {
    "top_1": "test_accuracy",
    "balanced_accuracy": "test_balanced",
    "top_3": "test_top_3",
    "top_5": "test_top_5",
}


def summarize(rows, grid, latencies=None):
    """Summarizes the trainings of each method over their seeds.

    Differences are paired: each is the difference between two trainings with
    the same seed, and so with the same split.

    Args:
        rows: List of dictionaries, one for each training: `row`, `method`,
            `values` (tuned, or taken from another method), `seed`, `stage`
            (`"tuning"` or `"final"`; only final trainings are summarized),
            `val_accuracy`, `test_accuracy`, `test_balanced`, `test_top_3`,
            `test_top_5`, `seconds_per_epoch`, `confusion` (dictionary from
            attributes to rates) and `resolutions` (dictionary from pixels to
            accuracies).
        grid: A `kerasfg.reproduce.grid.Grid`, or an object with its `rows`,
            `methods`, `methods_of(row)`, `baseline`, `measures`, `seeds`,
            `average`, `best_of`, `ranked`, `paper` and `paper_gains`.
        latencies: Dictionary from pairs of row and method to milliseconds.
            Defaults to `None`: not measured.

    Returns:
        List of dictionaries, one for each method of each row:

        - `row` and `method`;
        - `values`, `None` until they are chosen, and `tried`, a list of all
          candidates for each key;
        - `seeds`, their number;
        - `val_accuracy`, each measure, `seconds_per_epoch`, and each entry of
          `confusion` and `resolutions`, results of `mean_and_spread`;
        - `difference` and `val_difference`, results of `mean_and_spread` with
          `better` (the number of seeds with an improvement), or `None` for
          the baseline;
        - `paper`, the paper's percentage for each measure, and
          `paper_difference`, the paper's difference to the baseline: a number,
          text such as `"over 5"` where it prints no more, or `None`;
        - `latency_ms`, or `None`.

        With `average`, each method has an additional entry for the row
        `"average of N"`, over the N of these rows that have the method and the
        seeds that they share. With `best_of` there is an additional method
        `"best on validation"`, which uses in each row the method in `values`.
    """
    final = [row for row in rows if row["stage"] == "final"]
    summaries = []
    for name in grid.rows or [""]:
        of_row = [row for row in final if row["row"] == name]
        block = [
            _summary(method, of_row, rows, name, grid, latencies or {})
            for method in grid.methods_of(name)
        ]
        summaries += sorted(block, key=_rank) if grid.ranked else block
    if grid.average:
        summaries += _averages(final, grid)
    return summaries


# === One method in one row ===


def _summary(method, final, rows, name, grid, latencies):
    own = [row for row in final if row["method"] == method]
    others = [row for row in final if row["method"] == grid.baseline]
    tried = [r for r in rows if (r["row"], r["method"]) == (name, method)]
    paper = {
        key: _by_measure(value)
        for key, value in grid.paper.get(name, {}).items()
    }
    is_baseline = method == grid.baseline
    return {
        "row": name,
        "method": method,
        "values": own[0]["values"] if own else None,
        "tried": _tried(tried),
        "seeds": len(own),
        **_measured(own),
        "confusion": _by_key(own, "confusion"),
        "resolutions": _by_key(own, "resolutions"),
        "difference": None
        if is_baseline
        else _difference(own, others, MEASURES[grid.measures[0]]),
        "val_difference": None
        if is_baseline
        else _difference(own, others, "val_accuracy"),
        "paper": paper.get(method, {}),
        "paper_difference": None
        if is_baseline
        else grid.paper_gains.get(name, {}).get(method)
        or _of_paper(paper, method, grid.baseline),
        "latency_ms": latencies.get((name, method)),
    }


def _measured(rows):
    keys = {"val_accuracy": "val_accuracy", **MEASURES}
    keys["seconds_per_epoch"] = "seconds_per_epoch"
    return {
        name: mean_and_spread(
            [row[key] for row in rows if row.get(key) is not None]
        )
        for name, key in keys.items()
    }


def _by_key(rows, measured):
    """Summarizes each key of the dictionaries `row[measured]`."""
    keys = dict.fromkeys(key for row in rows for key in row[measured])
    found = {key: [row[measured].get(key) for row in rows] for key in keys}
    return {
        key: mean_and_spread([value for value in values if value is not None])
        for key, values in found.items()
    }


def _tried(rows):
    keys = rows[0]["values"] if rows else ()
    tried = {key: [] for key in keys}
    for row in rows:
        for key, value in row["values"].items():
            if value not in tried[key]:  # values may be lists
                tried[key].append(value)
    return tried


def _difference(rows, of_baseline, key):
    """Summarizes differences by seed, averaged over rows within a seed."""
    baseline = {(r["row"], r["seed"]): r.get(key) for r in of_baseline}
    by_seed = {}
    for row in rows:
        own, other = row.get(key), baseline.get((row["row"], row["seed"]))
        by_seed.setdefault(row["seed"], []).append(
            None if None in (own, other) else own - other
        )
    differences = [
        statistics.mean(values)
        for values in by_seed.values()
        if None not in values
    ]
    better = sum(difference > 0 for difference in differences)
    return {**mean_and_spread(differences), "better": better}


def _by_measure(value):
    return value if isinstance(value, dict) else {"top_1": value}


def _of_paper(paper, method, baseline):
    pair = [paper.get(name, {}).get("top_1") for name in (method, baseline)]
    if None in pair:
        return None
    own, other = (Decimal(str(number)) for number in pair)
    return float(own - other)


def _rank(summary):
    """Sort key: the baseline first, then the largest gain on validation."""
    gain = summary["val_difference"]
    if gain is None:
        return -float("inf")
    return float("inf") if gain["mean"] is None else -gain["mean"]


# === Averages over rows ===


def _averages(final, grid):
    """Summarizes each method over rows; methods with the most rows first."""
    rows_of = {
        method: [n for n in grid.average if method in grid.methods_of(n)]
        for method in grid.methods
    }
    chosen = _best_by_row(final, grid) if grid.best_of else {}
    if grid.best_of:
        rows_of[BEST] = list(grid.average)
        final = final + [
            row | {"method": BEST}
            for row in final
            if chosen.get(row["row"]) == row["method"]
        ]
    summaries = [
        _average(method, names, final, grid)
        for method, names in sorted(
            rows_of.items(), key=lambda item: -len(item[1])
        )
        if len(names) > 1
    ]
    for summary in summaries:
        if summary["method"] == BEST:
            summary["values"] = chosen or None
            summary["tried"] = {row: [name] for row, name in chosen.items()}
    return summaries


def _best_by_row(final, grid):
    """Returns the best method of each row; empty if a training is missing."""
    chosen = {}
    for name in grid.average:
        accuracies = {
            row["method"]: row["val_accuracy"]
            for row in final
            if (row["row"], row["seed"]) == (name, grid.seeds[0])
        }
        candidates = [m for m in grid.methods_of(name) if m in grid.best_of]
        if not accuracies.keys() >= set(candidates):
            return {}
        chosen[name] = max(candidates, key=accuracies.get)
    return chosen


def _average(method, names, final, grid):
    final = [row for row in final if row["row"] in names]
    own = [row for row in final if row["method"] == method]
    others = [row for row in final if row["method"] == grid.baseline]
    seeds = [
        seed
        for seed in dict.fromkeys(row["seed"] for row in own)
        if {row["row"] for row in own if row["seed"] == seed} >= set(names)
    ]
    whole = [row for row in own if row["seed"] in seeds]
    means = [
        _mean_row([row for row in whole if row["seed"] == seed])
        for seed in seeds
    ]
    is_baseline = method == grid.baseline
    return {
        "row": f"{AVERAGE} of {len(names)}",
        "method": method,
        "values": {},
        "tried": {},
        "seeds": len(seeds),
        **_measured(means),
        "confusion": {},
        "resolutions": {},
        "difference": None
        if is_baseline
        else _difference(whole, others, MEASURES[grid.measures[0]]),
        "val_difference": None
        if is_baseline
        else _difference(whole, others, "val_accuracy"),
        "paper": {},
        "paper_difference": None,
        "latency_ms": None,
    }


def _mean_row(rows):
    keys = ["val_accuracy", *MEASURES.values(), "seconds_per_epoch"]
    return {
        key: None
        if any(row.get(key) is None for row in rows)
        else statistics.mean(row[key] for row in rows)
        for key in keys
    }
