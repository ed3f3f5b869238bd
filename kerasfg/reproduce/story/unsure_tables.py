"""Tables of what a network says where it is not sure, or should not be.

Each function but `unknown_by_network` takes
`kerasfg.reproduce.story.records.Records` and returns a table as Markdown.
"""

import itertools
import statistics

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.story.markdown import NONE
from kerasfg.reproduce.story.markdown import accuracy
from kerasfg.reproduce.story.markdown import table
from kerasfg.reproduce.story.network_tables import percent

NEAR = "the other classes"  # the foreign pictures of half of a data set
NEGATIVES = {  # how a network was given negatives, and what a line calls it
    "no": "{}",
    "yes": "the same, evaluated with negatives",
    "class": "the same, trained with them as a class",
}


_NETWORK = ("network", "seeds", "right", "called known")
_AT_95 = "{} where 95 % are called known"


def unknown_by_network(records):
    """Groups what was measured on foreign pictures.

    Returns:
        Dictionary from `(name, negatives)` of a network, `negatives` a key of
        `NEGATIVES`, to a dictionary from names of foreign pictures to the lines
        of `unknown.csv`, one for each seed.
    """
    networks = {}
    for line in records.lines("unknown.csv"):
        name = f"{line['data']}, {line['image_size']} px, {line['effort']}"
        network = networks.setdefault((name, line["negatives"]), {})
        network.setdefault(line["foreign"], []).append(line)
    return networks


def unknown(records):
    """Share of foreign pictures that are taken for known."""
    networks = {
        key: found
        for key, found in unknown_by_network(records).items()
        if NEAR not in found
    }
    kinds = itertools.chain.from_iterable(networks.values())
    columns = list(dict.fromkeys(kinds))
    lines = []
    for (name, negatives), found in networks.items():
        lines.append(
            _network(name, negatives, found["ImageNet"])
            + [_let_through(found.get(kind)) for kind in columns]
            + [_mean(found["ImageNet"], "at_95")]
        )
    return table([*_NETWORK, *columns, _AT_95.format("ImageNet")], lines)


def unknown_near(records):
    """The same for the classes that a network was not trained on."""
    lines = [
        _network(name, negatives, found[NEAR])
        + [_let_through(found[NEAR]), _mean(found[NEAR], "at_95")]
        for (name, negatives), found in unknown_by_network(records).items()
        if NEAR in found
    ]
    return table([*_NETWORK, NEAR, _AT_95.format("they")], lines)


def _network(name, negatives, lines):
    cells = [NEGATIVES[negatives].format(name), str(len(lines))]
    return cells + [_mean(lines, key) for key in ("accuracy", "known_kept")]


def _let_through(lines):
    if lines is None:
        return "fitted on"
    aurocs = [float(line["auroc"]) for line in lines if line["auroc"]]
    auroc = f" ({statistics.mean(aurocs):.3f})" if aurocs else ""
    return _mean(lines, "let_through") + auroc


def _mean(lines, key):
    values = [float(line[key]) for line in lines if line[key]]
    text = accuracy(mean_and_spread(values), seeds=False)
    return text if text == NONE else f"{text} %"


def prediction_sets(records):
    """Coverage of sets of 90 %, and the number of their names."""
    lines = [
        [f"{line['data']}, {line['effort']}", percent(line["accuracy"], 0)]
        + [percent(line["promise"], 0)]
        + [
            f"{percent(line['kept'])} ({100 * float(line['kept_low']):.1f} "
            f"to {100 * float(line['kept_high']):.1f})",
            line["names"],
        ]
        for line in records.lines("prediction_sets.csv")
    ]
    header = ["run", "right at once", "promised", "kept", "names"]
    return table(header, lines)


def questions(records):
    """Accuracy after none, one and two questions."""
    runs = {}
    for line in records.lines("questions.csv"):
        run = line["data"], line["effort"], line["asked"]
        spread = line["spread"] and f" ± {100 * float(line['spread']):.1f}"
        text = f"{100 * float(line['accuracy']):.1f}{spread}"
        runs.setdefault(run, []).append(f"{text} %")
    asked = {"always": "asked about each picture", "unsure": "where not sure"}
    lines = [
        [f"{data}, {effort}: {asked[when]}", *cells]
        for (data, effort, when), cells in runs.items()
    ]
    return table(["at 32 px", "none", "one", "two questions"], lines)
