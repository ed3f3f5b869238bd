"""Draws the pictures of docs/methods, of drawn birds and made-up numbers.

python -P tests/docs/drawings.py docs/methods
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import kerasfg
from kerasfg.data.field_guide.field_guide import draw_bird
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.views.resizers import frame_of
from kerasfg.data.views.resizers import resize
from kerasfg.evaluation import apply_temperature
from kerasfg.evaluation import fit_temperature
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.plots.tsne import COLORS
from kerasfg.evaluation.plots.tsne import MARKERS

WIDTH = 5.6  # inches, as the figures of docs/results
RED = "#cc3311"
GREY = "#4a4f57"


def low_resolution():
    """A bird of 32 pixels and the positions that a network makes of it."""
    bird = draw_bird(2, 3)
    small = Image.fromarray(shrink(bird, 32))
    large = small.resize((128, 128), Image.Resampling.BILINEAR)
    figure, panes = _panels(2, 2, 6.0)
    _show(panes[0], bird, "the picture")
    _show(panes[1], small, "32 pixels: one position", 1)
    _show(panes[2], small, "output stride 8: 4 x 4 positions", 4)
    _show(panes[3], large, "enlarged to 128: 4 x 4 positions", 4)
    return figure


def resizers():
    """What four ways of shrinking make of one picture."""
    bird = draw_bird(5, 1).resize((1024, 1024), Image.Resampling.BICUBIC)
    names = {
        "bicubic": "bicubic, as in training",
        "linear": "linear, not antialiased",
        "nearest": "nearest",
        "frame_256": "by a frame of 256",
    }
    figure, panes = _panels(2, 2, 6.0)
    for axes, (name, title) in zip(panes, names.items(), strict=True):
        shrunk = resize(frame_of(bird, 32, name), 32, name)
        _show(axes, shrunk, title)
    return figure


def distillation():
    """One view for both, and what the teacher says of it."""
    bird = draw_bird(2, 3).crop((10, 14, 114, 118))
    figure, panes = _panels(2, 2, 5.4)
    _show(panes[0], bird, "a view: the teacher's pixels")
    _show(panes[1], Image.fromarray(shrink(bird, 32)), "the student's: 32")
    logits = np.array([4.0, 2.8, 1.0, -0.5, -1.0])
    for axes, temperature in zip(panes[2:], (1, 2), strict=True):
        shares = np.exp(logits / temperature)
        axes.bar(range(5), shares / shares.sum(), color=COLORS[0])
        axes.set_title(f"the teacher's answer, T = {temperature}", fontsize=11)
        axes.set_xticks(range(5), ["true", "its\ntwin", "3", "4", "5"])
        axes.set_ylim(0, 1)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def attributes():
    """Features of four classes, and the means of two attribute values."""
    random = np.random.default_rng(3)
    centres = np.array([[-2, 1.2], [-1.4, -1.3], [1.6, 1.4], [2, -1]])
    figure, (axes,) = _panels(1, 1, 4.4)
    for value in (0, 1):
        mean = centres[[2 * value, 2 * value + 1]].mean(axis=0)
        for label in (2 * value, 2 * value + 1):
            points = centres[label] + 0.35 * random.standard_normal((12, 2))
            style = {"color": COLORS[value], "marker": MARKERS[label]}
            axes.scatter(*points.T, s=28, label=f"class {label + 1}", **style)
            for point in points[:5]:
                end = point + 0.4 * (mean - point)
                _arrow(axes, point, end, COLORS[value])
        axes.scatter(*mean, s=220, marker="*", color=COLORS[value])
        axes.annotate(f"r({'no' if value else 'yes'})", mean + [0.12, 0.12])
    axes.legend(fontsize=9, frameon=False, ncols=4, loc="lower center")
    axes.set_ylim(-3.4, 2.6)
    return _without_ticks(figure)


def attention():
    """The factor by which attention raises a response, and where it does."""
    import keras

    bird = draw_bird(2, 3)
    model = kerasfg.models.backbone("efficientnet_lite0", 128, output_stride=8)
    maps = model.predict(np.asarray(bird)[None].astype("float32"), verbose=0)
    maps = np.asarray(maps[-1] if isinstance(maps, list) else maps)
    mask = keras.ops.convert_to_numpy(keras.ops.sigmoid(maps))[0].mean(axis=-1)
    figure, panes = _panels(2, 2, 5.8)
    x = np.linspace(-6, 6, 200)
    panes[0].plot(x, 1 + 1 / (1 + np.exp(-x)), color=COLORS[0])
    panes[0].set_title("factor 1 + sigmoid(F)", fontsize=11)
    panes[1].plot(x, x, color=GREY, linestyle=":", label="F")
    panes[1].plot(x, x + x / (1 + np.exp(-x)), color=COLORS[0], label="M")
    panes[1].set_title("M = F (1 + sigmoid(F))", fontsize=11)
    panes[1].legend(frameon=False)
    for axes in panes[:2]:
        axes.grid(color="#e6e9ee")
        axes.set_xlabel("response F")
    _show(panes[2], bird, "a drawn bird")
    _show(panes[3], bird, "the mask, mean over channels")
    panes[3].imshow(mask, cmap="inferno", alpha=0.65, extent=(0, 1, 1, 0))
    return figure


def pair_terms():
    """Pairs of one class are drawn together, others pushed to the margin."""
    figure, (axes,) = _panels(1, 1, 4.2)
    one = np.array([[-1.3, 0.3], [-0.2, 0.9], [-0.4, -0.5]])
    other = np.array([[0.45, 0.2], [1.8, 0.7]])
    axes.scatter(*one.T, s=60, color=COLORS[0], label="class 1")
    axes.scatter(*other.T, s=60, color=COLORS[1], marker="s", label="class 2")
    for i, point in enumerate(one):
        for end in one[i + 1 :]:
            axes.plot(*zip(point, end, strict=True), ":", color=COLORS[0])
            _arrow(axes, point, point + 0.3 * (end - point), COLORS[0])
            _arrow(axes, end, end + 0.3 * (point - end), COLORS[0])
    axes.plot(*other.T, ":", color=COLORS[1])
    turns = np.linspace(0, 2 * np.pi, 100)
    circle = other[0][:, None] + np.array([np.cos(turns), np.sin(turns)])
    axes.plot(*circle, color=RED, linewidth=1, label="margin around one")
    for point in one[1:]:
        away = point + 0.35 * (point - other[0])
        _arrow(axes, point, away, RED)
    axes.set_aspect("equal")
    axes.set_ylim(-1.5, 1.9)
    axes.legend(fontsize=9, frameon=False, ncols=3, loc="upper center")
    return _without_ticks(figure)


def pooling():
    """From a map to the products of its channels, and to a sketch of them."""
    random = np.random.default_rng(0)
    x = np.maximum(random.standard_normal((16, 12)), 0)  # positions, channels
    products = x.T @ x / len(x)
    hashes = [random.integers(0, 24, 12) for _ in range(2)]
    signs = [random.choice((-1, 1), 12) for _ in range(2)]
    sketch = np.zeros(24)
    for i in range(12):
        for j in range(12):
            place = (hashes[0][i] + hashes[1][j]) % 24
            sketch[place] += signs[0][i] * signs[1][j] * products[i, j]
    figure, panes = _panels(2, 2, 5.6)
    parts = {
        "a map: 12 channels, 16 positions": x.T,
        "average: 12 numbers": x.mean(axis=0)[:, None],
        "bilinear: 12 x 12 products": products,
        "compact bilinear: 24 sums of them": sketch.reshape(4, 6),
    }
    for axes, (title, values) in zip(panes, parts.items(), strict=True):
        most = np.abs(values).max()
        axes.imshow(values, cmap="RdBu_r", vmin=-most, vmax=most)
        axes.set_title(title, fontsize=10)
    return _without_ticks(figure)


def calibration():
    """Confidence against accuracy, without and with the temperature."""
    random = np.random.default_rng(1)
    logits = 1.1 * random.standard_normal((4000, 10))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (true.cumsum(axis=1) > random.random((4000, 1))).argmax(axis=1)
    sure = np.exp(2.2 * logits)
    sure /= sure.sum(axis=1, keepdims=True)
    temperature = fit_temperature(labels, sure)
    figure, (axes,) = _panels(1, 1, 4.6)
    axes.plot([0, 1], [0, 1], ":", color=GREY, label="as sure as it is right")
    for index, (name, shares) in enumerate(
        {
            "too sure": sure,
            f"T = {temperature:.1f}": apply_temperature(sure, temperature),
        }.items()
    ):
        confidence = shares.max(axis=1)
        right = shares.argmax(axis=1) == labels
        bins = np.minimum((10 * confidence).astype(int), 9)
        points = [
            (confidence[bins == b].mean(), right[bins == b].mean())
            for b in range(10)
            if (bins == b).sum() > 20
        ]
        style = {"color": COLORS[index], "marker": MARKERS[index]}
        axes.plot(*zip(*points, strict=True), label=name, **style)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that is right")
    axes.grid(color="#e6e9ee")
    axes.legend(frameon=False)
    return figure


def prediction_sets():
    """The classes above the limit, of a sure and of an unsure picture."""
    figure, panes = _panels(1, 2, 3.4)
    pictures = {
        "sure: a set of one": [0.93, 0.04, 0.02, 0.01, 0.0],
        "not sure: a set of three": [0.41, 0.27, 0.18, 0.09, 0.05],
    }
    for axes, (title, shares) in zip(panes, pictures.items(), strict=True):
        colors = [COLORS[0] if p >= 0.15 else "#b9bec6" for p in shares]
        axes.bar(range(5), shares, color=colors)
        axes.axhline(0.15, color=RED, linewidth=1.2)
        axes.set_title(title, fontsize=11)
        axes.set_xticks(range(5), list("ABCDE"))
        axes.set_ylim(0, 1)
        axes.spines[["top", "right"]].set_visible(False)
    panes[0].text(2.2, 0.18, "limit", color=RED)
    panes[0].set_ylabel("probability")
    return figure


def familiarity():
    """Known pictures lie in few directions of the features, others do not."""
    random = np.random.default_rng(5)
    figure, (axes,) = _panels(1, 1, 4.2)
    known = np.clip(0.86 + 0.05 * random.standard_normal(70), 0, 0.99)
    other = np.clip(0.6 + 0.1 * random.standard_normal(50), 0, 0.99)
    energies = 6.5 + 0.9 * random.standard_normal(70)
    lower = 4.2 + 0.9 * random.standard_normal(50)
    style = {"s": 26, "alpha": 0.8}
    axes.scatter(known, energies, color=COLORS[0], label="known", **style)
    axes.scatter(
        other, lower, color=COLORS[1], marker="s", label="foreign", **style
    )
    x = np.array([0.45, 1.0])
    axes.plot(x, 5.0 - 12 * (x - 0.79), color=RED, label="familiarity 0.5")
    axes.set_xlim(0.35, 1.0)
    axes.set_ylim(1.5, 9.5)
    axes.set_xlabel("share of the features inside the directions")
    axes.set_ylabel("energy of the logits")
    axes.grid(color="#e6e9ee")
    axes.legend(frameon=False, fontsize=9)
    return figure


PICTURES = (
    *(low_resolution, resizers, distillation, attributes, attention),
    *(pair_terms, pooling, calibration, prediction_sets, familiarity),
)


def _panels(rows, columns, height):
    figure = new_figure(WIDTH, height)
    panes = figure.subplots(rows, columns, squeeze=False)
    return figure, panes.ravel()


def _show(axes, picture, title, cells=0):
    """Shows a picture of any size, with lines between its positions."""
    axes.imshow(np.asarray(picture), extent=(0, 1, 1, 0), interpolation="none")
    axes.set_title(title, fontsize=11)
    axes.set_axis_off()
    for place in np.linspace(0, 1, cells + 1) if cells else ():
        axes.plot([0, 1], [place, place], color=RED, linewidth=1.6)
        axes.plot([place, place], [0, 1], color=RED, linewidth=1.6)


def _arrow(axes, start, end, color):
    style = {"arrowstyle": "->", "color": color}
    axes.annotate("", end, start, arrowprops=style)


def _without_ticks(figure):
    for axes in figure.axes:
        axes.set_xticks([])
        axes.set_yticks([])
    return figure


def draw_all(folder):
    """Draws the pictures into a folder, as PNG files."""
    for make in PICTURES:
        metadata = {"Software": None}
        save_figure(make(), Path(folder) / f"{make.__name__}.png", metadata)


if __name__ == "__main__":
    draw_all(sys.argv[1])
