"""Seeds brought together: mean, spread, and differences by pairs."""

import statistics

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread

AVERAGE = "average"
BEST = "best on validation"
MEASURES = {
    "top_1": "test_accuracy",
    "top_3": "test_top_3",
    "top_5": "test_top_5",
}


def summarize(rows, grid, latencies=None):
    """Brings the trainings of each method together, over their seeds.

    Differences are paired: each is taken between two trainings with the same
    seed, and so with the same split.

    Args:
        rows: List of dictionaries, one for each training: `row`, `method`,
            `values` (what was tuned or taken from another method), `seed`,
            `stage` (`"tuning"` or `"final"`, and only the latter count),
            `val_accuracy`, `test_accuracy`, `test_top_3`, `test_top_5`,
            `seconds_per_epoch`, `confusion` (from attributes to rates) and
            `resolutions` (from pixels to accuracies).
        grid: What says by `rows`, `methods`, `methods_of(row)`, `baseline`,
            `seeds`, `average`, `best_of`, `ranked` and `paper` what the table
            has; see `kerasfg.reproduce.grid.Grid`.
        latencies: From pairs of row and method to milliseconds. Defaults to
            `None`, not measured.

    Returns:
        List of dictionaries, one for each method of each row: `row`; `method`;
        `values` (`None` as long as they are not chosen); `tried` (a list of
        all values that were tried of each key); `seeds` (how many);
        `val_accuracy`, each measure, `seconds_per_epoch` and each of
        `confusion` and `resolutions` as `mean_and_spread` gives them;
        `difference` and `val_difference` likewise, with `better` (in how many
        seeds), or `None` for the baseline; `paper`, from measures to the
        paper's percentages, and `paper_difference`, the paper's own, or
        `None`; `latency_ms`, or `None`. With `average` there is for each
        method one more, of the row `"average of N"`, over the N of these rows
        that have it, with the seeds that all of them have. With `best_of`
        there is one more still, `"best on validation"`: of each of these rows
        the method that `values` names.
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
        else _difference(own, others, "test_accuracy"),
        "val_difference": None
        if is_baseline
        else _difference(own, others, "val_accuracy"),
        "paper": paper.get(method, {}),
        "paper_difference": None
        if is_baseline
        else _of_paper(paper, method, grid.baseline),
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
    """Of each key that a row has in one of its dictionaries."""
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
            if value not in tried[key]:  # it may be a list
                tried[key].append(value)
    return tried


def _difference(rows, of_baseline, key):
    """By seeds; with rows of several names, the mean over these first."""
    baseline = {(r["row"], r["seed"]): r[key] for r in of_baseline}
    by_seed = {}
    for row in rows:
        own, other = row[key], baseline.get((row["row"], row["seed"]))
        by_seed.setdefault(row["seed"], []).append(
            None if other is None else own - other
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
    return None if None in pair else pair[0] - pair[1]


def _rank(summary):
    """Largest gain on validation first, the baseline before all."""
    gain = summary["val_difference"]
    if gain is None:
        return -float("inf")
    return float("inf") if gain["mean"] is None else -gain["mean"]


# === Rows together ===


def _averages(final, grid):
    """Those over the same number of rows stand together, the most first."""
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
    """The methods that the first seed chooses, when all have been trained."""
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
        else _difference(whole, others, "test_accuracy"),
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
