import pytest

from kerasfg.training import Recipe
from kerasfg.training.devices import check_batch_size
from kerasfg.training.devices import on_devices


def settings(**options):
    return Recipe().with_options(**options).training


@pytest.mark.parametrize("number", [None, 1])
def test_without_gpus_there_is_one_device(number):
    with on_devices(number) as shares:
        assert shares == 1


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, "at least one device. Received: devices=0"),
        (1000, "as many devices; it has .* Received: devices=1000"),
    ],
)
def test_says_what_is_wrong_with_a_number_of_devices(number, message):
    with pytest.raises(ValueError, match=message), on_devices(number):
        pass


@pytest.mark.parametrize(
    ("options", "pictures", "devices"),
    [
        ({"batch_size": 9}, 100, 1),
        ({"batch_size": 12}, 100, 4),
        ({"batch_size": 32}, 12, 4),  # one small batch
        ({"batch_size": 12, "balanced": 3}, 10, 4),
    ],
)
def test_takes_a_batch_that_divides(options, pictures, devices):
    check_batch_size(settings(**options), pictures, devices)


@pytest.mark.parametrize(
    ("options", "pictures", "size"),
    [
        ({"batch_size": 10}, 100, 10),
        ({"batch_size": 32}, 10, 10),  # one small batch
        ({"batch_size": 6, "balanced": 3}, 4, 6),  # full all the same
    ],
)
def test_rejects_a_batch_that_does_not_divide(options, pictures, size):
    with pytest.raises(
        ValueError, match=f"multiple of 4.* Received: batch_size={size}$"
    ):
        check_batch_size(settings(**options), pictures, 4)
