from pathlib import Path

import pytest
import typer

from kerasfg_cli.engine_options import check_engine
from kerasfg_cli.engine_options import check_engine_of_table

OUT = Path("results.csv")


def test_no_engine_is_no_engine():
    assert check_engine(None, None) is None
    check_engine_of_table(None, None, False, False, [Path("photos")])


def test_an_address_is_of_an_engine():
    with pytest.raises(typer.BadParameter, match="add --engine ray"):
        check_engine(None, "host:6379")


@pytest.mark.parametrize(
    ("out", "why", "watch", "pictures"),
    [
        (None, False, False, "photos"),
        (OUT, True, False, "photos"),
        (OUT, False, True, "photos"),
        (OUT, False, False, "found.json"),
    ],
)
def test_an_engine_makes_a_table_of_pictures(out, why, watch, pictures):
    with pytest.raises(ValueError, match=r"add `out`.*Received: engine='ray'"):
        check_engine_of_table("ray", out, why, watch, [Path(pictures)])
    check_engine_of_table("ray", OUT, False, False, [Path("photos")])
