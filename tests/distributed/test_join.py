import pytest

from kerasfg.distributed.join import LOST
from kerasfg.distributed.join import check_place
from kerasfg.distributed.join import short_jax_errors


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


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("UNKNOWN: Gloo AllGather failed: Connection\n closed by peer", True),
        ("The batch must be even. Received: batch_size=9", False),
    ],
)
def test_an_error_of_the_network_is_told_from_others(text, lost):
    pytest.importorskip("jax")
    with pytest.raises((ConnectionError, ValueError)) as caught:
        with short_jax_errors():
            raise ValueError(text)
    assert (LOST in str(caught.value)) == lost
    assert isinstance(caught.value, ConnectionError) == lost


def test_a_lack_of_memory_is_no_lost_process():
    jax = pytest.importorskip("jax")
    error = jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory")
    with pytest.raises(jax.errors.JaxRuntimeError), short_jax_errors():
        raise error
    with pytest.raises(ConnectionError, match=LOST), short_jax_errors():
        raise jax.errors.JaxRuntimeError("UNAVAILABLE: no answer")
