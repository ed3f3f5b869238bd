"""Writes results as Camtrap DP, the standard for data of camera traps.

[Bubnicki et al., 2024](https://doi.org/10.1002/rse2.374)
"""

from __future__ import annotations

import collections
import csv
import datetime
import json
import mimetypes
import os
import re
from pathlib import Path

from kerasfg.notice import tell
from kerasfg.run.many_pictures.bursts import BLANK
from kerasfg.run.many_pictures.coco import place_of
from kerasfg.run.many_pictures.rows import time_of
from kerasfg.run.many_pictures.survey import COLUMNS
from kerasfg.run.many_pictures.survey import TIME

NAME = "datapackage.json"
TABLES = ("deployments", "media", "observations")
VERSION = "1.0.2"

# Types of observations by the names of classes; all others are animals.
_TYPES = dict.fromkeys(BLANK, "blank") | {
    "human": "human",
    "person": "human",
    "vehicle": "vehicle",
}
_MEDIA = (
    *("mediaID", "deploymentID", "captureMethod", "timestamp", "filePath"),
    *("filePublic", "fileName", "fileMediatype", "exifData", "favorite"),
    "mediaComments",
)
_OBSERVATIONS = (
    *("observationID", "deploymentID", "mediaID", "eventID", "eventStart"),
    *("eventEnd", "observationLevel", "observationType", "cameraSetupType"),
    *("scientificName", "count", "lifeStage", "sex", "behavior"),
    *("individualID", "individualPositionRadius", "individualPositionAngle"),
    *("individualSpeed", "bboxX", "bboxY", "bboxWidth", "bboxHeight"),
    *("classificationMethod", "classifiedBy", "classificationTimestamp"),
    *("classificationProbability", "observationTags", "observationComments"),
)
# What the standard takes as the name of a file in the package, less what a
# spreadsheet takes for a formula.
_NAME = re.compile(r"(?![./~=+@'\t-])(?!.*\.\.)[^\r\n\ud800-\udfff]+\Z")


def is_camtrap(out: str | os.PathLike[str]) -> bool:
    """Returns whether results at a path are to be Camtrap DP's.

    Example:

    >>> is_camtrap("survey/datapackage.json")
    True
    """
    return Path(out).name == NAME


def tables_of(out: str | os.PathLike[str]) -> list[Path]:
    """Lists the tables that are written beside a package's description."""
    return [Path(out).with_name(f"{name}.csv") for name in TABLES]


def check_below(out, pictures):
    """Checks where pictures are; the standard takes addresses as well.

    Args:
        out: Path of the description.
        pictures: Paths of pictures and folders.

    Raises:
        ValueError: If one is not below the folder of `out`.
    """
    folder = os.path.abspath(Path(out).parent)
    for path in map(os.fspath, pictures):
        inside = os.path.commonpath([folder, os.path.abspath(path)]) == folder
        if "://" not in path and not inside:
            raise ValueError(
                "Camtrap DP names pictures below its own folder: put `out` "
                "into the folder of the survey or one above it. "
                f"Received: out={str(out)!r}, pictures={path!r}"
            )


def find_place(path, folder, survey):
    """Finds where a picture belongs.

    Args:
        path: Its path.
        folder: Folder of the description.
        survey: `kerasfg.run.many_pictures.survey.Survey`.

    Returns:
        Its path relative to the folder, and its deployment.

    Raises:
        ValueError: If it is below none, or in no folder of a deployment.
    """
    place = place_of(path, folder)
    deployment = survey.deployment_of(place)
    if place.startswith("../") or deployment is None:
        raise ValueError(
            f"The pictures must be below the folder of {NAME}, each in a "
            "folder that has the name of its deployment: give deployments the "
            f"names of folders. Received: {path!r}"
        )
    return place, deployment


def write_camtrap(journal, out, read, survey, classified_by, by_burst):
    """Writes a package: its description, and three tables beside it.

    A picture belongs to the deployment whose ID is the name of one of its
    folders, and its time has the offset of the start of that. What the model
    is not sure of is an observation of the type `unknown`.

    Args:
        journal: `Journal`, which writes files.
        out: Path of the description.
        read: Function that returns an iterable over all rows.
        survey: `kerasfg.run.many_pictures.survey.Survey`.
        classified_by: Text that names the model.
        by_burst: Whether there is an observation for each burst as well.

    Raises:
        ValueError: If a picture is in no folder of a deployment, or not below
            that of `out`, or a file of the user is there.
        WriteError: If a file cannot be written.
    """
    package = _Package(Path(out), survey, classified_by)
    deployments, media, observations = tables_of(out)
    with journal.replacing(media) as path:
        _write_table(path, _MEDIA, package.media(read()))
    with journal.replacing(observations) as path:
        _write_table(
            path, _OBSERVATIONS, package.observations(read(), by_burst)
        )
    with journal.replacing(deployments) as path:
        _write_table(path, COLUMNS, survey.deployments.values())
    with journal.replacing(Path(out)) as path:
        text = json.dumps(package.description(by_burst), indent=1)
        path.write_text(f"{text}\n", "utf-8")
    for reason, count in package.left_out.items():
        tell(f"Left out of the package: {count:,} pictures {reason}.")
    if package.unnamed:
        tell(
            "Classes without a scientific name in taxonomic of survey.json, "
            "whose names are in observationTags alone: "
            f"{len(package.unnamed):,}, such as {min(package.unnamed)!r}."
        )


class _Package:
    def __init__(self, out, survey, classified_by):
        self._folder = out.parent
        self._survey = survey
        self._names = survey.scientific_names()
        self._now = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
        self._by = {
            "classificationMethod": "machine",
            "classifiedBy": classified_by,
            "classificationTimestamp": self._now,
        }
        methods = survey.about["project"]["captureMethod"]
        self._method = methods[0] if len(methods) == 1 else ""
        self.left_out = collections.Counter()
        self.unnamed = set()

    def media(self, rows):
        for row in rows:
            reason, place, deployment = self._place(row)
            if reason:
                self.left_out[reason] += 1
                continue
            name = os.path.basename(place)
            yield {
                "mediaID": place,
                "deploymentID": deployment,
                "captureMethod": self._method,
                "timestamp": self._time(_taken(row), deployment),
                "filePath": place,
                "filePublic": "false",
                "fileName": name if _NAME.match(name) else "",
                "fileMediatype": _media_type(name),
            }

    def observations(self, rows, by_burst):
        bursts, number = bytearray(), 0
        for row in rows:
            reason, place, deployment = self._place(row)
            if reason:
                continue
            number += 1
            yield self._observation(number, deployment, row) | {
                "mediaID": place
            }
            burst = row.get("burst", 0)
            bursts.extend(bytes(max(0, burst + 1 - len(bursts))))
            if by_burst and burst and not bursts[burst]:
                bursts[burst] = 1
                number += 1
                yield self._observation(number, deployment, row, "burst_")

    def _observation(self, number, deployment, row, of=""):
        """Makes the observation of a picture, or of its burst."""
        name = row.get(f"{of}class", "")
        start = row["burst_start"] if of else _taken(row)
        end = row["burst_end"] if of else _taken(row)
        burst = row.get("burst", "")
        kind = "unknown"
        if row.get(f"{of}known", True) and row[f"{of}sure"]:
            kind = _TYPES.get(name.strip().lower(), "animal")
        scientific = ""
        if kind == "animal":
            scientific = self._names.get(name.lower(), "")
            self.unnamed |= set() if scientific else {name}
        return self._by | {
            "observationID": str(number),
            "deploymentID": deployment,
            "eventID": f"{deployment}-{burst}" if burst else "",
            "eventStart": self._time(start, deployment),
            "eventEnd": self._time(end, deployment),
            "observationLevel": "event" if of else "media",
            "observationType": kind,
            "scientificName": scientific,
            "classificationProbability": f"{row[f'{of}probability']:.6g}",
            "observationTags": f"class:{name.replace('|', '/')}",
        }

    def _place(self, row):
        """Returns why it is left out, its path and its deployment."""
        place, deployment = find_place(row["path"], self._folder, self._survey)
        if time_of(row) is None:
            return "without a time in their EXIF data", place, deployment
        if not _NAME.match(place):
            return "with a name that the standard forbids", place, deployment
        return "", place, deployment

    def _time(self, time, deployment):
        return f"{time}{self._survey.offset(deployment)}"

    def description(self, by_burst):
        about = self._survey.about
        rows = self._survey.deployments.values()
        days = [
            sorted(datetime.datetime.strptime(row[name], TIME) for row in rows)
            for name in ("deploymentStart", "deploymentEnd")
        ]
        levels = ["media", "event"] if by_burst else ["media"]
        url = f"https://raw.githubusercontent.com/tdwg/camtrap-dp/{VERSION}"
        return {
            **about,
            "profile": f"{url}/camtrap-dp-profile.json",
            "created": self._now,
            "project": {**about["project"], "observationLevel": levels},
            "spatial": {
                "type": "MultiPoint",
                "coordinates": [
                    [float(row["longitude"]), float(row["latitude"])]
                    for row in rows
                ],
            },
            "temporal": {
                "start": f"{days[0][0]:%Y-%m-%d}",
                "end": f"{days[1][-1]:%Y-%m-%d}",
            },
            "resources": [
                {
                    "name": name,
                    "path": f"{name}.csv",
                    "profile": "tabular-data-resource",
                    "format": "csv",
                    "mediatype": "text/csv",
                    "encoding": "utf-8",
                    "schema": f"{url}/{name}-table-schema.json",
                }
                for name in TABLES
            ],
        }


def _media_type(name):
    guessed = mimetypes.guess_type(name)[0] or ""
    return guessed if guessed.startswith("image/") else "image/*"


def _taken(row):
    return time_of(row).isoformat()


def _write_table(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
