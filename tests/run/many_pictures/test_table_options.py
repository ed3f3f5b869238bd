from pathlib import Path

import pytest

from kerasfg_cli.table_options import Table
from kerasfg_cli.table_options import check_table

GIVEN = {
    "pictures": [Path("photos")],
    "out": Path("results.csv"),
    "top": 3,
    "coverage": None,
    "box_margin": None,
    "sort_into": None,
    "watch": False,
    "by": None,
    "survey": None,
    "as_json": False,
}
PACKAGE = Path("datapackage.json")
BOXES = [Path("found.json")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"by": "burst", "out": None}, "Answers for bursts"),
        ({"by": "burst", "pictures": BOXES}, "Answers for bursts"),
        ({"by": "burst", "watch": True}, "Answers for bursts"),
        ({"out": PACKAGE}, "requires facts that are not in the pictures"),
        ({"survey": Path("about")}, "called datapackage.json"),
        ({"survey": Path("about"), "out": PACKAGE}, "without deployments.csv"),
        ({"out": PACKAGE, "pictures": BOXES}, "without `watch` and MegaDet"),
        ({"sort_into": Path("x"), "out": None}, "Pictures are linked"),
        ({"box_margin": 0.1}, "A margin is for the boxes"),
        ({"pictures": BOXES, "out": None}, "classes of MegaDetector's boxes"),
        ({"out": Path("results.txt")}, "results.txt"),
    ],
)
def test_options_that_do_not_fit_are_refused_before_anything(
    given, says, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    check_table(Table(**GIVEN), ask=False, why=False)
    with pytest.raises(ValueError, match=says):
        check_table(Table(**GIVEN | given), ask=False, why=False)


def test_a_package_is_written_above_its_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "deployments.csv").write_text(
        "deploymentID,latitude,longitude,deploymentStart,deploymentEnd\n"
        "a,1,2,2024-05-01T00:00:00Z,2024-05-02T00:00:00Z\n"
    )
    (tmp_path / "survey.json").write_text(
        '{"contributors": [{"title": "Ada"}], "project": {"title": "A", '
        '"samplingDesign": "targeted", "captureMethod": ["timeLapse"], '
        '"individualAnimals": false}}'
    )
    given = GIVEN | {"survey": Path(".")}
    above = Table(**given | {"out": Path("photos/datapackage.json")})
    check_table(above, ask=False, why=False)
    beside = Table(**given | {"out": Path("elsewhere/datapackage.json")})
    with pytest.raises(ValueError, match="below its own folder"):
        check_table(beside, ask=False, why=False)
