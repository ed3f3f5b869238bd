"""Draws classes that are taken for one another, at several sizes."""

from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.report.report import read_report
from kerasfg.reproduce.figures.shown_pictures import enlarge

PAIRS = 3
_CELL = 1.2  # inches


def confused_pairs(filepath, number=PAIRS):
    """Returns the pairs of classes with the most mistakes between them.

    Args:
        filepath: Path of a `report.json`; it need not exist.
        number: Most pairs to return. Defaults to `3`.

    Returns:
        List of pairs of class names, the most confused first, each class in
        one pair.
    """
    if not filepath.exists():
        return []
    pairs, used = [], set()
    for worst in read_report(filepath)["test"].get("worst_pairs", []):
        pair = worst["true"], worst["predicted"]
        if used.isdisjoint(pair):
            used.update(pair)
            pairs.append(pair)
    return pairs[:number]


def plot_look_alikes(pairs, sizes, filepath):
    """Draws each pair in a line: a picture of each class at each size.

    The smallest size is also shown enlarged by bicubic interpolation.

    Args:
        pairs: List of pairs of pictures, each a class name and a dictionary
            from sizes to uint8 arrays.
        sizes: Pixels of the pictures, in the order of the columns.
        filepath: Path of the picture.

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Fig. 1(a)
    """
    columns = [f"{size} px" for size in sizes] + [f"{min(sizes)} px, bicubic"]
    shape = len(pairs), 2 * len(columns)
    figure = new_figure(_CELL * shape[1], (_CELL + 0.25) * shape[0] + 0.2)
    panels = figure.subplots(*shape, squeeze=False)
    for line, pair in zip(panels, pairs, strict=True):
        halves = line[: len(columns)], line[len(columns) :]
        for half, (name, pixels) in zip(halves, pair, strict=True):
            shown = [pixels[size] for size in sizes]
            shown.append(enlarge(pixels[min(sizes)]))
            half[0].set_title(drawable(name, 24), fontsize=7, **label_style())
            for axes, picture in zip(half, shown, strict=True):
                axes.imshow(picture, interpolation="nearest")
    for axes, column in zip(panels[-1], columns * 2, strict=True):
        axes.set_xlabel(column, fontsize=7)
    for axes in panels.flat:
        axes.set_xticks([])
        axes.set_yticks([])
    save_figure(figure, filepath)
