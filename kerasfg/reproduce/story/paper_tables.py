"""The papers' tables next to ours, as gains over only cross-entropy."""

from kerasfg.reproduce.story.markdown import NONE
from kerasfg.reproduce.story.markdown import accuracy
from kerasfg.reproduce.story.markdown import gain
from kerasfg.reproduce.story.markdown import signed
from kerasfg.reproduce.story.markdown import table

# Table of the paper: grid, and for each line its pictures, row and method.
PAPER1 = {
    "Table I": ("paper1_table1", [
        ("80 birds, 32 px", "px32", "attribute"),
        ("48 px", "px48", "attribute"),
        ("64 px", "px64", "attribute"),
        ("96 px (the paper: 224)", "px96", "attribute"),
    ]),
    "Table II": ("paper1_table2", [
        ("17 flowers by form, 32 px", "px32", "attribute"),
        ("48 px", "px48", "attribute"),
        ("64 px", "px64", "attribute"),
    ]),
    "Table III": ("paper1_table3", [
        ("8 animals, 32 px: white", "animals", "white"),
        ("patches", "animals", "patches"),
        ("domestic", "animals", "domestic"),
        ("forest", "animals", "forest"),
        ("all four at once", "animals", "all_four"),
        ("all four, a slice each", "animals", "all_four_split"),
    ]),
    "Table III, of birds": ("paper1_table3_birds", [
        ("white underparts", "", "white_underparts"),
        ("black upperparts", "", "black_upperparts"),
        ("perching shape", "", "perching_shape"),
        ("short bill", "", "short_bill"),
        ("all four at once", "", "all_four"),
        ("all four, a slice each", "", "all_four_split"),
    ]),
    "Table IV": ("paper1_table4", [
        ("17 flowers, 96 px (the paper: 224)", "flowers", "attribute"),
        ("80 birds, 96 px", "birds", "attribute"),
    ]),
    "Fig. 4, t-SNE": ("paper1_fig4", [
        ("10 birds, 32 px", "", "attribute"),
    ]),
    "Fig. 7, the weight": ("paper1_fig7", [
        ("80 birds, 32 px, weight 0.0001", "birds", "weight_00001"),
        ("0.001", "birds", "weight_0001"),
        ("0.01", "birds", "weight_001"),
        ("0.1", "birds", "weight_01"),
    ]),
    "Section V-A": ("paper1_regularization", [
        ("8 animals, a quarter of the pictures", "share_25", "attribute"),
        ("half of them", "share_50", "attribute"),
        ("all of them", "share_100", "attribute"),
    ]),
}  # fmt: skip
_PAIR = (("attention", "attention"), ("pair terms", "pair_terms"),
         ("both (LCV)", "lcv"), ("the head first", "two_stage"))  # fmt: skip


_OTHERS = (("compact bilinear: both (LCV)", "cbp", "lcv"),
           ("hierarchical: both (LCV)", "hbp", "lcv"))  # fmt: skip


def _lines_of(pictures, row):
    return [
        (f"{pictures}: {text}" if not i else text, row, method)
        for i, (text, method) in enumerate(_PAIR)
    ]


PAPER2 = {
    "Table 1": ("paper2_table1", [
        *_lines_of("80 birds, 96 px, bilinear", "bcnn"), *_OTHERS,
    ]),
    "Table 2": ("paper2_table2", [
        *_lines_of("80 birds, 64 px, bilinear", "bcnn"), *_OTHERS,
    ]),
    "Table 3": ("paper2_table3", [
        *_lines_of("10 dogs, 64 px, bilinear", "bcnn"), *_OTHERS,
    ]),
    "Table 4": ("paper2_table4", [
        *_lines_of("17 flowers, 64 px, compact", "cbp"),
        *_lines_of("bilinear", "bcnn"),
        *_lines_of("hierarchical", "hbp"),
    ]),
}  # fmt: skip
BASELINES = {"paper1_fig7": "weight_0"}


def paper1(records):
    """Paper 1's gains next to ours."""
    return _compared(records, PAPER1, "cross_entropy")


def paper2(records):
    """Paper 2's gains next to ours."""
    return _compared(records, PAPER2, "original")


def printed_losses(records):
    """Both papers' losses as they are printed, on flowers at 32 pixels."""
    names = {
        "cross_entropy": "cross-entropy alone",
        "attribute_mean": "attribute term, a mean over the batch (ours)",
        "attribute_sum": "attribute term, a sum (as printed)",
        "pairs_margin": "pair terms on whole maps, with a margin",
        "pairs_difference": "pair terms on whole maps, without (as printed)",
    }
    lines = [
        [text, accuracy(records.accuracy("printed_losses", "", name))]
        for name, text in names.items()
    ]
    return table(["loss", "test accuracy"], lines)


def gain_of(records, grid, row, method, baseline):
    """Returns our gain, and the paper's as a number, a text or `None`."""
    baseline = BASELINES.get(grid, baseline)
    ours = records.difference(grid, row, method, baseline)
    return ours, records.printed(grid, row, method)[0]


def _compared(records, tables, baseline):
    lines = []
    for title, (grid, rows) in tables.items():
        for i, (text, row, method) in enumerate(rows):
            ours, printed = gain_of(records, grid, row, method, baseline)
            name = "" if i else f"{title} (`{grid}`)"
            cells = [name, text, _printed(printed), gain(ours)]
            lines.append(cells)
    header = ["the paper's", "stand-in", "the paper", "here"]
    return table(header, lines, left=2)


def _printed(value):
    if value is None:
        return NONE
    return value if isinstance(value, str) else signed(value, digits=2)
