"""Inputs and outputs that a file may have."""

import pytest

from kerasfg.export.runtime.contract import Port
from kerasfg.export.runtime.contract import check_ports

IMAGE = Port("image", "uint8", (1, 8, 8, 3))
SHARES = Port("StatefulPartitionedCall:0", "float32", (1, 5))
KNOWN = Port("familiarity", "float32", (1, 1))


def test_the_outputs_are_found_wherever_they_are():
    assert check_ports([IMAGE], [SHARES]) == (8, 5, (0, None))
    assert check_ports([IMAGE], [SHARES, KNOWN]) == (8, 5, (0, 1))
    assert check_ports([IMAGE], [KNOWN, SHARES]) == (8, 5, (1, 0))


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ([], "one input and one output"),
        ([KNOWN], "one input and one output"),
        ([SHARES, SHARES], "one input and one output"),
        ([SHARES, Port("other", "float32", (1, 1))], "one named familiarity"),
        ([SHARES, KNOWN, KNOWN], "one named familiarity"),
        ([SHARES, Port("familiarity", "float32", (1, 2))], "float32 .1, 1."),
        ([SHARES, Port("familiarity", "float32", (-1, 1))], "float32 .1, 1."),
        ([SHARES, Port("familiarity", "float32", ("n", 1))], "float32 .1, 1."),
        ([SHARES, Port("familiarity", "int8", (1, 1))], "float32 .1, 1."),
        ([Port("p", "float32", (1, 1)), KNOWN], "float32 .1, classes."),
    ],
)
def test_other_outputs_are_refused(outputs, message):
    with pytest.raises(ValueError, match=f"{message}.* Received: "):
        check_ports([IMAGE], outputs)
