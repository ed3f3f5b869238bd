import pytest

from kerasfg.distributed.join import check_place


@pytest.mark.parametrize("coordinator", ["10.0.0.1:1234", "[::1]:80", "a:1"])
def test_takes_an_address_and_a_number_below_the_count(coordinator):
    check_place(coordinator, 2, 1)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("10.0.0.1", 2, 0), "HOST:PORT. Received: coordinator='10.0.0.1'"),
        ((":1234", 2, 0), "HOST:PORT. Received: coordinator=':1234'"),
        (("host:0", 2, 0), "HOST:PORT. Received: coordinator='host:0'"),
        (("host:99999", 2, 0), "HOST:PORT"),
        (("host:1234", None, 0), "Received: num_processes=None"),
        (("host:1234", 0, 0), "Received: num_processes=0"),
        (("host:1234", 2, None), "from 0 to 1. Received: process_id=None"),
        (("host:1234", 2, 2), "from 0 to 1. Received: process_id=2"),
        (("host:1234", 2, -1), "Received: process_id=-1"),
    ],
)
def test_says_what_is_wrong_with_a_place(place, message):
    with pytest.raises(ValueError) as caught:
        check_place(*place)
    assert message in str(caught.value)
