"""The data of each figure of `docs/results`, for `charts.draw`.

Each function takes `kerasfg.reproduce.story.records.Records` and returns a
chart: accuracies and gains are in percent and in points.
"""

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.story.network_tables import PATHS
from kerasfg.reproduce.story.network_tables import POOLED
from kerasfg.reproduce.story.network_tables import POOLINGS
from kerasfg.reproduce.story.network_tables import SIZES
from kerasfg.reproduce.story.network_tables import TERMS
from kerasfg.reproduce.story.paper_tables import PAPER1
from kerasfg.reproduce.story.paper_tables import PAPER2
from kerasfg.reproduce.story.paper_tables import gain_of
from kerasfg.reproduce.story.training_tables import CURES
from kerasfg.reproduce.story.training_tables import TERM_SETS
from kerasfg.reproduce.story.training_tables import UNEQUAL
from kerasfg.reproduce.story.unsure_tables import NEGATIVES
from kerasfg.reproduce.story.unsure_tables import unknown_by_network

ACCURACY = "test pictures that are right, %"
GAIN = "gain in points; bars: spread of the seeds"


def gain(records):
    """Accuracy at 32 pixels by effort."""
    names = {
        "plain": "plain script",
        "tutorial": "tutorial (224)",
        "quick": "quick",
        "standard": "standard",
        "best": "best",
        "teacher": "real 224 pixels",
    }
    return [
        _accuracies(
            title,
            [
                (text, 0, records.accuracy("efforts", row, method))
                for method, text in names.items()
            ],
        )
        for row, title in (
            ("birds_32", "80 birds, 32 pixels"),
            ("flowers17_32", "17 flowers, 32 pixels"),
        )
    ]


def attributes(records):
    """Gain of the attribute term, with larger and with small maps."""
    large = [
        (text, 0, _difference(records, "results", row, "attribute"))
        for row, text in TERM_SETS.items()
    ]
    small = []
    for grid, data, sizes in (
        ("paper1_table2", "flowers", (32, 48, 64)),
        ("paper1_table1", "birds", (32, 48, 64, 96)),
    ):
        for size in sizes:
            found = _difference(records, grid, f"px{size}", "attribute")
            small.append((f"{data}, {size} px", 0, found))
    animals = _difference(records, "paper1_table3", "animals", "all_four")
    small.append(("animals, 32 px", 0, animals))
    return [
        _gains("attribute term, larger maps (our default)", large),
        _gains("attribute term, output stride 32 (paper 1)", small),
    ]


def teacher(records):
    """Gain of a teacher."""
    weak = [
        (text, 0, _difference(records, "results", row, "teacher"))
        for row, text in TERM_SETS.items()
    ]
    strong = [
        (text, 0, records.difference("efforts", row, "best", "standard"))
        for row, text in TERM_SETS.items()
    ]
    return [
        _gains("teacher of 128 pixels, 8 epochs", weak),
        _gains("best over standard: teacher of 224 pixels, 60 epochs", strong),
    ]


def pooling(records):
    """Accuracy of the poolings, and what the terms add to them."""
    alone = [
        (text, 0, records.accuracy("paper2_table4", row, "original"))
        for row, text in POOLINGS.items()
    ]
    average = records.accuracy("frontier", "px64", "stride_16")
    alone.insert(0, ("average", 0, average))
    terms = list(TERMS)[:3]
    added = [
        (
            f"{POOLINGS[row].split()[0]}, {pictures}",
            terms.index(term),
            records.difference(grid, row, term, "original"),
        )
        for grid, (pictures, rows) in POOLED.items()
        for row in rows
        for term in terms
    ]
    return [
        _accuracies("17 flowers, 64 pixels, output stride 16", alone),
        {
            **_gains("what is added", added),
            "legend": [TERMS[term] for term in terms],
        },
    ]


def latency(records):
    """Accuracy against milliseconds, a line for each network."""
    lines = {}
    for size in (16, 32, 48, 64):
        points = []
        for method in PATHS:
            found = records.accuracy("frontier", f"px{size}", method)
            time = records.latency("frontier", f"px{size}", method)
            if found["n"] and time:
                spread = 100 * (found["spread"] or 0.0)
                milliseconds = float(time["milliseconds"])
                points.append((milliseconds, 100 * found["mean"], spread))
        lines[f"pictures of {size} pixels"] = sorted(points)
    return [
        {
            "title": "17 flowers",
            "x_label": "milliseconds for one picture, one thread",
            "y_label": ACCURACY,
            "lines": lines,
            "log": True,
        }
    ]


def near_and_far(records):
    """Accuracy by the pixels that the picture holds."""
    names = {"one_resolution": "trained at 64", "mixed": "trained at 16 to 64"}
    lines = {}
    for method, text in names.items():
        found = {
            size: records.accuracy(
                "mixed_resolution", "", method, f"test at {size}"
            )
            for size in SIZES
        }
        lines[text] = [
            (size, 100 * m["mean"], 100 * m["spread"])
            for size, m in found.items()
        ]
    return [
        {
            "title": "17 flowers, a network for 64 pixels",
            "x_label": "pixels that the test picture is shrunk to first",
            "y_label": ACCURACY,
            "lines": lines,
            "ticks": list(SIZES),
        }
    ]


def unequal_classes(records):
    """Gain in balanced accuracy."""
    methods = [name for name in CURES if name != "plain"]
    return [
        _gains(
            f"{name}: gain in balanced accuracy",
            [
                (
                    CURES[method].strip("`"),
                    0,
                    records.difference(
                        "unequal_classes", row, method, "plain", "test_balanced"
                    ),
                )
                for method in methods
            ],
        )
        for row, name in UNEQUAL.items()
    ]


def int8(records):
    """Changes by int8."""
    changes, same = [], []
    for line in records.lines("int8.csv"):
        name = f"{line['data'].split('_')[0]}, {line['effort']}"
        before, after = line["float32_accuracy"], line["int8_accuracy"]
        change = 100 * (float(after) - float(before))
        changes.append({"name": name, "mean": change})
        same.append({"name": name, "mean": 100 * float(line["agreement"])})
    return [
        {
            "title": "int8 in place of float32: accuracy",
            "x_label": "points; the export refuses a loss of more than one",
            "dots": changes,
            "zero": True,
            "limits": [-1.1, 1.1],
        },
        {
            "title": "the same class as float32",
            "x_label": "test pictures, %",
            "dots": same,
            "limits": [95, 100],
        },
    ]


def unknown(records):
    """Foreign pictures that are taken for known."""
    legend = ["no negatives", "evaluated with", "trained with"]
    dots, series = [], list(NEGATIVES)
    for (name, negatives), found in unknown_by_network(records).items():
        if lines := found.get("its objects alone"):
            measured = mean_and_spread([float(x["let_through"]) for x in lines])
            dots += _dots([(name, series.index(negatives), measured)])
    return [
        {
            "title": "",
            "x_label": "photographs of objects that pass as known, %",
            "limits": [0, 70],
            "dots": dots,
            "legend": legend,
        }
    ]


def papers(records):
    """The papers' gains next to ours, where both exist."""
    panels = []
    for title, tables, baseline in (
        ("paper 1: the attribute term", PAPER1, "cross_entropy"),
        ("paper 2: attention and pair terms (LCV)", PAPER2, "original"),
    ):
        dots = []
        for name, (grid, rows) in tables.items():
            for _, row, method in rows:
                ours, paper = gain_of(records, grid, row, method, baseline)
                if ours["n"] and isinstance(paper, float):
                    text = f"{name} {_where(row, method)}"
                    dots.append({"name": text, "mean": paper, "series": 1})
                    dots += _dots([(text, 0, ours)])
        panels.append(
            {
                "title": title,
                "x_label": GAIN,
                "dots": dots,
                "zero": True,
                "legend": ["here", "the paper"],
            }
        )
    return panels


def _where(row, method):
    if method in ("white", "patches", "domestic", "forest"):
        return method
    return {"cbp": "compact", "bcnn": "bilinear", "hbp": "hierarch."}.get(
        row, row.replace("px", "") + (" px" if row.startswith("px") else "")
    )


def _difference(records, grid, row, method):
    return records.difference(grid, row, method, "cross_entropy")


def _accuracies(title, found):
    return {"title": title, "x_label": ACCURACY, "dots": _dots(found)}


def _gains(title, found):
    return {"title": title, "x_label": GAIN, "dots": _dots(found), "zero": True}


def _dots(found):
    """Returns the dots of measurements: (name, series, measured)."""
    return [
        {
            "name": name,
            "series": series,
            "mean": 100 * measured["mean"],
            "spread": 100 * (measured["spread"] or 0.0),
            "few": measured["n"] < 3,
        }
        for name, series, measured in found
        if measured["n"]
    ]
