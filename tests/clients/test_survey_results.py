"""Other programs' readers accept the results of a camera-trap survey."""

import json
import subprocess

import pytest
from clients.environments import HERE
from clients.environments import python_of
from PIL import Image
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.detections import classify_detections
from kerasfg.run.many_pictures.survey import read_survey

pytestmark = pytest.mark.slow


@pytest.fixture
def reader(client_environments):
    """A function: what a program says of files, a list for each."""
    python = python_of("frictionless", client_environments)

    def read(program, *files):
        done = subprocess.run(
            [python, "-P", HERE / "programs" / program, *files],
            check=True,
            capture_output=True,
            text=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return read


@pytest.fixture
def survey(tmp_path):
    """A folder of two deployments with bursts; and what is known of it."""
    (tmp_path / "model").write_bytes(b"weights")
    for number in range(12):
        folder = tmp_path / "survey" / f"trap{number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif[0x0110] = "Trap"
        exif[0x0132] = f"2024:05:01 09:{number // 4:02}:{number % 4:02}"
        color = ("red", "lime", "blue")[number // 4]
        picture = Image.new("RGB", (4, 4), color)
        picture.save(folder / f"{number}, ä.jpg", exif=exif)
    about = tmp_path / "about"
    about.mkdir()
    lines = ["deploymentID;latitude;longitude;deploymentStart;deploymentEnd"]
    lines += [
        f"trap{i};50.1;4.{i};2024-04-01T00:00:00Z;2024-06-01T00:00:00+0200"
        for i in range(2)
    ]
    (about / "deployments.csv").write_text("\n".join(lines), "utf-16")
    project = {
        "title": "A survey",
        "samplingDesign": "targeted",
        "captureMethod": ["activityDetection"],
        "individualAnimals": False,
    }
    content = {
        "contributors": [{"title": "Ada"}],
        "project": project,
        "taxonomic": [
            {"scientificName": "Vulpes", "vernacularNames": {"eng": "red"}}
        ],
    }
    (about / "survey.json").write_text(json.dumps(content))
    return tmp_path


def test_a_validator_accepts_a_package_of_camtrap_dp(reader, survey):
    out = survey / "survey" / "datapackage.json"
    predictor = color_predictor(
        class_thresholds=(0.0, 1.0, 0.0),  # green is never sure
        classify_with_familiarity=lambda images: (
            ColorNetwork()(images),
            [0.9 - 0.8 * (image[0, 0, 2] > 9) for image in images],
        ),
    )
    classify_pictures(
        predictor,
        survey / "model",
        [survey / "survey"],
        out,
        by_burst=True,
        survey=read_survey(survey / "about"),
    )
    ((wrong, rows),) = reader("validate_camtrap.py", out)
    assert wrong == []
    assert rows == {"deployments": 2, "media": 12, "observations": 18}
    media = out.with_name("media.csv")
    media.write_text(media.read_text().replace("trap1,", "lost,", 1))
    ((wrong, _),) = reader("validate_camtrap.py", out)
    assert any("lost" in line for line in wrong)


def test_cocos_reader_opens_the_results(reader, survey):
    out = survey / "survey.coco.json"
    whole = (color_predictor(), survey / "model", [survey / "survey"], out)
    classify_pictures(*whole, by_burst=True)
    found = survey / "found.json"
    box = {"category": "1", "conf": 1, "bbox": [0.5, 0, 0.5, 1]}
    content = {
        "info": {"format_version": "1.4"},
        "detection_categories": {"1": "animal"},
        "images": [{"file": "survey/trap0/0, ä.jpg", "detections": [box]}],
    }
    found.write_text(json.dumps(content))
    named = survey / "named.coco.json"
    classify_detections(color_predictor(), survey / "model", found, named)
    pictures, boxes = reader("read_coco.py", out, named)
    assert [name for _, name, _ in pictures].count("red") == 4
    assert boxes == [["survey/trap0/0, ä.jpg", "red", [2, 0, 2, 4]]]
