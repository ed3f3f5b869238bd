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
        about: Content of its `survey.json`.
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
            if _plain(folder) in self._by_folder:
                return self._by_folder[_plain(folder)]
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
        for taxon in self.about.get("taxonomic", ()):
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
                "latitude and longitude in degrees, and times with their "
                "offset, such as 2024-05-01T12:00:00+02:00. "
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
            f"Received: {error.object[error.start - 20 : error.end]!r}"
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
    for rule, holds in _RULES.items():
        try:
            is_right = holds(about)
        except (KeyError, TypeError, AttributeError):
            is_right = False
        if not is_right:
            raise ValueError(
                f"{path} must have {rule}. Received: {reprlib.repr(about)}"
            )
    return about


def _no_number(text):
    raise ValueError(f"{text} is no number")


def _are_contributors(found):
    return isinstance(found, list) and all(
        isinstance(one["title"], str) for one in found
    )


def _are_methods(found):
    return isinstance(found, list) and all(one in _METHODS for one in found)


def _are_taxa(found):
    return isinstance(found, list) and all(
        isinstance(name, str)
        for taxon in found
        for name in (
            taxon["scientificName"],
            *taxon.get("vernacularNames", {}).values(),
        )
    )


# What `survey.json` must have, and whether an object has it.
_RULES: dict[str, Callable[[Any], Any]] = {
    "contributors, a list of objects with a title": lambda about: (
        about["contributors"] and _are_contributors(about["contributors"])
    ),
    "project.title, a text": lambda about: isinstance(
        about["project"]["title"], str
    ),
    f"project.samplingDesign, one of {', '.join(_DESIGNS)}": lambda about: (
        about["project"]["samplingDesign"] in _DESIGNS
    ),
    f"project.captureMethod, a list of {' or '.join(_METHODS)}": lambda about: (
        about["project"]["captureMethod"]
        and _are_methods(about["project"]["captureMethod"])
    ),
    "project.individualAnimals, true or false": lambda about: isinstance(
        about["project"]["individualAnimals"], bool
    ),
    "as taxonomic, if you like, a list of objects with scientificName and "
    "vernacularNames, such as {'eng': 'red fox'}": lambda about: _are_taxa(
        about.get("taxonomic", [])
    ),
}
