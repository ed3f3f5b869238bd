"""The head that tells familiar pictures from others, and its file."""

import math
import os
import zipfile

import numpy as np
import pytest

from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.evaluation.metrics.familiarity_head import load_familiarity


@pytest.fixture(params=(True, False))
def head(rng, request):
    return Familiarity(
        rng.normal(size=(8, 3)),
        rng.normal(size=3),
        rng.normal(size=(4, 3)),
        distance=0.1,
        energy=0.2,
        offset=0.3,
        normalize=request.param,
    )


def _oracle(head, features, logits):
    """The formula in plain loops."""
    if head.normalize:
        length = math.sqrt(sum(x**2 for x in features))
        features = [x / length for x in features]
    z = []
    for j in range(len(head.bias)):
        products = [
            x * row[j] for x, row in zip(features, head.projection, strict=True)
        ]
        z.append(sum(products) + head.bias[j])
    distances = [
        sum((a - b) ** 2 for a, b in zip(z, mean, strict=True))
        for mean in head.means
    ]
    energy = math.log(sum(math.exp(x) for x in logits))
    value = head.offset + head.energy * energy
    value -= head.distance * min(distances)
    return 1 / (1 + math.exp(-value))


def test_score_is_the_formula(head, rng):
    features, logits = rng.normal(size=(5, 8)), 5 * rng.normal(size=(5, 4))
    found = head.score(features, logits)
    wanted = [
        _oracle(head, *each) for each in zip(features, logits, strict=True)
    ]
    assert found.dtype == "float32" and np.ptp(found) > 0.1
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_score_of_large_numbers(head):
    logits = np.array([[2000.0, 0, 0, 0], [-2000.0, -2001, -2001, -2001]])
    assert head.score(np.zeros((2, 8)), logits).tolist() == [1, 0]
    if not head.normalize:
        assert head.score(np.full((1, 8), 1e6), logits[:1]).tolist() == [0]


def test_what_is_saved_is_loaded(head, tmp_path):
    head.save(tmp_path / "familiarity.npz")
    found = load_familiarity(tmp_path / "familiarity.npz")
    for name in ("projection", "bias", "means"):
        np.testing.assert_array_equal(getattr(found, name), getattr(head, name))
        assert getattr(found, name).dtype == "float32"
    weights = found.distance, found.energy, found.offset
    assert weights == (0.1, 0.2, 0.3)
    assert found.normalize is head.normalize
    assert os.listdir(tmp_path) == ["familiarity.npz"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"projection": np.zeros((8, 25))}, "to 1 to 24 numbers"),
        ({"projection": np.zeros((0, 3))}, "to 1 to 24 numbers"),
        ({"bias": np.zeros(2)}, "must have 3 numbers"),
        ({"means": np.zeros((4, 2))}, "must have 3 numbers"),
        ({"means": np.zeros((0, 3))}, "must have 3 numbers"),
        ({"means": np.full((4, 3), np.nan)}, "`means` must be finite"),
        ({"means": np.zeros(3)}, "of 2 dimension"),
        ({"bias": np.array(["a", "b", "c"])}, "`bias` must be numbers"),
        ({"bias": np.array([None] * 3)}, "Received"),
        ({"offset": np.inf}, "`offset` must be finite"),
        ({"energy": np.zeros(2)}, "Received"),
        ({"distance": "near"}, "Received"),
        ({"offset": None}, "Received"),
        ({"normalize": None}, "Received"),
        ({"normalize": np.zeros(2)}, "Received"),
        ({"bias": np.zeros(3) + 1j}, "`bias` must be numbers"),
    ],
)
def test_a_file_of_other_content(head, tmp_path, change, message):
    path = tmp_path / "familiarity.npz"
    content = {**vars(head), **change}
    np.savez(path, **{k: v for k, v in content.items() if v is not None})
    with pytest.raises(ValueError, match=message) as error:
        load_familiarity(path)
    assert "must be a file that kerasfg wrote" in str(error.value)


def test_a_file_of_another_kind(head, tmp_path):
    path = tmp_path / "familiarity.npz"
    head.save(path)
    whole = path.read_bytes()
    np.savez_compressed(tmp_path / "compressed.npz", **vars(head))
    compressed = (tmp_path / "compressed.npz").read_bytes()
    for contents in (b"", b"PK", whole[:400], whole[:-9], compressed):
        path.write_bytes(contents)
        with pytest.raises(ValueError, match="evaluate the run again"):
            load_familiarity(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match="must be a file. Received"):
        load_familiarity(path)


def test_a_header_with_more_numbers_than_the_file_has(head, tmp_path):
    path = tmp_path / "familiarity.npz"
    np.savez(path, **vars(head))
    with zipfile.ZipFile(path) as file:
        members = {x: file.read(x) for x in file.namelist()}
    header = members["projection.npy"]
    start, end = header.index(b"(8, 3), }"), header.index(b"\n")
    text = b"(99999999999, 3), }".ljust(end - start)
    members["projection.npy"] = header[:start] + text + header[end:]
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    with pytest.raises(ValueError, match="evaluate the run again"):
        load_familiarity(path)
