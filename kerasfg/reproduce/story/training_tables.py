"""Tables of trainings with several seeds.

Each function takes `kerasfg.reproduce.story.records.Records` and returns a
table as Markdown. Missing trainings are left out, or are a dash.
"""

from kerasfg.reproduce.story.markdown import NONE
from kerasfg.reproduce.story.markdown import accuracy
from kerasfg.reproduce.story.markdown import gain
from kerasfg.reproduce.story.markdown import interval
from kerasfg.reproduce.story.markdown import table
from kerasfg.reproduce.story.records import count_test_pictures

EFFORTS = {
    "plain": "plain script, picture as it comes",
    "tutorial": "tutorial: enlarged to 224",
    "tutorial_long": "tutorial, 60 epochs with views",
    "quick": "`--effort quick`",
    "standard": "`--effort standard`, the default",
    "best": "`--effort best`",
    "best_attribute": "best + attribute term",
    "best_pair_terms": "best + pair terms",
    "best_both": "best + both",
    "best_alone": "best without a teacher",
    "teacher": "its teacher: the real 224 pixels",
}
SETS = {
    "birds_32": "birds",
    "flowers17_32": "flowers",
    "birds_64": "birds, 64 px",
    "dogs_32": "dogs (seen by ImageNet)",
    "awa2_32": "animals",
}
# The network of a method at 32 pixels, as a method of the grid `frontier`.
NETWORKS = {
    "plain": "native",
    "tutorial": "enlarged_224",
    "tutorial_long": "enlarged_224",
    "quick": "stride_8",
}
ENLARGED = "enlarged_128"
TERM_SETS = {
    "flowers17_32": "flowers, 32 px",
    "birds_32": "birds, 32 px",
    "awa2_32": "animals, 32 px",
    "birds_64": "birds, 64 px",
}


# === How much does it gain? ===


def readme(records):
    """The five rows of the README."""
    about = {
        "plain": "a plain Keras script, the picture as it comes: 8 epochs",
        "tutorial": "enlarging to 224, the usual cure, our settings: 8 epochs",
        "quick": "`--effort quick`: 12 epochs",
        "standard": "`kerasfg train`, the default: 30 epochs",
        "best": "`--effort best`: 60 epochs, after 12 of a teacher",
    }
    names = {"plain": "plain script", "tutorial": "tutorial"}
    lines = []
    for method, text in about.items():
        found = [
            accuracy(records.accuracy("efforts", row, method))
            for row in ("birds_32", "flowers17_32")
        ]
        name = names.get(method, f"`{method}`")
        lines.append([name, text, *found, time_ratio(records, method)])
    header = ["", "what it is", "80 birds", "17 flowers", "time"]
    return table(header, lines, left=2)


def time_ratio(records, method):
    """The time for one picture, as a share of that at 224 pixels."""
    if method == "teacher":
        return "1.00"
    name = NETWORKS.get(method, ENLARGED)
    return f"{float(records.latency('frontier', 'birds32', name)['ratio']):.2f}"


def efforts(records):
    """Birds and flowers at 32 pixels by method, with time and intervals."""
    rows = {"birds_32": "birds", "flowers17_32": "flowers"}
    header = ["trained as", *rows.values(), "time"]
    lines = []
    for method, text in EFFORTS.items():
        found = {row: records.accuracy("efforts", row, method) for row in rows}
        if any(measured["n"] for measured in found.values()):
            cells = [accuracy(measured) for measured in found.values()]
            intervals = [
                interval(measured["mean"], count_test_pictures(row))
                for row, measured in found.items()
            ]
            time = time_ratio(records, method)
            lines.append([text, *cells, time, *intervals])
    header += [f"interval, {name}" for name in rows.values()]
    return table(header, lines)


def efforts_elsewhere(records):
    """The other sets of the grid."""
    rows = ("birds_64", "dogs_32", "awa2_32")
    lines = []
    for method, text in EFFORTS.items():
        cells = [
            accuracy(records.accuracy("efforts", row, method)) for row in rows
        ]
        if set(cells) != {NONE}:
            lines.append([text, *cells])
    return table(["trained as", *(SETS[row] for row in rows)], lines)


def efforts_budget(records):
    """Epochs and minutes of a training on birds."""
    lines = []
    for method, text in EFFORTS.items():
        at = "efforts", "birds_32", method
        epochs = records.accuracy(*at, "epochs")["mean"]
        seconds = records.by_seed(*at, "training_seconds").values()
        if epochs:
            shortest, longest = min(seconds) / 60, max(seconds) / 60
            minutes = f"{shortest:.0f} to {longest:.0f}"
            lines.append([text, f"{epochs:.0f}", minutes])
    return table(["trained as", "epochs", "minutes"], lines)


# === Attributes and teachers ===


def attributes(records):
    """The attribute term on the default's larger maps."""
    header = ["", "cross-entropy", "with the term", "gain (seeds ahead)"]
    lines = []
    for row, text in TERM_SETS.items():
        lines.append([text, *_pair(records, "results", row, "attribute")])
    for row, text in SETS.items():
        at = "efforts", row, "best_attribute"
        if records.accuracy(*at)["n"]:
            pair = _pair(records, *at, "best")
            lines.append([f"{text}, `--effort best`", *pair])
    return table(header, lines)


def attributes_small_maps(records):
    """The attribute term as paper 1 uses it: at an output stride of 32."""
    header = ["", "cross-entropy", "with the term", "gain (seeds ahead)"]
    lines = [
        [f"{data}, {size} px"] + _pair(records, grid, f"px{size}", "attribute")
        for grid, data, sizes in (
            ("paper1_table1", "birds", (32, 48, 64, 96)),
            ("paper1_table2", "flowers", (32, 48, 64)),
        )
        for size in sizes
    ]
    lines += [
        [f"animals, 32 px, {method.replace('_', ' ')}"]
        + _pair(records, "paper1_table3", "animals", method)
        for method in ("white", "patches", "domestic", "forest", "all_four")
    ]
    return table(header, lines)


def attributes_ranked(records):
    """Fourteen attributes, one at a time, best on validation first."""
    names = dict.fromkeys(
        line["method"] for line in records.lines("attribute_ranking.csv")
    )
    found = [
        (
            name,
            records.difference(
                "attribute_ranking", "", name, "none", "val_accuracy"
            ),
            records.difference("attribute_ranking", "", name, "none"),
        )
        for name in names
        if name != "none"
    ]
    found.sort(key=lambda item: -item[1]["mean"])
    lines = [[name, *map(gain, pair)] for name, *pair in found]
    return table(["attribute", "on validation", "on test"], lines)


def teachers(records):
    """A teacher at 128 pixels, with today's quick training of 8 epochs."""
    header = ["", "without", "with a teacher", "gain", "the teacher itself"]
    lines = []
    for row, text in TERM_SETS.items():
        if records.accuracy("results", row, "teacher")["n"]:
            own = records.accuracy("results", row, "high_resolution")
            pair = _pair(records, "results", row, "teacher")
            lines.append([text, *pair, accuracy(own)])
    return table(header, lines)


def best_teachers(records):
    """`best` and `standard`: teacher, its weights, twice the epochs."""
    header = ["", "standard", "best", "gain", "the teacher itself"]
    lines = []
    for row, text in SETS.items():
        if records.difference("efforts", row, "best", "standard")["n"]:
            own = records.accuracy("efforts", row, "teacher")
            pair = _pair(records, "efforts", row, "best", "standard")
            lines.append([text, *pair, accuracy(own)])
    return table(header, lines)


def _pair(records, grid, row, method, baseline="cross_entropy"):
    return [
        accuracy(records.accuracy(grid, row, baseline)),
        accuracy(records.accuracy(grid, row, method)),
        gain(records.difference(grid, row, method, baseline)),
    ]


# === Resolutions and classes ===


def near_and_far(records):
    """One network for 64 pixels, tested on pictures that hold fewer."""
    sizes = (16, 24, 32, 48, 64)
    names = {"one_resolution": "64 px alone", "mixed": "16 to 64 px"}
    lines = [
        [text]
        + [
            accuracy(
                records.accuracy(
                    "mixed_resolution", "", name, f"test at {size}"
                )
            )
            for size in sizes
        ]
        for name, text in names.items()
    ]
    return table(["trained at", *(f"{size} px" for size in sizes)], lines)


UNEQUAL = {
    "flowers17_20_to_1": "flowers, 20:1",
    "birds_cub80_8_to_1": "birds, 8:1",
}
CURES = {
    "plain": "plain cross-entropy",
    "balanced": "`--balanced 2`",
    "class_weights": "`--class-weights`",
    "logit_adjustment": "`--logit-adjustment 1`",
}


def unequal_classes(records):
    """Balanced accuracy where classes differ in size."""
    header, lines = [""], [[text] for text in CURES.values()]
    for row, name in UNEQUAL.items():
        header += [name, "gain (seeds ahead)"]
        for line, method in zip(lines, CURES, strict=True):
            at = "unequal_classes", row, method
            key = "test_balanced"
            line.append(accuracy(records.accuracy(*at, key)))
            better = gain(records.difference(*at, "plain", key))
            line.append("" if method == "plain" else better)
    return table(header, lines)
