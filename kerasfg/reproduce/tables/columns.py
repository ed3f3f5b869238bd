"""Makes the columns of a grid's table.

Columns are dictionaries from headers to lists with one text for each method.
`summaries` is the result of `kerasfg.reproduce.tables.summary.summarize`;
`grid` has `baseline` and `measures`, like `kerasfg.reproduce.grid.Grid`.
"""

from decimal import Decimal

NONE = "\N{EN DASH}"
CONFUSED = "confused: "
HEADERS = {
    "top_1": "test top-1",
    "balanced_accuracy": "test balanced",
    "top_3": "test top-3",
    "top_5": "test top-5",
}


def name_columns(summaries):
    """Returns the names of the rows, if there are any, and of the methods."""
    columns = {"method": [summary["method"] for summary in summaries]}
    if any(summary["row"] for summary in summaries):
        columns = {"row": [summary["row"] for summary in summaries]} | columns
    return columns


def values_column(summaries):
    """Returns the chosen values; empty if no method has values to choose."""
    values = [_values(summary) for summary in summaries]
    return {"values": values} if any(values) else {}


def accuracy_columns(summaries, grid):
    """Returns the accuracies and the differences of the first of them."""
    first, *others = grid.measures
    own = "test" if first == "top_1" else HEADERS[first]
    pairs = [_difference(summary, grid.baseline) for summary in summaries]
    return {
        "seeds": [str(summary["seeds"]) for summary in summaries],
        own: [_points(summary[first]) for summary in summaries],
        **{
            HEADERS[measure]: [
                _points(summary[measure]) for summary in summaries
            ]
            for measure in others
        },
        "difference": [difference for difference, _ in pairs],
        "better": [better for _, better in pairs],
        "validation": [_points(s["val_accuracy"]) for s in summaries],
    }


def paper_columns(summaries, grid):
    """Returns the paper's numbers and our differences from them."""
    columns = {}
    for measure in grid.measures:
        papers = [summary["paper"].get(measure) for summary in summaries]
        if any(paper is not None for paper in papers):
            name = measure.replace("_", "-")
            name = f"paper {name}" if columns or name != "top-1" else "paper"
            columns[name] = [_printed(paper) for paper in papers]
            columns[f"ours − {name}"] = [
                _off(summary[measure]["mean"], paper)
                for summary, paper in zip(summaries, papers, strict=True)
            ]
    differences = [summary["paper_difference"] for summary in summaries]
    if any(difference is not None for difference in differences):
        columns["paper's difference"] = [
            _printed(difference, "+.2f") for difference in differences
        ]
    return columns


def cost_columns(summaries):
    """Returns the latency and the time of an epoch; empty if not measured."""
    latencies = [summary["latency_ms"] for summary in summaries]
    if all(latency is None for latency in latencies):
        return {}
    seconds = [summary["seconds_per_epoch"]["mean"] for summary in summaries]
    return {
        "ms": [NONE if x is None else f"{x:.2f}" for x in latencies],
        "seconds per epoch": [NONE if not x else f"{x:.1f}" for x in seconds],
    }


def resolution_columns(summaries):
    """Returns the accuracies on test pictures of other resolutions."""
    sizes = {size for summary in summaries for size in summary["resolutions"]}
    return {
        f"at {size} px": [
            _points(summary["resolutions"].get(size)) for summary in summaries
        ]
        for size in sorted(sizes)
    }


def confusion_columns(summaries):
    """Returns the rate of confusion of each attribute."""
    names = dict.fromkeys(name for s in summaries for name in s["confusion"])
    return {
        f"{CONFUSED}{name}": [
            _points(summary["confusion"].get(name)) for summary in summaries
        ]
        for name in names
    }


# === Cells ===


def _values(summary):
    """Returns the chosen values with the candidates."""
    if summary["values"] is None:
        return NONE if summary["tried"] else ""
    texts = []
    for key, value in summary["values"].items():
        tried = ", ".join(map(str, summary["tried"][key]))
        of = f" (of {tried})" if len(summary["tried"][key]) > 1 else ""
        texts.append(f"{key} {value}{of}")
    return "; ".join(texts)


def _difference(summary, baseline):
    """Returns the difference, and the number of seeds with an improvement."""
    difference = summary["difference"]
    if summary["method"] == baseline:
        return "baseline", ""
    if not difference["n"]:
        return NONE, NONE
    better = f"{difference['better']} of {difference['n']}"
    return _points(difference, "+.1f"), better


def _points(measured, form=".1f"):
    if not measured or measured["mean"] is None:
        return NONE
    text = f"{100 * measured['mean']:{form}}"
    if measured["spread"] is not None:
        text += f" ± {100 * measured['spread']:.1f}"
    return text


def _printed(value, form=".2f"):
    """Returns a number of the paper with the two decimals of its tables."""
    if value is None or isinstance(value, str):
        return value or NONE
    return f"{Decimal(str(value)):{form}}"


def _off(mean, paper):
    return NONE if None in (mean, paper) else f"{100 * mean - paper:+.1f}"
