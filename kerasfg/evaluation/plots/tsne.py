"""Draws the features of classifiers by t-SNE."""

import numpy as np
from threadpoolctl import threadpool_limits

from kerasfg.evaluation.metrics.silhouette import silhouettes
from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure

MOST_CLASSES = 10
MOST_ATTRIBUTES = 8
NAME_LENGTH = 22  # in a legend of two columns
TITLE_LENGTH = 34
PANEL = 3.3  # inches
# Ten colours that colour-blind people can distinguish (Tol's muted scheme),
# together with the markers.
COLORS = (
    "#332288",
    "#cc6677",
    "#44aa99",
    "#ddcc77",
    "#88ccee",
    "#882255",
    "#117733",
    "#aa4499",
    "#999933",
    "#000000",
)
MARKERS = "os^Dv"
UNKNOWN = {"color": "#b9bec6", "marker": "x"}


def plot_tsne(features_by_name, labels, class_names, table, filepath, seed=0):
    """Draws the features of models by t-SNE, a row of panels for each model.

    The first panel is coloured by class, and each other panel by an attribute.
    Of more than ten classes ten random ones are drawn, the same for all
    models. Distances in a t-SNE plot mean little. So the silhouette above each
    panel is computed from the features of all samples, not from the plot.

    Args:
        features_by_name: Dict from the name of a model to its features, floats
            of shape `(n, dim)`; `dim` may differ.
        labels: True classes, integers of shape `(n,)`, for all models.
        class_names: One unique name per class.
        table: `AttributeTable` with the classes in the order of the labels and
            at most 8 attributes; or `None`.
        filepath: Path of the picture.
        seed: Seed of the choice of classes and of the t-SNE. Defaults to `0`.

    Returns:
        Dict from each name to the result of `kerasfg.evaluation.silhouettes`.

    Raises:
        ValueError: If the arguments do not fit together, or a model has equal
            features for all drawn samples.

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Fig. 4
    """
    labels = np.asarray(labels)
    check_table(table, class_names)
    for name, features in features_by_name.items():
        _check_features(name, np.asarray(features), labels, class_names)
    shown = np.isin(labels, _some_classes(labels, seed))
    colorings = list(_colorings(labels[shown], class_names, table))
    size = len(features_by_name), len(colorings)
    figure = new_figure(PANEL * size[1], (PANEL + 0.25) * size[0] + 1)
    panels = figure.subplots(*size, squeeze=False)
    scores = {}
    for row, (name, features) in zip(
        panels, features_by_name.items(), strict=True
    ):
        scores[name] = silhouettes(features, labels, table)
        points = _embed(name, np.asarray(features)[shown], seed)
        for axes, coloring in zip(row, colorings, strict=True):
            _scatter(axes, points, *coloring[1:])
        row[0].set_ylabel(drawable(name, TITLE_LENGTH), **label_style())
    _write(figure, panels, colorings, scores.values())
    _title(figure, labels, shown)
    save_figure(figure, filepath)
    return scores


def check_table(table, class_names):
    """Raises `ValueError` if `plot_tsne` cannot draw the table."""
    if table is None:
        return
    classes, attributes = table.values.shape
    if classes != len(class_names) or attributes > MOST_ATTRIBUTES:
        raise ValueError(
            f"Argument `table` must have the {len(class_names)} classes and at "
            f"most {MOST_ATTRIBUTES} attributes. Select attributes to draw. "
            f"Received: {classes} classes, {attributes} attributes"
        )


def _some_classes(labels, seed):
    classes = np.unique(labels)
    if len(classes) <= MOST_CLASSES:
        return classes
    random = np.random.default_rng(seed)
    return random.choice(classes, MOST_CLASSES, replace=False)


def _colorings(labels, class_names, table):
    """Yields the name, the groups and the group names of each column."""
    yield "class", labels, class_names
    if table is not None:
        yield from (
            (name, values[labels], value_names)
            for name, values, value_names in zip(
                table.attributes, table.values.T, table.value_names, strict=True
            )
        )


def _embed(name, features, seed):
    from sklearn.manifold import TSNE  # slow

    if not np.ptp(features, axis=0).any():
        raise ValueError(
            "The features of a model must differ between pictures. Check that "
            f"the model was trained. Received: equal features of {name!r}"
        )
    tsne = TSNE(
        init="pca",
        perplexity=min(30, (len(features) - 1) / 3),
        random_state=seed,
    )
    # The result depends on the number of threads, which add in other orders.
    with threadpool_limits(1):
        return tsne.fit_transform(features.astype("float32"))


def _scatter(axes, points, groups, names):
    size = float(np.clip(4000 / len(points), 6, 36))
    present = np.unique(groups)
    for place, group in enumerate(present[present >= 0]):
        axes.scatter(
            *points[groups == group].T,
            s=size,
            color=COLORS[place % len(COLORS)],
            marker=MARKERS[place % len(MARKERS)],
            linewidths=0,
            alpha=0.8,
            label=drawable(names[group], NAME_LENGTH),
        )
    if present[0] < 0:
        axes.scatter(*points[groups < 0].T, s=size, label="unknown", **UNKNOWN)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color("#b9bec6")


def _write(figure, panels, colorings, scores):
    for row, score in zip(panels, scores, strict=True):
        values = (score["class"], *score["attributes"].values())
        for axes, value in zip(row, values, strict=True):
            number = "\N{EN DASH}" if value is None else f"{value:.3f}"
            axes.set_title(f"silhouette {number}", fontsize=9, loc="right")
    for axes, (name, *_) in zip(panels[0], colorings, strict=True):
        axes.annotate(
            drawable(name, TITLE_LENGTH),
            (0, 1),
            (0, 22),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=10,
            **label_style(),
        )
    for axes in panels[-1]:
        legend = axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, 0),
            ncols=2,
            fontsize=8,
            markerscale=1.5,
            frameon=False,
            borderaxespad=0.2,
            handletextpad=0.2,
            columnspacing=0.8,
        )
        for text in legend.get_texts():
            text.set(**label_style())


def _title(figure, labels, shown):
    few, classes = len(np.unique(labels[shown])), len(np.unique(labels))
    text = f"t-SNE of {shown.sum():,} pictures of {few}"
    if few < classes:
        text += f" of {classes} classes; silhouettes of all {len(labels):,}"
    else:
        text += " classes"
    figure.suptitle(text, fontsize=11, x=0.01, ha="left")


def _check_features(name, features, labels, class_names):
    if (
        features.ndim != 2
        or labels.shape != features.shape[:1]
        or features.shape[1] < 2
        or not np.isfinite(features).all()
    ):
        raise ValueError(
            "Features must be finite and have the shape `(n, dim)`, with one "
            "sample for each label and a `dim` of at least 2. Received: "
            f"features.shape={features.shape} of {name!r}, labels.shape="
            f"{labels.shape}"
        )
    if len(labels) < 4 or not 0 <= labels.min() <= labels.max() < len(
        class_names
    ):
        raise ValueError(
            "There must be at least 4 samples, with labels in "
            f"[0, {len(class_names)}). Received: {len(labels)} labels from "
            f"{labels.min(initial=0)} to {labels.max(initial=0)}"
        )
