"""Tables of networks and files: poolings, latency, int8.

Each function takes `kerasfg.reproduce.story.records.Records` and returns a
table as Markdown.
"""

from kerasfg.reproduce.story.markdown import NONE
from kerasfg.reproduce.story.markdown import accuracy
from kerasfg.reproduce.story.markdown import gain
from kerasfg.reproduce.story.markdown import signed
from kerasfg.reproduce.story.markdown import table

POOLINGS = {
    "cbp": "compact bilinear",
    "bcnn": "bilinear",
    "hbp": "hierarchical bilinear",
}
POOLED = {  # pictures by the grid that has them, with its rows
    "paper2_table4": ("flowers, 64 px", ("cbp", "bcnn", "hbp")),
    "paper2_table1": ("birds, 96 px", ("bcnn",)),
    "paper2_table2": ("birds, 64 px", ("bcnn",)),
    "paper2_table3": ("dogs, 64 px", ("bcnn",)),
}
TERMS = {
    "attention": "attention",
    "pair_terms": "pair terms",
    "lcv": "both (LCV)",
    "two_stage": "head first",
}
PATHS = {
    "native": "as it comes",
    "stride_16": "output stride 16",
    "stride_8": "output stride 8",
    "enlarged_64": "enlarged to 64",
    "enlarged_96": "enlarged to 96",
}
SIZES = (16, 24, 32, 48, 64)


# === Poolings ===


def poolings(records):
    """Gains of attention, pair terms and a head trained first."""
    header = ["", "pooling", "alone", *TERMS.values()]
    lines = []
    for grid, (pictures, rows) in POOLED.items():
        for row in rows:
            alone = accuracy(records.accuracy(grid, row, "original"))
            gains = [
                gain(records.difference(grid, row, term, "original"))
                for term in TERMS
            ]
            lines.append([pictures, POOLINGS[row], alone, *gains])
    return table(header, lines, left=2)


def pooling_files(records):
    """Size, time and accuracy of the files of each pooling."""
    lines = []
    found = records.markdown("export_matrix.md")
    for pooling in dict.fromkeys(line["pooling"] for line in found):
        files = {
            line["file"]: line for line in found if line["pooling"] == pooling
        }
        whole, int8 = files["model.tflite"], files["model_int8.tflite"]
        lines.append(
            [pooling, whole["accuracy"], whole["MB"], whole["ms"]]
            + [int8["accuracy"], int8["MB"], int8["ms"]]
        )
    header = ["pooling", "float32", "MB", "ms", "int8", "MB", "ms"]
    return table(header, lines)


def pooling_steps(records):
    """The time of a training step, as a ratio to average pooling."""
    ratios = {}
    for line in records.lines("every_combination.csv"):
        ratios.setdefault(line["pooling"], []).append(float(line["ratio"]))
    lines = [
        [pooling, f"{min(found):.2f} to {max(found):.2f}"]
        for pooling, found in ratios.items()
    ]
    return table(["pooling", "time of a step"], lines)


# === Latency ===


def frontier(records):
    """Accuracy and milliseconds by network and size of the picture."""
    header = ["flowers17", *(f"{size} px" for size in SIZES)]
    lines = []
    for method, text in PATHS.items():
        found = [
            records.accuracy("frontier", f"px{size}", method) for size in SIZES
        ]
        times = [
            records.latency("frontier", f"px{size}", method) for size in SIZES
        ]
        lines.append([text, *map(accuracy, found)])
        lines.append(["", *map(_time, times)])
    return table(header, lines)


def networks(records):
    """The time of all networks that `--latency` may choose from."""
    lines = []
    for line in records.lines("frontier-latency.csv"):
        if line["row"] == "birds32":
            birds, *flowers = (
                accuracy(records.accuracy("frontier", row, line["method"]))
                for row in ("birds32", "flowers32", "px32")
            )
            cells = [
                f"{float(line[key]):.2f}" for key in ("ratio", "milliseconds")
            ]
            trained = [text for text in flowers if text != NONE]
            name = line["method"].replace("native", "as it comes")
            lines.append([name.replace("_", " "), *cells, birds])
            lines[-1].append(trained[0] if trained else NONE)
    lines.sort(key=lambda line: float(line[1]))
    header = ["network at 32 px", "time", "ms", "birds", "flowers"]
    return table(header, lines)


def enlarged(records):
    """Enlarging to 224 pixels compared with the smallest output stride."""
    header = ["", "output stride", "enlarged to 224", "gain", "ms", "ms at 224"]
    names = {
        "flowers17_32": "flowers, 32 px",
        "birds_32": "birds, 32 px",
        "awa2_32": "animals, 32 px",
        "birds_64": "birds, 64 px",
    }
    pair = "cross_entropy", "tutorial"
    lines = []
    for row, text in names.items():
        found = [records.accuracy("results", row, name) for name in pair]
        times = [records.latency("results", row, name) for name in pair]
        better = records.difference("results", row, *reversed(pair))
        lines.append([text, *map(accuracy, found), gain(better)])
        lines[-1] += [f"{float(line['milliseconds']):.2f}" for line in times]
    return table(header, lines)


def clients(records):
    """Losses by apps' own ways of shrinking."""
    names = ("model.tflite", "model_pixels32.tflite")
    found = records.lines("clients.csv")
    lines = []
    for line in found:
        cells = [line["client"].replace("<", "&lt;")]
        for name in names:
            lost = signed(points(line[name]) - points(found[0][name]))
            cells.append(f"{percent(line[name])} ({lost})")
        lines.append(cells)
    return table(["how the picture reaches the file", *names], lines)


def _time(line):
    return f"{float(line['milliseconds']):.2f} ms" if line else NONE


# === int8 ===


def int8(records):
    """int8 compared with float32 at 32 pixels."""
    lines = []
    for line in records.lines("int8.csv"):
        before, after = line["float32_accuracy"], line["int8_accuracy"]
        name = f"{line['data']}, `--effort {line['effort']}`"
        cells = [percent(before), percent(after)]
        lines.append([name, *cells, signed(points(after) - points(before))])
        lines[-1].append(percent(line["agreement"]))
    return table(["run", "float32", "int8", "points", "same class"], lines)


def files(records):
    """Size, time and accuracy of the files of four networks at 64 pixels."""
    wanted = ("model.tflite", "model_int8.tflite", "model_mixed.tflite")
    lines = []
    for name in ("flowers_average", "flowers_compact", "birds_average",
                 "birds_compact"):  # fmt: skip
        for line in records.markdown(f"export/{name}.md"):
            if line["file"] in wanted:
                time = line["ms, 1 thread (95th percentile)"].split(" ")[0]
                lines.append(
                    [name.replace("_", ", "), f"`{line['file']}`", line["MB"]]
                    + [time, line["accuracy"], line["agreement"]]
                )
    header = ["network", "file", "MB", "ms", "accuracy", "same class"]
    return table(header, lines, left=2)


def points(text):
    return 100 * float(text)


def percent(text, digits=1):
    return f"{points(text):.{digits}f} %"
