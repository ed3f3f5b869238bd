"""Seeds brought together: mean, spread, and differences by pairs."""

import statistics


def summarize(rows, methods, baseline):
    """Brings the trainings of each method together, over their seeds.

    Differences are paired: each is taken between two trainings with the same
    seed, and so with the same split.

    Args:
        rows: List of dictionaries, one for each training: `method`, `values`
            (what was tuned or taken from another method), `seed`, `stage`
            (`"tuning"` or `"final"`, and only the latter count),
            `val_accuracy`, `test_accuracy` and `confusion` (from attributes to
            rates).
        methods: Names of the methods, in the order wanted.
        baseline: The method to take differences from.

    Returns:
        List of dictionaries, one for each method: `method`; `values` (`None`
        as long as they are not chosen); `tried` (a list of all values that
        were tried of each key); `seeds` (how many); `val_accuracy`,
        `test_accuracy` and each of `confusion` as `mean_and_spread` gives
        them; `difference` likewise, of the test accuracy, with `better` (in
        how many seeds), or `None` for the baseline.

    Example:

    >>> rows = [
    ...     {"method": name, "values": {}, "seed": seed, "stage": "final",
    ...      "val_accuracy": 0.5, "test_accuracy": accuracy, "confusion": {}}
    ...     for name, seed, accuracy in
    ...     [("a", 0, 0.5), ("a", 1, 0.7), ("b", 0, 0.75), ("b", 1, 0.75)]
    ... ]
    >>> result = summarize(rows, ["a", "b"], baseline="a")[1]["difference"]
    >>> round(result["mean"], 3), round(result["spread"], 3), result["better"]
    (0.15, 0.141, 2)
    """
    final = [row for row in rows if row["stage"] == "final"]
    accuracies = {
        name: {
            row["seed"]: row["test_accuracy"]
            for row in final
            if row["method"] == name
        }
        for name in methods
    }
    return [
        {
            **_of_method([row for row in final if row["method"] == name]),
            "method": name,
            "tried": _tried([row for row in rows if row["method"] == name]),
            "difference": None
            if name == baseline
            else _difference(accuracies[name], accuracies[baseline]),
        }
        for name in methods
    ]


def mean_and_spread(values):
    """Returns `n`, the `mean` and the `spread` of numbers.

    The spread is the sample standard deviation, divided by `n - 1`. What is
    not defined is `None`.

    Args:
        values: List of floats.
    """
    return {
        "n": len(values),
        "mean": statistics.mean(values) if values else None,
        "spread": statistics.stdev(values) if len(values) > 1 else None,
    }


def _of_method(rows):
    names = dict.fromkeys(name for row in rows for name in row["confusion"])
    return {
        "values": rows[0]["values"] if rows else None,
        "seeds": len(rows),
        "val_accuracy": mean_and_spread([row["val_accuracy"] for row in rows]),
        "test_accuracy": mean_and_spread(
            [row["test_accuracy"] for row in rows]
        ),
        "confusion": {
            name: mean_and_spread(
                [
                    row["confusion"][name]
                    for row in rows
                    if row["confusion"].get(name) is not None
                ]
            )
            for name in names
        },
    }


def _tried(rows):
    keys = rows[0]["values"] if rows else ()
    return {
        key: list(dict.fromkeys(row["values"][key] for row in rows))
        for key in keys
    }


def _difference(accuracies, of_baseline):
    differences = [
        accuracy - of_baseline[seed]
        for seed, accuracy in accuracies.items()
        if seed in of_baseline
    ]
    better = sum(difference > 0 for difference in differences)
    return {**mean_and_spread(differences), "better": better}
