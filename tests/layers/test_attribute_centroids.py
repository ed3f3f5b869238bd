import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.layers.attribute_centroids import AttributeCentroids
from kerasfg.losses import attribute_distance

# Three batches of features, the attribute of each sample, and by hand the
# table after each: [1] is seen in the second batch only.
BATCHES = [
    ([[0.0, 0.0], [2.0, 4.0], [9.0, 9.0]], [0, 0, -1]),
    ([[3.0, 2.0], [5.0, 1.0], [7.0, 3.0]], [0, 1, 1]),
    ([[1.0, 8.0], [6.0, 4.0], [12.0, 2.0]], [0, 1, 1]),
]
UNSEEN = [0.0, 0.0]
TABLES = {
    # 0.75 * [1, 2] + 0.25 * [3, 2]; then 0.75 * [1.5, 2] + 0.25 * [1, 8] and
    # 0.75 * [6, 2] + 0.25 * [9, 3]
    "ema": [
        [[1.0, 2.0], UNSEEN],
        [[1.5, 2.0], [6.0, 2.0]],
        [[1.375, 3.5], [6.75, 2.25]],
    ],
    # c - 0.4 * (n * c - sum) / (1 + n): [1, 2] - 0.4 * [-2, 0] / 2; then
    # [1.4, 2] - 0.4 * [0.4, -6] / 2 and [6, 2] - 0.4 * [-6, -2] / 3
    "center": [
        [[1.0, 2.0], UNSEEN],
        [[1.4, 2.0], [6.0, 2.0]],
        [[1.32, 3.2], [6.8, 2 + 0.8 / 3]],
    ],
    "exact": [[[5.0, 5.0], UNSEEN]] * 3,
}


def make(update="ema", sizes=2, **kwargs):
    return AttributeCentroids(
        sizes, update=update, momentum=0.75, alpha=0.4, **kwargs
    )


def mean_table(features, values, sizes):
    """Sums and counts of each row, one sample at a time; all features."""
    sums = np.zeros((sum(sizes), features.shape[1]))
    counts = np.zeros(sum(sizes))
    for f, row in zip(features, values, strict=True):
        start = 0
        for size, value in zip(sizes, row, strict=True):
            if 0 <= value < size:
                sums[start + value] += f
                counts[start + value] += 1
            start += size
    return sums, counts


# === The contract ===


def test_config_round_trip_and_shapes():
    layer = make("center", sizes=(2, 3), split_features=True, name="r")
    again = AttributeCentroids.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again(np.ones((4, 7)), np.zeros((4, 2), "int32"))
    assert again.table.shape == (5, 3) and again.initialized.shape == (5,)
    assert not again.trainable_weights
    assert again.compute_output_shape((None, 7)) == [(2, 3), (3, 3)]


def test_is_saved_with_a_model(tmp_path):
    features = keras.Input((3,))
    values = keras.Input((1,), dtype="int32")
    layer = make("center")
    outputs = [features, *layer(features, values, training=True)]
    model = keras.Model([features, values], outputs)
    layer.set_means(np.arange(6).reshape(2, 3), [4, 0])
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    for ours, theirs in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert again.get_layer(layer.name).update == "center"


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "float16"])
def test_stays_in_float32(dtype):
    layer = AttributeCentroids(1, dtype=dtype)
    features = np.full((3, 2), 60000.0, "float16")  # three of them overflow
    blocks = layer(features, np.zeros(3, "int32"), training=True)
    assert layer.table.dtype == layer.initialized.dtype == "float32"
    assert blocks[0].dtype == "float32"
    np.testing.assert_allclose(layer.table, 59999, atol=100)


@pytest.mark.tensorflow("graphs of any batch size")
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_compiles_for_any_batch_size(jit_compile, split, rng):
    import tensorflow as tf

    layer = make("center", sizes=(2, 3), split_features=split)
    eager = make("center", sizes=(2, 3), split_features=split)
    layer.build((None, 7))

    @tf.function(
        jit_compile=jit_compile,
        input_signature=[
            tf.TensorSpec((None, 7)),
            tf.TensorSpec((None, 2), "int32"),
            tf.TensorSpec((None,)),
        ],
    )
    def step(features, values, weight):
        return layer(features, values, weight, training=True)

    for n in (6, 1, 4):
        features = rng.normal(size=(n, 7)).astype("float32")
        values = rng.integers(-1, 2, (n, 2)).astype("int32")
        weight = rng.integers(0, 2, n).astype("float32")
        ours = step(features, values, weight)
        expected = eager(features, values, weight, training=True)
        for block, other in zip(ours, expected, strict=True):
            np.testing.assert_allclose(block, other, atol=1e-6)
    np.testing.assert_allclose(layer.table, eager.table, atol=1e-6)


# === The equation ===


@pytest.mark.parametrize("update", ["ema", "center", "exact"])
def test_three_steps_match_those_done_by_hand(update):
    layer = make(update)
    layer.build((None, 2))
    if update == "exact":
        layer.set_means([[5.0, 5.0], [0.0, 0.0]], [3, 0])
    seen = [[1.0, 2.0], UNSEEN] if update != "exact" else TABLES["exact"][0]
    # What the loss uses: the table before the batch, with a value that was not
    # seen so far at the mean of the batch. By exact means it never is.
    first = {1: [6.0, 2.0], 2: [9.0, 3.0] if update == "exact" else None}
    for step, (features, values) in enumerate(BATCHES):
        blocks = layer(np.array(features), np.array(values), training=True)
        expected = [seen[0], first.get(step) or seen[1]]
        np.testing.assert_allclose(blocks[0], expected, rtol=1e-6)
        seen = TABLES[update][step]
        np.testing.assert_allclose(layer.table, seen, rtol=1e-6)
    assert layer.initialized.numpy().tolist() == [1, update != "exact"]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("sizes", [(4,), (2, 3, 4)])
def test_statistics_match_a_loop(sizes, split, weighted, rng):
    features = rng.normal(size=(20, 7)).astype("float32")
    values = rng.integers(-1, 5, (20, len(sizes)))  # 4 and more is no value
    weight = rng.integers(0, 2, 20) * 0.3 if weighted else None
    layer = make(sizes=sizes, split_features=split)
    layer.build(features.shape)
    sums, counts = layer.statistics(features, values, weight)
    kept = slice(None) if weight is None else weight > 0
    expected, numbers = mean_table(features[kept], values[kept], sizes)
    if split:
        dim = 7 // len(sizes)
        starts = np.repeat(np.arange(len(sizes)), sizes) * dim
        expected = np.stack(
            [
                row[start : start + dim]
                for row, start in zip(expected, starts, strict=True)
            ]
        )
    np.testing.assert_allclose(sums, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(counts, numbers)


# === Properties ===


def test_statistics_add_up_over_replicas(rng):
    features = rng.normal(size=(10, 4)).astype("float32")
    values = rng.integers(-1, 3, (10, 2))
    whole, halves = make(sizes=(2, 3)), make(sizes=(2, 3))
    halves.build(features.shape)
    for _ in range(2):
        expected = whole(features, values, training=True)
        parts = [
            halves.statistics(features[:3], values[:3]),
            halves.statistics(features[3:], values[3:]),
        ]
        sums = parts[0][0] + parts[1][0]
        counts = parts[0][1] + parts[1][1]
        for block, other in zip(
            halves.blocks(sums, counts), expected, strict=True
        ):
            np.testing.assert_allclose(block, other, atol=1e-6)
        halves.assign(sums, counts)
        np.testing.assert_allclose(halves.table, whole.table, atol=1e-6)


@pytest.mark.tensorflow("replicas")
def test_is_assigned_inside_a_replica(rng):
    import tensorflow as tf

    features = rng.normal(size=(8, 4)).astype("float32")
    values = rng.integers(0, 2, 8).astype("int32")
    plain = make("center")
    plain(features, values, training=True)
    device = tf.config.list_logical_devices("CPU")[0].name
    strategy = tf.distribute.MirroredStrategy([device])
    with strategy.scope():
        layer = make("center")
        layer.build(features.shape)

    @tf.function
    def step():
        context = tf.distribute.get_replica_context()
        statistics = layer.statistics(features, values)
        layer.assign(*context.all_reduce("SUM", list(statistics)))

    strategy.run(step)
    np.testing.assert_allclose(layer.table, plain.table, atol=1e-6)


def test_no_gradient_through_the_table(rng, gradient):
    x = rng.normal(size=(5, 3)).astype("float32")
    layer = make()
    layer.build(x.shape)
    values = np.zeros(5, "int32")

    def loss(x):  # the first batch: the blocks are means of x
        blocks = layer(x, values, training=True)
        return ops.sum(attribute_distance(values, x, blocks))

    (slope,) = gradient(loss, x)
    np.testing.assert_allclose(slope, x - np.mean(x, axis=0), atol=1e-6)


def test_the_table_moves_in_training_only(rng):
    layer = make()
    layer(rng.normal(size=(3, 2)), np.array([0, 1, 0]))
    assert not layer.initialized.numpy().any() and not layer.table.numpy().any()


# === Edges ===


@pytest.mark.parametrize("sizes", [(2,), (2, 2)])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_leave_the_table_alone(sizes, bad):
    layer = make(sizes=sizes)
    values = np.zeros((3, len(sizes)), "int32")
    layer(np.ones((3, 2), "float32"), values, training=True)
    before = layer.table.numpy()
    features = np.ones((3, 2), "float32")
    features[1, 1] = bad
    layer(features, values, training=True)
    np.testing.assert_array_equal(layer.table, before)
    weight = np.array([1, 0, 1])
    layer(2 * features, values, weight, training=True)
    assert np.isfinite(layer.table).all() and layer.table[0, 0] > 1


def test_an_empty_batch_or_one_of_unknowns_changes_nothing():
    layer = make()
    layer(np.ones((3, 2), "float32"), np.array([0, 0, 1]), training=True)
    before = layer.table.numpy()
    layer(np.ones((2, 2)) * 9, np.array([-1, 2]), training=True)
    layer(np.ones((0, 2)), np.zeros(0, "int32"), training=True)
    np.testing.assert_array_equal(layer.table, before)


def test_exact_means_are_needed_before_training():
    layer = make("exact")
    features, values = np.ones((2, 3), "float32"), np.array([0, 1])
    blocks = layer(features, values)
    np.testing.assert_array_equal(blocks[0], np.ones((2, 3)))
    with pytest.raises(RuntimeError, match="CentroidRefresh.* or use update"):
        layer(features, values, training=True)


@pytest.mark.tensorflow("graphs")
def test_exact_means_are_needed_before_training_in_a_graph():
    import tensorflow as tf

    features, values = np.ones((2, 3), "float32"), np.array([0, 1])
    with pytest.raises(RuntimeError, match="CentroidRefresh"):
        tf.function(make("exact"))(features, values, training=True)


# === Errors ===


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_values": ()}, r"`num_values` must hold .*Received: num_values"),
        ({"num_values": (2, 0)}, "`num_values` must hold"),
        ({"num_values": np.int64(0)}, r"must hold.*\(np.int64\(0\),\)"),
        ({"num_values": 2, "update": "wen"}, "`update` must be one of"),
        ({"num_values": 2, "momentum": 1.0}, r"`momentum` must be in \[0, 1\)"),
        ({"num_values": 2, "alpha": 0.0}, r"`alpha` must be in \(0, 1\]"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AttributeCentroids(**arguments)


def test_rejects_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="must be defined"):
        make().build((None, None))
    with pytest.raises(ValueError, match="at least 3"):
        make(sizes=(2, 2, 2), split_features=True).build((None, 2))
    with pytest.raises(ValueError, match="with 2 attributes"):
        make(sizes=(2, 2))(np.ones((3, 4)), np.zeros(3, "int32"))
