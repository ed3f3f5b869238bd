"""How large the frame is that a file takes."""

import pytest

from kerasfg.export.frames.frame_size import check_frame_size
from kerasfg.export.frames.frame_size import choose_frame_size


@pytest.mark.parametrize(
    ("size", "sides", "wanted"),
    [
        (32, None, 256),
        (32, [], 256),
        (32, [640, 480, 333], 256),
        (32, [640, 100, 90], 96),
        (32, [95.9], 64),
        (32, [32, 32], 32),
        (32, [20], 32),
        (48, [500], 240),
        (64, [300, 70, 60], 64),
        (200, [500], 200),
        (224, [500], 224),
        (300, None, 300),
        (7, None, 252),
        (1, None, 256),
    ],
)
def test_a_multiple_of_the_network_no_larger_than_its_pictures(
    size, sides, wanted
):
    assert choose_frame_size(size, sides) == wanted


@pytest.mark.parametrize(
    ("frame", "size", "most"),
    [
        (31, 32, 1024),
        (1025, 32, 1024),
        (401, 4, 400),
        (True + 0.5, 32, 1024),
        ("64", 32, 1024),
        (1999, 2000, 2000),
    ],
)
def test_a_size_out_of_range_names_the_range(frame, size, most):
    with pytest.raises(
        ValueError, match=f"network's {size} to {most}. Received: frame_size="
    ):
        check_frame_size(frame, size)
    for allowed in (size, most):
        check_frame_size(allowed, size)
