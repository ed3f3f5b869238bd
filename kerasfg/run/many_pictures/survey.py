"""What only its people know of a camera-trap survey, for Camtrap DP."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import re
import reprlib
from pathlib import Path
from typing import Any

from kerasfg.data.tables import read_rows
from kerasfg.given_file import check_given
from kerasfg.given_file import read_given_text

DEPLOYMENTS = "deployments.csv"
ABOUT = "survey.json"
TIME = "%Y-%m-%dT%H:%M:%S%z"
# The columns of Camtrap DP's table, in its order.
COLUMNS = (
    *("deploymentID", "locationID", "locationName", "latitude", "longitude"),
    *("coordinateUncertainty", "deploymentStart", "deploymentEnd", "setupBy"),
    *("cameraID", "cameraModel", "cameraDelay", "cameraHeight", "cameraDepth"),
    *("cameraTilt", "cameraHeading", "detectionDistance", "timestampIssues"),
    *("baitUse", "featureType", "habitat", "deploymentGroups"),
    *("deploymentTags", "deploymentComments"),
)

_REQUIRED = (
    *("deploymentID", "latitude", "longitude"),
    *("deploymentStart", "deploymentEnd"),
)
_DESIGNS = (
    *("simpleRandom", "systematicRandom", "clusteredRandom"),
    *("experimental", "targeted", "opportunistic"),
)
_METHODS = ("activityDetection", "timeLapse")
_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


@dataclasses.dataclass(frozen=True)
class Survey:
    """A survey.

    Attributes:
        about: Content of its `survey.json`.
        deployments: `{deploymentID: {column: text}}`.
    """

    about: dict[str, Any]
    deployments: dict[str, dict[str, str]]

    def offset(self, deployment: str) -> str:
        """Returns the offset from UTC at a deployment, such as `"+02:00"`."""
        start = self.deployments[deployment]["deploymentStart"]
        return _OFFSET.search(start)[0]  # pyright: ignore

    def scientific_names(self) -> dict[str, str]:
        """Returns scientific names by each name of a taxon in lower case."""
        names = {}
        for taxon in self.about.get("taxonomic", ()):
            scientific = taxon["scientificName"]
            others = taxon.get("vernacularNames", {}).values()
            for name in (scientific, *others):
                names[name.lower()] = scientific
        return names


def read_survey(folder: str | os.PathLike[str]) -> Survey:
    """Reads `deployments.csv` and `survey.json` of a survey.

    Args:
        folder: Their folder.

    Returns:
        `Survey`.

    Raises:
        ValueError: If one is not there, or lacks what Camtrap DP requires.
    """
    folder = Path(folder)
    for name in (DEPLOYMENTS, ABOUT):
        if not (folder / name).is_file():
            raise ValueError(
                "The standard requires what only you know: where and when the "
                f"cameras were, in {DEPLOYMENTS}, and what the survey is, in "
                f"{ABOUT}. Received: survey={str(folder)!r}, without {name}"
            )
    return Survey(
        _read_about(folder / ABOUT), _read_deployments(folder / DEPLOYMENTS)
    )


def _read_deployments(path):
    check_given(path, "The table of deployments")
    optional = [name for name in COLUMNS if name not in _REQUIRED]
    found = {}
    for line, row in read_rows(path, _REQUIRED, optional):
        row = {name: text.strip() for name, text in row.items()}
        if row["deploymentID"] in found or not _is_right(row):
            raise ValueError(
                f"Line {line} of {path} must have a deploymentID of its own, "
                "latitude and longitude in degrees, and times with their "
                "offset, such as 2024-05-01T12:00:00+02:00. "
                f"Received: {', '.join(row[name] for name in _REQUIRED)}"
            )
        found[row["deploymentID"]] = row
    if not found:
        raise ValueError(
            f"{path} must have a line for each deployment. Received: none"
        )
    return found


def _is_right(row):
    try:
        start, end = (
            datetime.datetime.strptime(row[name], TIME)
            for name in ("deploymentStart", "deploymentEnd")
        )
        return (
            abs(float(row["latitude"])) <= 90
            and abs(float(row["longitude"])) <= 180
            and start <= end
            and _OFFSET.search(row["deploymentStart"]) is not None
        )
    except ValueError:
        return False


def _read_about(path):
    text = read_given_text(path, f"The file {ABOUT}")
    try:
        about = json.loads(text, parse_constant=_no_number)
        is_right = _is_about(about)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_right, about = False, text
    if not is_right:
        raise ValueError(
            f"{path} must be a JSON object with contributors (a list of "
            "objects with a title), project (title, samplingDesign: one of "
            f"{', '.join(_DESIGNS)}; captureMethod: a list of "
            f"{' or '.join(_METHODS)}; individualAnimals: true or false) and, "
            "if you like, taxonomic (a list of objects with scientificName and "
            "vernacularNames, such as {'eng': 'red fox'}). "
            f"Received: {reprlib.repr(about)}"
        )
    return about


def _no_number(text):
    raise ValueError(f"{text} is no number")


def _is_about(about):
    project, taxa = about["project"], about.get("taxonomic", [])
    texts = [project["title"], *(x["title"] for x in about["contributors"])]
    for taxon in taxa:
        texts += [taxon["scientificName"]]
        texts += taxon.get("vernacularNames", {}).values()
    return (
        len(about["contributors"]) > 0
        and isinstance(about["contributors"], list)
        and isinstance(taxa, list)
        and all(isinstance(text, str) for text in texts)
        and project["samplingDesign"] in _DESIGNS
        and len(project["captureMethod"]) > 0
        and isinstance(project["captureMethod"], list)
        and all(method in _METHODS for method in project["captureMethod"])
        and isinstance(project["individualAnimals"], bool)
    )
