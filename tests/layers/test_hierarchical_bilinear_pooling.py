"""HierarchicalBilinearPooling against Yu et al. (2018)."""

import keras
import numpy as np
import pytest

from kerasfg.layers import HierarchicalBilinearPooling

CHANNELS = (3, 2, 4)


def hierarchical_numpy(maps, projections):
    """Section 3.3, one position at a time, before the normalization."""
    batch, height, width, _ = maps[0].shape
    parts = []
    for i in range(len(maps)):
        for j in range(i + 1, len(maps)):
            total = np.zeros((batch, projections[0].shape[1]))
            for b in range(batch):
                for r in range(height):
                    for s in range(width):
                        first = projections[i].T @ maps[i][b, r, s]
                        second = projections[j].T @ maps[j][b, r, s]
                        total[b] += first * second
            parts.append(total / (height * width))
    return parts


def normalized_numpy(pooled):
    root = np.sign(pooled) * np.sqrt(np.abs(pooled))
    return root / np.linalg.norm(root, axis=1, keepdims=True)


@pytest.fixture
def maps(rng):
    return [rng.normal(size=(2, 5, 4, channels)) for channels in CHANNELS]


@pytest.fixture
def make_layer(maps):
    """A built layer of 6 projections; what it was given, it holds."""

    def make(**kwargs):
        keras.utils.set_random_seed(0)
        layer = HierarchicalBilinearPooling(projection_dim=6, **kwargs)
        layer.build([x.shape for x in maps])
        return layer, [np.array(x, "float64") for x in layer.get_weights()]

    return make


def test_contract(check_layer):
    check_layer(
        HierarchicalBilinearPooling,
        init_kwargs={"projection_dim": 6, "normalize": True, "epsilon": 1e-5},
        input_shape=[(2, 5, 4, channels) for channels in CHANNELS],
        output_shape=(2, 18),
        trainable=3,
    )


def test_matches_the_paper(maps, make_layer):
    layer, projections = make_layer(normalize=False)
    expected = np.concatenate(hierarchical_numpy(maps, projections), axis=1)
    np.testing.assert_allclose(layer(maps), expected, rtol=1e-5, atol=1e-6)


def test_each_pair_is_normalized_by_itself(maps, make_layer):
    layer, projections = make_layer(epsilon=1e-10)
    parts = hierarchical_numpy(maps, projections)
    expected = np.concatenate([normalized_numpy(x) for x in parts], axis=1)
    np.testing.assert_allclose(layer(maps), expected, atol=1e-5)


@pytest.mark.parametrize("normalize", [True, False])
def test_gradient_matches_finite_differences(
    rng, make_layer, normalize, gradient_of, finite_differences
):
    maps = [rng.normal(size=(1, 2, 2, channels)) for channels in CHANNELS]
    layer, projections = make_layer(normalize=normalize, epsilon=1e-10)
    direction = rng.normal(size=(1, 18))

    def function(*maps):
        parts = hierarchical_numpy(maps, projections)
        parts = [normalized_numpy(x) if normalize else x for x in parts]
        return (np.concatenate(parts, axis=1) * direction).sum()

    expected = finite_differences(function, maps)
    given = gradient_of(layer, maps, direction)
    for x, y in zip(given, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-4)


def test_projections_get_the_gradient_of_the_paper(
    rng, make_layer, gradient, finite_differences
):
    maps = [rng.normal(size=(1, 2, 2, channels)) for channels in CHANNELS]
    layer, projections = make_layer(normalize=False)

    def total(*weights):
        outputs, _ = layer.stateless_call(weights, [], maps)
        return keras.ops.sum(outputs)

    given = gradient(total, *layer.get_weights())
    expected = finite_differences(
        lambda *given: sum(x.sum() for x in hierarchical_numpy(maps, given)),
        projections,
    )
    for x, y in zip(given, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-5)


def test_ignores_where_features_lie(maps, rng, make_layer):
    order = rng.permutation(20)
    shuffled = [
        x.reshape(2, 20, -1)[:, order].reshape(2, 4, 5, -1) for x in maps
    ]
    layer, _ = make_layer()
    np.testing.assert_allclose(layer(maps), layer(shuffled), atol=1e-6)


@pytest.mark.parametrize(("count", "pairs"), [(2, 1), (4, 6)])
def test_any_number_of_maps(rng, count, pairs):
    maps = [rng.normal(size=(2, 3, 3, 4)) for _ in range(count)]
    layer = HierarchicalBilinearPooling(projection_dim=5)
    assert layer(maps).shape == (2, 5 * pairs)


def test_zero_maps_have_a_finite_gradient(make_layer, gradient_of):
    layer, _ = make_layer()
    zeros = [np.zeros((1, 1, 1, channels)) for channels in CHANNELS]
    np.testing.assert_array_equal(layer(zeros), np.zeros((1, 18)))
    for gradient in gradient_of(layer, zeros, np.ones((1, 18))):
        assert np.isfinite(gradient).all()


def test_float16_projections_do_not_overflow(rng):
    maps = [np.full((1, 7, 7, 8), 6e4, "float16")] * 2
    layer = HierarchicalBilinearPooling(4, dtype="mixed_float16")
    norm = np.linalg.norm(np.asarray(layer(maps), "float32"))
    np.testing.assert_allclose(norm, 1, rtol=1e-3)


@pytest.mark.slow
@pytest.mark.tensorflow("export")
def test_exports(check_export):
    layer = HierarchicalBilinearPooling(projection_dim=8)
    assert "FULLY_CONNECTED" in check_export(layer, streams=3)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"projection_dim": 0}, r"must be positive\. Received: projection_d"),
        ({"epsilon": 0.0}, r"must be positive\. Received: epsilon=0\.0"),
    ],
)
def test_rejects_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        HierarchicalBilinearPooling(**kwargs)


def test_rejects_a_single_map():
    with pytest.raises(ValueError, match=r"2 or more feature maps\. Received"):
        HierarchicalBilinearPooling()(keras.Input((4, 4, 3)))


def test_rejects_maps_of_two_resolutions():
    maps = [keras.Input((4, 4, 3)), keras.Input((2, 2, 3))]
    with pytest.raises(ValueError, match=r"same height and width\. Received"):
        HierarchicalBilinearPooling()(maps)
