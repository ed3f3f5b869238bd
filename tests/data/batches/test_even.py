import numpy as np
import pytest

from kerasfg.data.batches.even import even_batches


@pytest.fixture
def pictures(rng):
    """Ten pictures; the pixels of each tell its index."""
    index = np.arange(10)
    images = np.zeros((10, 8, 8, 3), "uint8")
    return images + index[:, None, None, None].astype("uint8"), index % 4


def collect(dataset):
    return list(dataset)


def test_every_picture_counts_once_in_order(pictures):
    batches = collect(even_batches(*pictures, devices=4, batch_size=4))
    assert [len(labels) for _, labels, _ in batches] == [4, 4, 4]
    images, labels, weights = (
        np.concatenate(x) for x in zip(*batches, strict=True)
    )
    assert (images.dtype, labels.dtype, weights.dtype) == (
        "float32",
        "int32",
        "float32",
    )
    counted = weights > 0
    np.testing.assert_array_equal(images[counted][:, 0, 0, 0], range(10))
    np.testing.assert_array_equal(labels[counted], pictures[1])


@pytest.mark.parametrize("devices", [1, 2, 3, 4, 16])
@pytest.mark.parametrize("batch_size", [4, 6, 64])
def test_the_mean_over_batches_is_that_over_pictures(
    pictures, rng, devices, batch_size
):
    losses = rng.normal(size=10)
    batches = collect(even_batches(*pictures, devices, batch_size=batch_size))
    total = sizes = 0
    for images, _, weights in batches:
        assert len(weights) % devices == 0
        of_batch = losses[images[:, 0, 0, 0].astype(int)]
        # As Keras has it: the mean over a batch, and of those by their size.
        total += np.mean(weights * of_batch) * len(weights)
        sizes += len(weights)
    np.testing.assert_allclose(total / sizes, losses.mean(), rtol=1e-6)


@pytest.mark.parametrize("count", [2, 4])
def test_parts_make_up_the_batches_of_one_process(pictures, count):
    whole = collect(even_batches(*pictures, 4, rows=range(1, 8), batch_size=4))
    parts = [
        collect(
            even_batches(
                *pictures, 4, (index, count), rows=range(1, 8), batch_size=4
            )
        )
        for index in range(count)
    ]
    for batch, *others in zip(whole, *parts, strict=True):
        for array, *pieces in zip(batch, *others, strict=True):
            np.testing.assert_array_equal(array, np.concatenate(pieces))


def test_its_number_of_batches_is_known(pictures):
    assert len(even_batches(*pictures, 4, batch_size=4)) == 3
