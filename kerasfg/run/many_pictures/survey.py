"""What only its people know of a camera-trap survey, for Camtrap DP."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import os
import re
import reprlib
import unicodedata
from collections.abc import Callable
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
        about: Content of its `survey.json`, with `taxonomic`.
        deployments: `{deploymentID: {column: text}}`.
    """

    about: dict[str, Any]
    deployments: dict[str, dict[str, str]]

    def deployment_of(self, path: str) -> str | None:
        """Returns the deployment in whose folder a picture is, if any.

        Args:
            path: Its path, with slashes. The innermost of its folders counts.
        """
        for folder in reversed(path.split("/")[:-1]):
            if deployment := self._by_folder.get(_plain(folder)):
                return deployment
        return None

    @functools.cached_property
    def _by_folder(self):
        return {_plain(name): name for name in self.deployments}

    def offset(self, deployment: str) -> str:
        """Returns the offset from UTC at a deployment, such as `"+02:00"`."""
        start = self.deployments[deployment]["deploymentStart"]
        return _OFFSET.search(start)[0]  # pyright: ignore

    def scientific_names(self) -> dict[str, str]:
        """Returns scientific names by each name of a taxon in lower case."""
        names = {}
        for taxon in self.about["taxonomic"]:
            scientific = taxon["scientificName"]
            others = taxon.get("vernacularNames", {}).values()
            for name in (scientific, *others):
                names[name.lower()] = scientific
        return names


def _plain(name):
    # An accented letter is one character or two, as systems like.
    return unicodedata.normalize("NFC", name)


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
                "latitude and longitude in degrees, such as 50.5, and times "
                "with their offset, such as 2024-05-01T12:00:00+02:00, the end "
                "not before the start. "
                f"Received: {', '.join(row[name] for name in _REQUIRED)}"
            )
        found[row["deploymentID"]] = row
    _check_utf8(path, found)
    if not found:
        raise ValueError(
            f"{path} must have a line for each deployment. Received: none"
        )
    return found


def _check_utf8(path, found):
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{path} must be text in UTF-8: save it anew as such. "
            f"Received: {error.object[: error.end][-20:]!r}"
        ) from error


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
    text = read_given_text(path, f"The file {ABOUT}").removeprefix("\ufeff")
    try:
        about = json.loads(text, parse_constant=_no_number)
        text = json.dumps(about, indent=1, allow_nan=False, ensure_ascii=False)
        text.encode()  # names of taxa are written into a table of UTF-8
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} must be JSON: {str(error)[:100]}. "
            f"Received: {reprlib.repr(text)}"
        ) from error
    if isinstance(about, dict):
        about.setdefault("taxonomic", [])
    for key, rule, holds in _RULES:
        value = about
        try:
            for part in key.split("."):
                value = value[part]
            is_right = holds(value)
        except (KeyError, TypeError, AttributeError):
            is_right = False
        if not is_right:
            raise ValueError(
                f"{path} must have {key}, {rule}. "
                f"Received: {reprlib.repr(value)}"
            )
    return about


def _no_number(text):
    raise ValueError(f"{text} is no number")


def _are(texts, some=None):
    """Whether all are texts, or some of them."""
    return all(isinstance(x, str) and (not some or x in some) for x in texts)


# Key of `survey.json`, what it must be, and whether it is.
_RULES: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    (
        "contributors",
        "a list of objects with a title",
        lambda found: (
            isinstance(found, list)
            and len(found) > 0
            and _are(one["title"] for one in found)
        ),
    ),
    ("project.title", "a text", lambda found: _are([found])),
    (
        "project.samplingDesign",
        f"one of {', '.join(_DESIGNS)}",
        lambda found: _are([found], _DESIGNS),
    ),
    (
        "project.captureMethod",
        f"a list of {' or '.join(_METHODS)}",
        lambda found: (
            isinstance(found, list) and len(found) > 0 and _are(found, _METHODS)
        ),
    ),
    (
        "project.individualAnimals",
        "true or false",
        lambda found: isinstance(found, bool),
    ),
    (
        "taxonomic",
        "a list of objects with scientificName and vernacularNames, such as "
        "{'eng': 'red fox'}",
        lambda found: (
            isinstance(found, list)
            and _are(taxon["scientificName"] for taxon in found)
            and all(
                _are(taxon.get("vernacularNames", {}).values())
                for taxon in found
            )
        ),
    ),
)
