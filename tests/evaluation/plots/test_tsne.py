import sys

import numpy as np
import pytest
import sklearn.manifold
from PIL import Image

from kerasfg.data.attributes import AttributeTable
from kerasfg.evaluation.metrics.silhouette import silhouettes
from kerasfg.evaluation.plots.tsne import plot_tsne

AWKWARD = ["$x_1$ $", "野鳥", "[a]_{b}", "a\nb\x1b", "Specht " * 9, "عصفور"]


def samples(classes, of_each=6, dim=8):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), of_each)
    centers = 4 * rng.normal(size=(classes, dim))
    return centers[labels] + rng.normal(size=(len(labels), dim)), labels


def make_table(class_names, attributes=2):
    rng = np.random.default_rng(1)
    values = rng.integers(-1, 2, (len(class_names), attributes))
    names = [f"attribute {i}" for i in range(attributes)]
    return AttributeTable(
        class_names, names, values, [("no", "yes")] * attributes
    )


def opened(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def calls(monkeypatch):
    """The arguments of t-SNE, replaced by the first two features."""
    calls = []

    class Recorder:
        def __init__(self, **options):
            calls.append(options)

        def fit_transform(self, features):
            calls[-1]["features"] = features
            return features[:, :2]

    monkeypatch.setattr(sklearn.manifold, "TSNE", Recorder)
    return calls


def test_is_drawn_and_measured(tmp_path):
    features, labels = samples(4)
    names = list("abcd")
    table = make_table(names)
    models = {"plain": features, "assisted": features[:, :3] ** 2}
    path = tmp_path / "tsne.png"
    scores = plot_tsne(models, labels, names, table, path)
    assert (opened(path) != 255).any()
    assert [p.name for p in tmp_path.iterdir()] == ["tsne.png"]
    assert scores == {
        name: silhouettes(values, labels, table)
        for name, values in models.items()
    }


def test_one_seed_is_one_picture(tmp_path):
    features, labels = samples(12)
    names = [f"class {i}" for i in range(12)]
    pictures = []
    for seed in (0, 0, 1):
        path = tmp_path / "tsne.png"
        plot_tsne({"a": features}, labels, names, None, path, seed)
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]


def test_ten_classes_at_random_are_drawn_of_every_model(tmp_path, calls):
    features, labels = samples(25)
    names = [f"class {i}" for i in range(25)]
    models = {"plain": features, "assisted": features + 1}
    for seed in (0, 1):
        path = tmp_path / "tsne.png"
        scores = plot_tsne(models, labels, names, None, path, seed)
    drawn = []
    for call, moved in zip(calls, (0, 1, 0, 1), strict=True):
        rows = (
            call["features"][:, None]
            == (features + moved).astype("float32")[None]
        ).all(-1)
        drawn.append(set(labels[rows.any(axis=0)]))
        assert len(drawn[-1]) == 10 and rows.sum() == 60
    assert drawn[0] == drawn[1] != drawn[2] == drawn[3]
    # what is measured is not a matter of luck
    assert scores["plain"] == silhouettes(features, labels)


def test_asks_for_what_the_number_of_pictures_allows(tmp_path, calls):
    for of_each, perplexity in ((3, 11 / 3), (40, 30)):
        features, labels = samples(4, of_each)
        plot_tsne(
            {"a": features}, labels, list("abcd"), None, tmp_path / "a.png", 7
        )
        assert calls[-1]["perplexity"] == pytest.approx(perplexity)
        assert (calls[-1]["init"], calls[-1]["random_state"]) == (
            "pca",
            7,
        )


def test_any_name_can_be_drawn(tmp_path, calls):
    features, labels = samples(len(AWKWARD))
    table = AttributeTable(
        AWKWARD, AWKWARD[:3], np.arange(18).reshape(6, 3) % 3, [AWKWARD[3:]] * 3
    )
    models = {name: features for name in AWKWARD[:3]}
    plot_tsne(models, labels, AWKWARD, table, tmp_path / "tsne.png")
    assert max(opened(tmp_path / "tsne.png").shape) < 4000


def test_four_pictures_are_enough(tmp_path):
    features, labels = samples(2, 2)
    plot_tsne({"a": features}, labels, ["a", "b"], None, tmp_path / "a.png")
    opened(tmp_path / "a.png")


def test_pyplot_is_never_needed(tmp_path, calls, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    features, labels = samples(2)
    plot_tsne({"a": features}, labels, ["a", "b"], None, tmp_path / "a.png")


BAD = samples(3)[0]
BAD[2, 1] = np.nan


@pytest.mark.parametrize(
    ("features", "n", "table", "message"),
    [
        (samples(3)[0], 17, None, r"Received: features\.shape=\(18, 8\)"),
        (samples(3)[0][:, :1], 18, None, r"features\.shape=\(18, 1\)"),
        (BAD, 18, None, "must be finite"),
        (
            np.ones((18, 4)),
            18,
            None,
            "differ.*Received: equal features of 'a run'",
        ),
        (samples(3)[0][:3], 3, None, "at least 4 samples.*Received: 3 labels"),
        (samples(3)[0], 18, make_table("ab"), "Received: 2 classes, 2 attr"),
        (samples(3)[0], 18, make_table("abc", 9), "3 classes, 9 attributes"),
    ],
)
def test_rejects(tmp_path, features, n, table, message):
    labels = samples(3)[1][:n]
    with pytest.raises(ValueError, match=message):
        plot_tsne(
            {"a run": features}, labels, list("abc"), table, tmp_path / "a.png"
        )
    assert not list(tmp_path.iterdir())


def test_rejects_a_label_without_a_name(tmp_path):
    features, labels = samples(3)
    with pytest.raises(ValueError, match="18 labels from 0 to 2"):
        plot_tsne({"a": features}, labels, ["a", "b"], None, tmp_path / "a.png")
