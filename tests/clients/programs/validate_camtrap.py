"""Prints what frictionless finds wrong in a package of Camtrap DP, as JSON.

The package names its schemas by their addresses. There is no network here, so
what Camtrap DP 1.0 requires of the columns is given below.
"""

import json
import os
import sys

from frictionless import Package

TIME = {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"}
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
COUNT = {"type": "integer"}


def required(field, **constraints):
    return {**field, "constraints": {"required": True, **constraints}}


def limited(field, **constraints):
    return {**field, "constraints": constraints}


def texts(names):
    return {name: TEXT for name in names.split()}


METHOD = limited(TEXT, enum=["activityDetection", "timeLapse"])
SHARE = limited(NUMBER, minimum=0, maximum=1)
COLUMNS = {
    "deployments": {
        "deploymentID": required(TEXT, unique=True),
        **texts("locationID locationName"),
        "latitude": required(NUMBER, minimum=-90, maximum=90),
        "longitude": required(NUMBER, minimum=-180, maximum=180),
        "coordinateUncertainty": limited(COUNT, minimum=1),
        "deploymentStart": required(TIME),
        "deploymentEnd": required(TIME),
        **texts("setupBy cameraID cameraModel"),
        "cameraDelay": COUNT,
        "cameraHeight": NUMBER,
        "cameraDepth": NUMBER,
        "cameraTilt": COUNT,
        "cameraHeading": COUNT,
        "detectionDistance": NUMBER,
        "timestampIssues": FLAG,
        "baitUse": FLAG,
        **texts("featureType habitat deploymentGroups deploymentTags"),
        "deploymentComments": TEXT,
    },
    "media": {
        "mediaID": required(TEXT, unique=True),
        "deploymentID": required(TEXT),
        "captureMethod": METHOD,
        "timestamp": required(TIME),
        "filePath": required(TEXT, pattern=r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"),
        "filePublic": required(FLAG),
        "fileName": TEXT,
        "fileMediatype": required(TEXT, pattern="^(image|video|audio)/.*$"),
        "exifData": {"type": "object"},
        "favorite": FLAG,
        "mediaComments": TEXT,
    },
    "observations": {
        "observationID": required(TEXT, unique=True),
        "deploymentID": required(TEXT),
        "mediaID": TEXT,
        "eventID": TEXT,
        "eventStart": required(TIME),
        "eventEnd": required(TIME),
        "observationLevel": required(TEXT, enum=["media", "event"]),
        "observationType": required(
            TEXT,
            enum=[
                *("animal", "human", "vehicle"),
                *("blank", "unknown", "unclassified"),
            ],
        ),
        **texts("cameraSetupType scientificName"),
        "count": limited(COUNT, minimum=1),
        **texts("lifeStage sex behavior individualID"),
        "individualPositionRadius": NUMBER,
        "individualPositionAngle": NUMBER,
        "individualSpeed": NUMBER,
        **dict.fromkeys(("bboxX", "bboxY", "bboxWidth", "bboxHeight"), SHARE),
        "classificationMethod": limited(TEXT, enum=["human", "machine"]),
        "classifiedBy": TEXT,
        "classificationTimestamp": TIME,
        "classificationProbability": SHARE,
        **texts("observationTags observationComments"),
    },
}
KEYS = {
    "deployments": ("deploymentID", []),
    "media": ("mediaID", [("deploymentID", "deployments")]),
    "observations": (
        "observationID",
        [("deploymentID", "deployments"), ("mediaID", "media")],
    ),
}


def schema(name):
    key, others = KEYS[name]
    return {
        "fields": [
            {"name": column, **field} for column, field in COLUMNS[name].items()
        ],
        "primaryKey": key,
        "foreignKeys": [
            {"fields": field, "reference": {"resource": table, "fields": field}}
            for field, table in others
        ],
    }


for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as opened:
        package = json.load(opened)
    wrong = [
        f"no {name}"
        for name in (
            *("created", "contributors", "project", "spatial"),
            *("temporal", "taxonomic"),
        )
        if name not in package
    ]
    profile = package.pop("profile")
    for resource in package["resources"]:
        name = resource["name"]
        ending = f"/{name}-table-schema.json"
        if resource["schema"] != os.path.dirname(profile) + ending:
            wrong.append(f"schema of {name}")
        resource["schema"] = schema(name)
    # A path that leads out of a folder is refused, so go there.
    os.chdir(os.path.dirname(os.path.abspath(file)))
    report = Package.from_descriptor(package).validate()
    rows = {task.name: task.stats.get("rows") for task in report.tasks}
    wrong += [note for (note,) in report.flatten(["note"])]
    print(json.dumps([wrong, rows]))
