import concurrent.futures
import sys

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.plots import confusion
from kerasfg.evaluation.plots import plot_confusion
from kerasfg.evaluation.plots import plot_history
from kerasfg.evaluation.plots import plot_mistakes
from kerasfg.evaluation.plots import plot_reliability
from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.report.report import evaluate_predictions

AWKWARD = [
    "$x_1$ $",
    "野鳥",
    "[a]_{b}",
    "a\nb\x1b",
    "Specht " * 9,
    "عصفور",
    "🐦",
]
HEADER = (
    "epoch,stage,accuracy,loss,val_accuracy,val_loss,learning_rate,seconds\n"
)


def predictions(n, classes, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += 1.5
    exponents = np.exp(2 * logits)
    return labels, exponents / exponents.sum(axis=1, keepdims=True)


def make_report(names, n=60):
    val, test = predictions(n, len(names), 1), predictions(n, len(names), 2)
    return evaluate_predictions(*val, *test, names)


def opened(path):
    """The picture, which must be the only file in its folder."""
    assert [p.name for p in path.parent.glob("*.png")] == [path.name]
    assert not list(path.parent.glob(".*"))
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def write_history(path, epochs=6, header=HEADER):
    rows = [
        f"{e},{'head' if e < 2 else 'all'},{e / 9},{2 - e / 9},{e / 12},"
        f"{2 - e / 12},0.001,3.5"
        for e in range(epochs)
    ]
    path.write_text(header + "\n".join(rows) + "\n")
    return path


def images(n, size=8):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, size, size, 3), dtype="uint8")


@pytest.mark.parametrize(
    "classes", [1, 2, pytest.param(60, marks=pytest.mark.slow)]
)
def test_confusion_is_drawn(tmp_path, classes):
    path = tmp_path / "confusion.png"
    plot_confusion(make_report([f"class {i}" for i in range(classes)]), path)
    picture = opened(path)
    assert (picture != 255).any()
    assert max(picture.shape) < 4000


def test_of_many_classes_the_title_says_how_many_are_drawn(
    tmp_path, monkeypatch
):
    drawn = []
    monkeypatch.setattr(confusion, "save_figure", lambda f, _: drawn.append(f))
    report = make_report([f"class {i}" for i in range(80)], n=300)
    plot_confusion(report, tmp_path / "confusion.png")
    axes = drawn[0].axes[0]
    assert "The 50 of 80 classes with most mistakes" in axes.get_title()
    assert axes.get_xticklabels()[-1].get_text() == "any other class"
    assert len(axes.get_yticklabels()) == 50


def test_right_answers_are_dark_on_the_diagonal(tmp_path):
    perfect = np.arange(2), np.eye(2)
    path = tmp_path / "confusion.png"
    plot_confusion(evaluate_predictions(*perfect, *perfect, ["a", "b"]), path)
    dark = (opened(path) == (0x0B, 0x2F, 0x5C)).all(axis=-1)
    assert dark.mean() > 0.15


def test_class_without_a_picture_is_grey(tmp_path):
    perfect = np.array([0, 1]), np.eye(3)[:2]
    path = tmp_path / "confusion.png"
    plot_confusion(evaluate_predictions(*perfect, *perfect, list("abc")), path)
    grey = (opened(path) == 0xE3).all(axis=-1)
    assert grey.mean() > 0.05


@pytest.mark.parametrize("epochs", [1, 6, 60])
def test_history_is_drawn(tmp_path, epochs):
    path = tmp_path / "history.png"
    plot_history(write_history(tmp_path / "history.csv", epochs), path)
    ring = (opened(path) == (0xD9, 0x73, 0x0D)).all(axis=-1)
    assert ring.any()


def test_history_without_validation_or_stage_is_drawn(tmp_path):
    history = tmp_path / "history.csv"
    history.write_text("epoch,loss,accuracy\n0,2.0,0.1\n1,nan,\n2,1.0,0.5\n")
    plot_history(history, tmp_path / "history.png")
    opened(tmp_path / "history.png")


@pytest.mark.parametrize(
    "text, message",
    [
        (HEADER, "no epoch yet"),
        ("", r"must have the columns \['accuracy', 'epoch', 'loss'\]"),
        ("epoch,loss\n0,1\n", r"must have the columns \['accuracy'\]"),
    ],
)
def test_rejects_history(tmp_path, text, message):
    history = tmp_path / "history.csv"
    history.write_text(text)
    with pytest.raises(ValueError, match=f"{message}.*Received: history_csv="):
        plot_history(history, tmp_path / "history.png")
    assert not (tmp_path / "history.png").exists()


@pytest.mark.parametrize(
    "names", [None, [f"a/{i:04d}.jpg" for i in range(120)]]
)
def test_mistakes_show_the_pixels_that_the_network_saw(tmp_path, names):
    labels, probabilities = predictions(120, 3)
    pixels = images(120)
    path = tmp_path / "mistakes.png"
    plot_mistakes(pixels, labels, probabilities, list("abc"), path, names)
    colors = np.unique(opened(path).astype("int64") @ (65536, 256, 1))
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    assert len(wrong) > 24
    order = wrong[np.argsort(-probabilities.max(axis=1)[wrong])]
    for shown, i in ((True, order[0]), (True, order[23]), (False, order[24])):
        is_drawn = np.isin(pixels[i].astype("int64") @ (65536, 256, 1), colors)
        assert (is_drawn.mean() > 0.95) == shown


def test_a_perfect_classifier_has_an_empty_sheet(tmp_path):
    path = tmp_path / "mistakes.png"
    plot_mistakes(images(3), np.arange(3), np.eye(3), list("abc"), path)
    opened(path)


def test_one_mistake_is_enough(tmp_path):
    path = tmp_path / "mistakes.png"
    plot_mistakes(images(1), np.array([1]), np.eye(2)[:1], list("ab"), path)
    opened(path)


@pytest.mark.parametrize(
    "pixels, names, message",
    [
        (images(2).astype("float32"), None, "uint8.*Received: images.dtype"),
        (images(2)[..., :1], None, r"images.shape=\(2, 8, 8, 1\)"),
        (images(3), None, "equal lengths. Received: 3 images, 2 labels"),
        (images(2), ["a"], "Received: 2 images, 2 labels, 1 names"),
    ],
)
def test_rejects_images(tmp_path, pixels, names, message):
    with pytest.raises(ValueError, match=message):
        plot_mistakes(
            pixels, np.array([0, 1]), np.eye(2), list("ab"), tmp_path, names
        )


@pytest.mark.parametrize("threshold", [None, 0.4, 1.0])
def test_reliability_is_drawn(tmp_path, threshold):
    path = tmp_path / "reliability.png"
    plot_reliability(*predictions(60, 4), 1.7, path, threshold)
    line = (opened(path) == (0xD9, 0x73, 0x0D)).all(axis=-1)
    assert line.any() == (threshold == 0.4)


def test_any_name_can_be_drawn(tmp_path):
    report = make_report(AWKWARD)
    plot_confusion(report, tmp_path / "confusion.png")
    opened(tmp_path / "confusion.png")
    (tmp_path / "confusion.png").unlink()
    labels, probabilities = predictions(30, len(AWKWARD))
    plot_mistakes(
        images(30), labels, probabilities, AWKWARD, tmp_path / "mistakes.png"
    )
    opened(tmp_path / "mistakes.png")


def test_letters_that_no_font_has_become_boxes():
    assert drawable("a_$\N{GREEK SMALL LETTER ALPHA}") == "a_$α"
    assert drawable("\U0010fffd") == "\N{WHITE SQUARE}"


def test_failed_drawing_leaves_the_previous_picture(tmp_path, monkeypatch):
    path = tmp_path / "confusion.png"
    report = make_report(["a", "b"])
    plot_confusion(report, path)
    before = path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        plot_confusion(report, path)
    assert path.read_bytes() == before
    opened(path)


def test_threads_draw_the_same_picture(tmp_path):
    report = make_report([f"class {i}" for i in range(5)])
    paths = [tmp_path / str(i) / "confusion.png" for i in range(4)]
    for path in paths:
        path.parent.mkdir()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(plot_confusion, [report] * 4, paths))
    assert len({path.read_bytes() for path in paths}) == 1


def test_pyplot_is_never_needed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    plot_confusion(make_report(["a", "b"]), tmp_path / "confusion.png")
    opened(tmp_path / "confusion.png")


def test_weight_decay_is_taken_off_the_training_loss(tmp_path):
    def draw(name, decay):
        rows = [
            f"{e},{e / 9},{2 - e / 9 + decay},{decay},{2 - e / 12}"
            for e in range(1, 6)
        ]
        header = "epoch,accuracy,loss,weight_decay,val_loss\n"
        folder = tmp_path / name
        folder.mkdir()
        (folder / "history.csv").write_text(header + "\n".join(rows) + "\n")
        plot_history(folder / "history.csv", folder / "history.png")
        return opened(folder / "history.png")

    np.testing.assert_array_equal(draw("without", 0.0), draw("with", 4.0))
