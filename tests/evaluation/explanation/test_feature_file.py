import numpy as np
import pytest

from kerasfg.evaluation.explanation.feature_file import KnownPictures
from kerasfg.evaluation.explanation.feature_file import read_features
from kerasfg.evaluation.explanation.feature_file import write_features


def test_what_was_written_is_read(rng, tmp_path):
    odd = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    features = rng.normal(size=(2, 5)).astype("float32")
    path = tmp_path / "new" / "features.npz"
    write_features(path, KnownPictures(features, (odd, "b\n"), ("x", "")))
    known = read_features(path)
    assert known.names == (odd, "b\n") and known.classes == ("x", "")
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    np.testing.assert_allclose(known.features, unit, atol=1e-3)


@pytest.mark.parametrize("kind", ["absent", "text", "cut", "pickle", "short"])
def test_what_is_damaged_counts_as_absent(kind, rng, tmp_path):
    path = tmp_path / "features.npz"
    known = KnownPictures(rng.normal(size=(2, 5)), ("a", "b"), ("x", "y"))
    if kind != "absent":
        write_features(path, known)
    if kind == "text":
        path.write_text("no archive")
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    if kind == "pickle":
        with np.load(path) as parts:
            found = dict(parts)
        found["features"] = np.array([{}, {}], object)
        np.savez(path, **found)
    if kind == "short":
        write_features(path, KnownPictures(known.features, ("a",), ("x",)))
    assert read_features(path) is None
