"""CompactBilinearPooling against Gao et al. (2016)."""

import keras
import numpy as np
import pytest

from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers.compact_bilinear_pooling import PROJECTIONS

DIM = 7  # odd, which an inverse FFT must be told


def count_sketch(x, hashes, signs):
    """Algorithm 2, the function psi."""
    sketch = np.zeros(DIM)
    for i in range(len(x)):
        sketch[hashes[i]] += signs[i] * x[i]
    return sketch


def tensor_sketch(x, y, hashes_1, signs_1, hashes_2, signs_2):
    """Algorithm 2: a circular convolution, written out."""
    first = count_sketch(x, hashes_1, signs_1)
    second = count_sketch(y, hashes_2, signs_2)
    return [
        sum(first[i] * second[(k - i) % DIM] for i in range(DIM))
        for k in range(DIM)
    ]


def random_maclaurin(x, y, w_1, w_2):
    """Algorithm 1."""
    return [
        sum(w_1[i, k] * x[i] for i in range(len(x)))
        * sum(w_2[i, k] * y[i] for i in range(len(y)))
        / np.sqrt(DIM)
        for k in range(DIM)
    ]


def pooled_numpy(layer, first, second):
    """The projection of each position, averaged."""
    weights = {x.name: x.numpy().astype("int64") for x in layer.weights}
    signs = weights["first_signs"], weights["second_signs"]
    project, constants = random_maclaurin, signs
    if layer.projection == "tensor_sketch":
        hashes = weights["first_hashes"], weights["second_hashes"]
        project = tensor_sketch
        constants = hashes[0], signs[0], hashes[1], signs[1]
    batch, height, width, _ = first.shape
    total = np.zeros((batch, DIM))
    for b in range(batch):
        for r in range(height):
            for s in range(width):
                total[b] += project(first[b, r, s], second[b, r, s], *constants)
    return total / (height * width)


def normalized_numpy(pooled):
    root = np.sign(pooled) * np.sqrt(np.abs(pooled))
    return root / np.linalg.norm(root, axis=1, keepdims=True)


@pytest.fixture
def maps(rng):
    return [rng.normal(size=(2, 3, 2, 5)), rng.normal(size=(2, 3, 2, 4))]


@pytest.fixture(params=[*PROJECTIONS, "fft"])
def kwargs(request):
    """The three computations; seed 8 leaves no bucket empty, where a root
    would enlarge the rounding errors of the FFT."""
    if request.param == "fft":
        return {"output_dim": DIM, "seed": 8, "method": "fft"}
    return {
        "output_dim": DIM,
        "seed": 8,
        "method": "gram",
        "projection": request.param,
    }


def test_contract(check_layer, kwargs):
    check_layer(
        CompactBilinearPooling,
        init_kwargs={**kwargs, "normalize": True, "epsilon": 1e-5},
        input_shape=(2, 5, 4, 3),
        output_shape=(2, DIM),
    )


def test_contract_of_two_maps(check_layer):
    check_layer(
        CompactBilinearPooling,
        init_kwargs={"output_dim": DIM, "seed": 8},
        input_shape=[(2, 5, 4, 3), (2, 5, 4, 2)],
        output_shape=(2, DIM),
    )


def test_matches_the_paper(maps, kwargs):
    for given in (maps[:1], maps):
        layer = CompactBilinearPooling(normalize=False, **kwargs)
        y = layer(given[0] if len(given) == 1 else given, training=True)
        expected = pooled_numpy(layer, given[0], given[-1])
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)


def test_normalization_matches_the_paper(maps, kwargs):
    layer = CompactBilinearPooling(epsilon=1e-12, **kwargs)
    y = layer(maps, training=True)
    expected = normalized_numpy(pooled_numpy(layer, *maps))
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("normalize", [True, False])
def test_gradient_matches_finite_differences(
    maps, kwargs, normalize, rng, gradient_of, finite_differences
):
    maps = [x[:1, :2] for x in maps]
    direction = rng.normal(size=(1, DIM))
    layer = CompactBilinearPooling(normalize=normalize, epsilon=1e-10, **kwargs)
    given = gradient_of(layer, maps, direction, training=True)

    def function(first, second):
        pooled = pooled_numpy(layer, first, second)
        pooled = normalized_numpy(pooled) if normalize else pooled
        return (pooled * direction).sum()

    expected = finite_differences(function, maps)
    for x, y in zip(given, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("output_dim", [1, 2, 31, 128])
@pytest.mark.parametrize("size", [1, 2, 6])
def test_fft_gives_what_gram_gives(rng, size, output_dim, gradient_of):
    maps = [rng.normal(size=(3, size, size, c)) for c in (20, 30)]
    direction = rng.normal(size=(3, output_dim))
    values, gradients = [], []
    for method in ("fft", "gram"):
        layer = CompactBilinearPooling(
            output_dim, method=method, normalize=False
        )
        values.append(np.asarray(layer(maps, training=True)))
        gradients.append(gradient_of(layer, maps, direction, training=True))
    scale = np.abs(values[1]).max()
    np.testing.assert_allclose(*values, atol=1e-5 * scale)
    for x, y in zip(*gradients, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-5 * np.abs(y).max())


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_products_are_those_of_bilinear_pooling_on_average(rng, projection):
    x, y = rng.normal(size=(2, 1, 2, 2, 6)).astype("float32")
    rows, other = x.reshape(4, 6), y.reshape(4, 6)
    kernel = np.mean((rows @ other.T) ** 2)  # <vec(B_x), vec(B_y)>
    products = []
    for seed in range(100):
        layer = CompactBilinearPooling(
            64, projection, seed=seed, normalize=False
        )
        a, b = np.asarray(layer(np.concatenate([x, y])))
        products.append(a @ b)
    error = np.std(products) / np.sqrt(len(products))
    assert abs(np.mean(products) - kernel) < 4 * error
    assert error < 0.2 * kernel  # or the line above says nothing


def test_ignores_where_features_lie(maps, rng, kwargs):
    order = rng.permutation(6)
    shuffled = [
        x.reshape(2, 6, -1)[:, order].reshape(2, 2, 3, -1) for x in maps
    ]
    layer = CompactBilinearPooling(**kwargs)
    np.testing.assert_allclose(
        layer(maps, training=True), layer(shuffled, training=True), atol=1e-5
    )


@pytest.mark.tensorflow("the operators of a graph")
@pytest.mark.parametrize(
    ("size", "channels", "output_dim", "training", "by_fft"),
    [
        (1, 512, 8192, True, True),
        (2, 512, 8192, True, True),
        (7, 512, 8192, True, False),
        (14, 512, 8192, True, False),
        (1, 512, 8192, False, False),  # predict and exports share one graph
        (1, 64, 8192, True, False),
        (5, 512, 1024, True, True),
        (None, 512, 8192, True, False),
    ],
)
def test_auto_takes_the_cheaper_way(
    size, channels, output_dim, training, by_fft
):
    import tensorflow as tf

    layer = CompactBilinearPooling(output_dim)
    layer.build((None, size, size, channels))
    spec = tf.TensorSpec((None, size, size, channels))
    function = tf.function(lambda x: layer(x, training=training))
    graph = function.get_concrete_function(spec).graph
    operations = {operation.type for operation in graph.get_operations()}
    assert ("RFFT" in operations) == by_fft
    assert "UnsortedSegmentSum" in operations


def test_random_numbers_are_the_layers_own():
    def numbers(seed):
        layer = CompactBilinearPooling(50, seed=seed)
        layer.build((None, 4, 4, 20))
        return np.concatenate(layer.get_weights())

    keras.utils.set_random_seed(5)
    before = numbers(1)
    keras.utils.set_random_seed(6)
    np.testing.assert_array_equal(before, numbers(1))
    assert (before != numbers(2)).any()
    drawn = np.random.random()  # nor do they use up the global state
    keras.utils.set_random_seed(6)
    assert np.random.random() == drawn


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_projection_is_loaded_not_drawn_again(
    rng, projection, tmp_path, monkeypatch
):
    x = rng.normal(size=(2, 3, 3, 4))
    inputs = keras.Input((3, 3, 4))
    layer = CompactBilinearPooling(16, projection)
    model = keras.Model(inputs, layer(inputs))
    before = np.asarray(model(x))
    model.save(tmp_path / "m.keras")
    draw = np.random.default_rng  # as a NumPy that draws other numbers
    monkeypatch.setattr(np.random, "default_rng", lambda seed: draw(seed + 1))
    assert (
        np.asarray(CompactBilinearPooling(16, projection)(x)) != before
    ).any()
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again(x), before)


def test_hashes_and_signs_cover_their_ranges():
    layer = CompactBilinearPooling(5)
    layer.build((None, 1, 1, 400))
    for weight in layer.weights:
        assert not weight.trainable
        values, counts = np.unique(weight.numpy(), return_counts=True)
        expected = range(5) if "hashes" in weight.name else (-1, 1)
        assert list(values) == list(expected)
        assert counts.min() > 0.6 * 400 / len(values)
    first, second = layer.get_weights()[0], layer.get_weights()[2]
    assert (first != second).any()  # the two sketches are independent


def test_zero_map_has_a_finite_gradient(kwargs, gradient_of):
    layer = CompactBilinearPooling(**kwargs)
    zeros = np.zeros((1, 1, 1, 3))
    np.testing.assert_array_equal(layer(zeros, training=True), [[0] * DIM])
    for scale in (0, 1e-20, 1e-6, 1e-3):
        direction = np.ones((1, DIM))
        (gradient,) = gradient_of(
            layer, [zeros + scale], direction, training=True
        )
        assert np.abs(gradient).max() < 1e4


def test_float16_sums_do_not_overflow(kwargs):
    layer = CompactBilinearPooling(**kwargs, dtype="mixed_float16")
    y = layer(np.full((1, 28, 28, 16), 6e4, "float16"), training=True)
    norm = np.linalg.norm(np.asarray(y, "float32"))
    np.testing.assert_allclose(norm, 1, rtol=1e-3)


@pytest.mark.tensorflow("export")
def test_tensor_sketch_exports(check_export):
    # Trained by FFT, which no phone runs.
    layer = CompactBilinearPooling(output_dim=32, method="fft")
    assert "UNSORTED_SEGMENT_SUM" in check_export(layer)
    layer = CompactBilinearPooling(output_dim=32)
    assert "UNSORTED_SEGMENT_SUM" in check_export(layer, streams=2)


@pytest.mark.slow
@pytest.mark.tensorflow("export")
def test_random_maclaurin_exports(check_export):
    check_export(CompactBilinearPooling(32, projection="random_maclaurin"))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"output_dim": 0}, r"must be positive\. Received: output_dim=0"),
        ({"projection": "gaussian"}, r"one of .*Received: projection='gauss"),
        ({"method": "sparse"}, r"one of .*\. Received: method='sparse'"),
        ({"seed": -1}, r"not negative\. Received: seed=-1"),
        ({"seed": None}, r"not negative\. Received: seed=None"),
        ({"epsilon": 0}, r"must be positive\. Received: epsilon=0"),
    ],
)
def test_rejects_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        CompactBilinearPooling(**kwargs)


def test_rejects_three_maps():
    maps = [keras.Input((4, 4, 3))] * 3
    with pytest.raises(ValueError, match=r"1 or 2 feature maps\. Received"):
        CompactBilinearPooling()(maps)
