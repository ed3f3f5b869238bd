from pathlib import Path

import pytest
import typer

from kerasfg_cli.engine_options import check_engine
from kerasfg_cli.engine_options import check_engine_of_table
from kerasfg_cli.table_options import Table

OUT = Path("results.csv")


def table(picture="photos", out=OUT, watch=False):
    names = Table.__dataclass_fields__
    given = {"pictures": [picture], "out": out, "top": 3, "watch": watch}
    return Table(**({name: None for name in names} | given))


def test_no_engine_is_no_engine():
    assert check_engine(None, None) is None
    check_engine_of_table(None, table("photos.zip", out=None), why=False)


def test_an_address_is_of_an_engine():
    with pytest.raises(typer.BadParameter, match="add --engine ray"):
        check_engine(None, "host:6379")


@pytest.mark.parametrize(
    ("why", "asked"),
    [
        (False, table(out=None)),
        (True, table()),
        (False, table(watch=True)),
        (False, table("found.json")),
    ],
)
def test_an_engine_makes_a_table_of_pictures(why, asked):
    with pytest.raises(ValueError, match=r"add `out`.*Received: engine='ray'"):
        check_engine_of_table("ray", asked, why)
    check_engine_of_table("ray", table(), why=False)


@pytest.mark.parametrize("archive", ["photos.zip", "s3://birds/photos.TAR"])
def test_an_engine_takes_no_archive(archive):
    with pytest.raises(ValueError, match=r"unpack the archive.*Received: pict"):
        check_engine_of_table("ray", table(archive), why=False)
