import csv
import dataclasses
import json

import pytest
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.notice import Notice
from kerasfg.run.many_pictures.classify import check_out
from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.survey import read_survey

ABOUT = {
    "title": "kept",
    "contributors": [{"title": "Ada"}],
    "project": {
        "title": "A survey",
        "samplingDesign": "targeted",
        "captureMethod": ["timeLapse"],
        "individualAnimals": False,
    },
    "taxonomic": [
        {"scientificName": "Vulpes", "vernacularNames": {"eng": "Red"}}
    ],
}
LINES = (
    "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,habitat",
    "trap1,50,4,2024-04-01T00:00:00+02:00,2024-06-01T00:00:00+02:00,wood",
    "trap2,-50,4.5,2024-03-01T00:00:00Z,2024-05-01T00:00:00Z,",
)


@pytest.fixture
def about(tmp_path):
    """A folder with what is known of a survey."""
    folder = tmp_path / "about"
    folder.mkdir()
    (folder / "deployments.csv").write_text("\n".join(LINES))
    (folder / "survey.json").write_text(json.dumps(ABOUT))
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "survey" / "datapackage.json"


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.filterwarnings("ignore::kerasfg.notice.Notice")
def test_a_picture_belongs_to_the_deployment_of_its_folder(
    model, out, about, take
):
    take(out.parent / "trap1" / "100RECNX" / "a.jpg", "red", 0)
    take(out.parent / "trap1" / "trap2" / "b.jpg", "lime", 1)
    given = (model, [out.parent], out)
    survey = read_survey(about)
    classify_pictures(color_predictor(), *given, survey=survey)
    media = read(out.with_name("media.csv"))
    assert [(x["deploymentID"], x["timestamp"]) for x in media] == [
        ("trap1", "2024-05-01T09:00:00+02:00"),
        ("trap2", "2024-05-01T09:00:01Z"),
    ]
    assert media[0]["filePath"] == "trap1/100RECNX/a.jpg"
    assert media[0]["captureMethod"] == "timeLapse"
    found = read(out.with_name("observations.csv"))
    assert [x["scientificName"] for x in found] == ["Vulpes", ""]
    assert [x["observationTags"] for x in found] == [
        *("class:red", "class:green")
    ]
    assert {x["observationLevel"] for x in found} == {"media"}
    package = json.loads(out.read_text())
    assert package["title"] == "kept"
    assert package["project"]["observationLevel"] == ["media"]
    assert package["temporal"] == {"start": "2024-03-01", "end": "2024-06-01"}
    assert package["spatial"]["coordinates"] == [[4, 50], [4.5, -50]]
    places = read(out.with_name("deployments.csv"))
    assert [x["habitat"] for x in places] == ["wood", ""]


@pytest.mark.filterwarnings("ignore::kerasfg.notice.Notice")
def test_each_burst_has_an_observation_too(model, out, about, take):
    for number in range(6):
        color = "red" if number < 4 else "blue"
        take(out.parent / "trap1" / f"{number}.jpg", color, number // 4 * 9)
    classify_pictures(
        color_predictor(),
        *(model, [out.parent], out),
        by_burst=True,
        survey=read_survey(about),
    )
    found = read(out.with_name("observations.csv"))
    events = [x for x in found if x["observationLevel"] == "event"]
    assert [x["eventID"] for x in events] == ["trap1-1", "trap1-2"]
    assert {x["mediaID"] for x in events} == {""}
    assert events[1]["eventStart"] == "2024-05-01T09:00:09+02:00"
    of_pictures = [x for x in found if x["mediaID"]]
    assert [x["eventID"] for x in of_pictures] == [
        *["trap1-1"] * 4,
        *["trap1-2"] * 2,
    ]
    assert len({x["observationID"] for x in found}) == 8


def test_what_is_unsure_unknown_or_no_animal_has_its_type(
    model, out, about, take
):
    for number, color in enumerate(("red", "lime", "blue", "black")):
        take(out.parent / "trap1" / f"{number}.jpg", color, number)

    def scores(images):
        is_black = images[:, 0, 0].max(axis=1) < 9
        return ColorNetwork()(images), 0.9 - 0.8 * is_black

    predictor = dataclasses.replace(
        color_predictor(class_thresholds=(0, 0, 1)),
        class_names=("empty", "Person", "deer"),
        classify_with_familiarity=scores,
    )
    given = (model, [out.parent], out)
    classify_pictures(predictor, *given, survey=read_survey(about))
    found = read(out.with_name("observations.csv"))
    assert [x["observationType"] for x in found] == [
        *("blank", "human", "unknown", "unknown")
    ]
    assert {x["scientificName"] for x in found} == {""}


def test_what_the_standard_does_not_take_is_left_out(model, out, about, take):
    take(out.parent / "trap1" / "a.jpg", "red", 0)
    take(out.parent / "trap1" / "b..jpg", "red", 0)
    take(out.parent / "trap1" / "c.jpg", "red")
    given = (model, [out.parent], out)
    with pytest.warns(Notice) as said:
        classify_pictures(color_predictor(), *given, survey=read_survey(about))
    texts = [str(x.message) for x in said]
    assert any("1 pictures without a time" in text for text in texts)
    assert any("1 pictures with a name" in text for text in texts)
    assert len(read(out.with_name("media.csv"))) == 1


@pytest.mark.filterwarnings("ignore::kerasfg.notice.Notice")
def test_names_of_strangers_are_plain_in_the_package(model, out, about, take):
    """A name like a formula, or like a page; and one in two characters."""
    lines = (about / "deployments.csv").read_text()
    (about / "deployments.csv").write_text(lines.replace("trap1", "K\xe4fer"))
    (about / "survey.json").write_text(f"\ufeff{json.dumps(ABOUT)}")
    folder = out.parent / "Ka\u0308fer"
    take(folder / "a.jpg", "red", 0)
    (folder / "a.jpg").rename(folder / "=1+1.html")
    given = (model, [out.parent], out)
    done = classify_pictures(
        color_predictor(), *given, survey=read_survey(about)
    )
    (row,) = read(out.with_name("media.csv"))
    assert (row["deploymentID"], row["fileName"]) == ("K\xe4fer", "")
    assert row["fileMediatype"] == "image/*"
    assert done.left_out == {}


@pytest.mark.parametrize("place", ["elsewhere/a.jpg", "../trap1/a.jpg"])
def test_a_picture_of_no_deployment_is_refused_and_nothing_is_lost(
    model, out, about, take, place
):
    take(out.parent / "trap1" / "1.jpg", "red", 0)
    take(out.parent / place, "red", 0)
    photos = [out.parent, out.parent / place]
    survey = read_survey(about)
    with pytest.raises(ValueError, match="deployment.*a.jpg'"):
        classify_pictures(color_predictor(), model, photos, out, survey=survey)
    assert not out.exists()
    for number in range(200):  # it is said when it is found
        take(out.parent / "trap1" / f"{number}.jpg", "red", 0)
    network = ColorNetwork()
    with pytest.raises(ValueError, match="deployment"):
        classify_pictures(
            *(color_predictor(network), model, photos[::-1], out),
            survey=survey,
        )
    assert network.seen == 0


@pytest.mark.filterwarnings("ignore::kerasfg.notice.Notice")
def test_it_resumes_and_replaces_no_table_of_the_user(model, out, about, take):
    for number in range(70):
        take(out.parent / "trap1" / f"{number}.jpg", "red", number)
    given = (model, [out.parent], out)
    survey = read_survey(about)
    mine = out.with_name("media.csv")
    mine.write_text("mine")
    with pytest.raises(ValueError, match="there already.*media.csv"):
        check_out(out)
    mine.unlink()
    first = classify_pictures(
        color_predictor(ColorNetwork(1)), *given, survey=survey
    )
    assert not first.finished and len(read(mine)) == 64
    classify_pictures(color_predictor(), *given, survey=survey)
    assert len(read(mine)) == 70


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("deployments.csv", "deploymentID,latitude\na,1", "must name the col"),
        ("deployments.csv", LINES[0], "a line for each deployment"),
        ("deployments.csv", f"{LINES[0]}\n{LINES[1]}\n{LINES[1]}", "Line 3"),
        ("deployments.csv", "\n".join(LINES).replace("50", "nan"), "Line 2"),
        ("deployments.csv", "\n".join(LINES).replace("Z", ""), "with their"),
        ("deployments.csv", "\n".join(LINES).replace("Z", "+00:00:30"), "3 of"),
        (
            "deployments.csv",
            f"{LINES[0]}\n{LINES[1]}\udce4",
            "UTF-8",
        ),
        ("survey.json", '{"a": 1\n', "must be JSON: .*line 2 column 1"),
        ("survey.json", json.dumps({**ABOUT, "x": float("nan")}), "be JSON"),
        ("survey.json", '{"x": 1e999}', "be JSON"),
        ("survey.json", '{"x": "\\ud800"}', "be JSON"),
        ("survey.json", "[]", "contributors"),
        ("survey.json", json.dumps({**ABOUT, "project": {}}), "project.title"),
        ("survey.json", json.dumps(ABOUT).replace("timeL", "l"), "captureMet"),
        ("survey.json", json.dumps({**ABOUT, "taxonomic": ["fox"]}), "'fox'"),
        ("survey.json", json.dumps({**ABOUT, "taxonomic": None}), "scientif"),
        ("survey.json", json.dumps({**ABOUT, "contributors": [5]}), "with a"),
        ("survey.json", json.dumps({**ABOUT, "contributors": {}}), "contrib"),
        ("survey.json", "[" * 9999, "be JSON"),
    ],
)
def test_what_the_standard_requires_is_asked_for(about, name, text, says):
    (about / name).write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(ValueError, match=says):
        read_survey(about)


@pytest.mark.parametrize("name", ["deployments.csv", "survey.json"])
def test_a_survey_that_lacks_a_file_is_refused(about, name):
    (about / name).unlink()
    with pytest.raises(ValueError, match=f"without {name}"):
        read_survey(about)


def test_a_package_and_its_survey_go_together(model, out, about, take):
    take(out.parent / "trap1" / "1.jpg", "red", 0)
    survey = read_survey(about)
    table = out.with_name("results.csv")
    for place, given in ((out, None), (table, survey)):
        with pytest.raises(ValueError, match="give both, or neither"):
            classify_pictures(
                *(color_predictor(), model, [out.parent], place), survey=given
            )
