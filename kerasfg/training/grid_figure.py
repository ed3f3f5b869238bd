"""What a grid is to draw."""

from typing import Literal

from kerasfg.training.recipe_sections import Section


class GridFigure(Section):
    """A picture of a grid's results.

    Attributes:
        kind: `"accuracy"` or `"gain"` (the difference to the baseline) against
            a key of the recipe; `"convergence"`: validation accuracy against
            epochs and seconds; `"frontier"`: accuracy against the latency of
            the exported file; `"tsne"`: features of the first seed's models;
            `"sheet"`: the same pictures as each row sees them.
        x: The key, which rows or methods change. For `"accuracy"` and `"gain"`.
        x_label: What it is, in words.
        log: Whether its axis is logarithmic.
        row: The row to draw, for `"convergence"` and `"tsne"`. Defaults to the
            first one.
        methods: Those to draw. Empty for all.
        attributes: By which `"tsne"` colours the points, beside the classes.
    """

    kind: Literal[
        "accuracy", "gain", "convergence", "frontier", "tsne", "sheet"
    ]
    x: str = "image_size"
    x_label: str = "pixels of the picture"
    log: bool = False
    row: str = ""
    methods: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
