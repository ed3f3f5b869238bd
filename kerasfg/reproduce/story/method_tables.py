"""Tables of single methods, each against the same baseline.

Each function takes `kerasfg.reproduce.story.records.Records` and returns a
table as Markdown.
"""

from kerasfg.reproduce.story.markdown import NONE
from kerasfg.reproduce.story.markdown import accuracy
from kerasfg.reproduce.story.markdown import gain
from kerasfg.reproduce.story.markdown import table
from kerasfg.reproduce.story.training_tables import TERM_SETS

METHODS = {
    "plain": "plain script",
    "plain_enlarged": "plain script, enlarged to 224",
    "tutorial": "our training, enlarged to 224",
    "attribute": "+ attribute term",
    "pair_terms": "+ pair terms",
    "both": "+ both",
    "teacher": "+ teacher of 128 pixels",
    "teacher_and_attribute": "+ teacher and attribute term",
}
TERMS = {
    "attribute": "+ attribute term",
    "attention": "+ attention",
    "pair_terms": "+ pair terms",
    "class_variance": "+ attention and pair terms (LCV)",
    "all": "+ all of it",
}
SHRINKING = {
    "no_views": "no views",
    "views": "views, shrunk as in training",
    "mixed": "views, `--resizers mixed`",
}


def methods(records):
    """Gains over cross-entropy with an output stride, of 8 epochs."""
    header = ["", *TERM_SETS.values()]
    found = [
        accuracy(records.accuracy("results", row, "cross_entropy"))
        for row in TERM_SETS
    ]
    lines = [["cross-entropy, output stride", *found]]
    for method, text in METHODS.items():
        gains = [
            gain(records.difference("results", row, method, "cross_entropy"))
            for row in TERM_SETS
        ]
        lines.append([text, *gains])
    return table(header, lines)


def animals(records):
    """Both papers' terms on animals enlarged to 96 pixels."""
    at = "awa2_tiny32_methods", ""
    found = records.accuracy(*at, "cross_entropy")
    lines = [["cross-entropy", accuracy(found), ""]]
    for method, text in TERMS.items():
        better = records.difference(*at, method, "cross_entropy")
        own = records.accuracy(*at, method)
        lines.append([text, accuracy(own), gain(better)])
    return table(["", "accuracy", "gain (seeds ahead)"], lines)


def resizers(records):
    """Losses by views and mixed shrinking, tested with training's shrinking."""
    lines = []
    for method, text in SHRINKING.items():
        cells = [text]
        for row in ("birds_32", "flowers17_32"):
            at = "resizers", row, method
            better = gain(records.difference(*at, "no_views"))
            cells.append(accuracy(records.accuracy(*at)))
            cells.append(NONE if method == "no_views" else better)
        lines.append(cells)
    return table(["", "birds", "gain", "flowers", "gain"], lines)
