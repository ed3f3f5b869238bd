import io
import json

import numpy as np
import pytest
from rich.console import Console

from kerasfg.data.attributes import AttributeTable
from kerasfg.evaluation.metrics.silhouette import print_silhouettes
from kerasfg.evaluation.metrics.silhouette import silhouettes

TABLE = AttributeTable(
    ("crow", "rook", "gull", "tern"),
    ("white", "place"),
    [[0, 2], [0, -1], [1, 0], [1, 1]],
    (("no", "yes"), ("sea", "lake", "wood")),
)


def samples(n=40, dim=5):
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(n) % 4)
    return rng.normal(size=(n, dim)) + labels[:, None] * 0.7, labels


def one_sample_at_a_time(features, groups):
    """Rousseeuw (1987), leaving out what belongs to group -1."""
    known = [i for i, group in enumerate(groups) if group >= 0]
    scores = []
    for i in known:
        distances = {}
        for j in known:
            if i != j:
                distance = np.sqrt(np.sum((features[i] - features[j]) ** 2))
                distances.setdefault(groups[j], []).append(distance)
        if groups[i] not in distances:
            scores.append(0.0)
            continue
        a = np.mean(distances.pop(groups[i]))
        b = min(np.mean(others) for others in distances.values())
        scores.append((b - a) / max(a, b))
    return np.mean(scores)


def test_matches_a_loop():
    features, labels = samples()
    found = silhouettes(features, labels, TABLE)
    assert found == {
        "class": pytest.approx(one_sample_at_a_time(features, labels)),
        "attributes": {
            name: pytest.approx(one_sample_at_a_time(features, values[labels]))
            for name, values in zip(
                TABLE.attributes, TABLE.values.T, strict=True
            )
        },
    }
    assert found["attributes"]["place"] != found["class"]


def test_scale_and_rotation_change_nothing(rng):
    features, labels = samples()
    turned = 1000 * features @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert silhouettes(turned, labels)["class"] == pytest.approx(
        silhouettes(features, labels)["class"]
    )


def test_one_group_has_no_silhouette():
    features, labels = samples()
    crows = labels <= 1
    found = silhouettes(features[crows], labels[crows], TABLE)
    assert found["class"] is not None
    assert found["attributes"] == {"white": None, "place": None}
    json.dumps(found, allow_nan=False)


def test_lone_members_have_no_silhouette():
    features, _ = samples(4)
    assert silhouettes(features, np.arange(4))["class"] is None


def test_is_printed_model_by_model():
    features, labels = samples()
    scores = {
        "[b]plain[/b]": silhouettes(features, labels, TABLE),
        "assisted": silhouettes(
            features[labels <= 1], labels[labels <= 1], TABLE
        ),
    }
    file = io.StringIO()
    print_silhouettes(scores, Console(file=file, width=80))
    lines = {
        line.split()[0]: line.split()[1:]
        for line in file.getvalue().splitlines()
        if line.strip()
    }
    assert lines["by"] == ["[b]plain[/b]", "assisted"]
    for name in TABLE.attributes:
        score = scores["[b]plain[/b]"]["attributes"][name]
        assert lines[name] == [f"{score:.3f}", "–"]
