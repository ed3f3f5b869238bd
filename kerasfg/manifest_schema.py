"""The keys of `kerasfg.json`, which describes a model and how to use it.

`kerasfg train` leaves the file in a run folder, `kerasfg export` in a folder of
exported files and inside each of those. Wherever it is, it is a JSON object
with all of these keys:

- `format`: 3. One of format 2 is read as well: see `as_current`.
- `name`, `description`, `author`, `license`, `version`: texts; `""` where
  nothing is known.
- `image_size`: height and width that the network takes, in pixels, 1 to 8192.
- `frame_size`: height and width of a frame, in pixels, that exported files take
  and shrink inside; `null` in a run folder.
- `crop`: `"center"` for the largest centred square of a picture, `"whole"` for
  the whole picture squeezed into a square.
- `crop_fraction`: share of the square's sides that the model gets, in the
  middle; above 0 and at most 1.
- `filter`: `"bicubic"`, by which pictures are shrunk, as Pillow does.
- `class_names`: different texts, in the order of the labels.
- `temperature`: number above 0 that divides the logits; `null` for 1.
- `threshold`: probability below which an answer is "not sure", 0 to 1; `null`
  for none.
- `class_attributes`: `{class: {attribute: value}}`, or `null`.
- `accuracy`, `recipe`: what was measured and how the model was trained; `null`
  where nothing is known, and in a run folder, which has `report.json` and
  `recipe.toml` for them.
- `self_test`: `{"image": ...}`, a picture as base64, RGB, row by row; inside an
  exported file with the `probabilities` that the file gives for it and a
  `tolerance`. A file that takes a frame is given row `i * image_size //
  frame_size` of the picture as row `i`, columns likewise. `null` in a run
  folder.
- `versions`: `{package: version}` of what made the files.
- `files`: `{file name: facts}` of the exported files in the folder; facts are
  `sha256`, `bytes`, `format`, `variant`, `takes` (`"frame"`, or `"pixels"` that
  were shrunk before), `image_size` (the side of what the file takes), `outputs`
  (`["probabilities"]`, or `["probabilities", "familiarity"]`; probabilities
  alone where it is missing) and what was measured. Empty in a run folder and
  inside an exported file.
- `refused`: `{file name: reason}` of the exported files that were left out.
- `recommended`: the name among `files` of the one to take, or `null`.

More keys are not always there: `variant` inside an exported file, such as
`"int8"`, and `takes` and `outputs`, as among `files`; `euclidean` in a run
folder whose features were compared without a training, the rule of the
comparison. What an evaluation fitted on validation pictures, where there was
one:

- `prediction_sets`: `pictures`, their number, and `lowest`, 50 probabilities: a
  class belongs to the set that holds the true class for 50, 51, … 99 % of
  pictures if its probability at the `temperature` is at least this. The best
  class always does.
- `levels`: list of coarser names, from fine to coarse, such as of the genus and
  the family: `name` of the level, `of_class`, the name of each class there, and
  `threshold`: where the class is not sure, the finest level is said whose best
  name has at least this probability, the sum of its classes'.
- `class_thresholds`: `precision`, the share of answers that was to be right,
  and `thresholds`, a number for each class that counts in place of `threshold`:
  an answer is "not sure" if its probability is below that of its class.

`distance`, where `kerasfg distance` was called: how often the model is right at
how many pixels, and the subject and camera that it was called with.
`kerasfg.evaluation.distance_card` takes them as they are, with `image_size`:

- `object_size`: width in metres of what fills the picture from side to side,
  above 0, at most 1000;
- `fov` in degrees, 1 to 170, and `sensor_pixels`, 16 to 100000: field of view
  of the camera, and its pixels along that side;
- `curve`: objects of rising `resolution` in pixels, `top_1`, the share of right
  answers, and `top_1_interval`, its 95 % interval. The lowest is at most
  `image_size`. More pixels than `image_size` count as these.

`confused_with` of an export of a run: `{class: [class, ...]}`, what each was
taken for most often. The caller of an export may add others.
"""

import json
import re
import reprlib

from kerasfg.manifest_rules.fitted import FITTED_RULES
from kerasfg.manifest_rules.fitted import MAX_SIZE
from kerasfg.manifest_rules.kinds import is_name
from kerasfg.manifest_rules.kinds import is_number
from kerasfg.manifest_rules.kinds import is_share
from kerasfg.manifest_rules.kinds import is_text
from kerasfg.manifest_rules.kinds import is_whole

FORMAT = 3
_BEFORE = 2  # without `frame_size` and `takes`
FRAME, PIXELS = "frame", "pixels"  # what a file takes
OUTPUTS = (["probabilities"], ["probabilities", "familiarity"])  # and gives

TEXTS = ("name", "description", "author", "license", "version")
# What only the caller knows, and what is written where nothing is given.
GIVEN = {
    **dict.fromkeys(TEXTS, ""),
    "crop": "center",
    "crop_fraction": 1.0,
    "temperature": None,
    "threshold": None,
    "class_attributes": None,
    "accuracy": None,
    "recipe": None,
}
# What the caller of an export may not give.
_OWN = {
    "class_names",
    "files",
    "filter",
    "format",
    "frame_size",
    "image_size",
    "outputs",
    "recommended",
    "refused",
    "self_test",
    "takes",
    "variant",
    "versions",
}
_REQUIRED = (_OWN - {"outputs", "takes", "variant"}) | set(GIVEN)


def check_metadata(metadata):
    """Raises `ValueError` for metadata that `make_manifest` cannot take."""
    reserved = sorted(_OWN & set(metadata))
    if reserved:
        raise ValueError(
            "`metadata` must leave to the export what it writes itself. "
            f"Received: {', '.join(reserved)}"
        )
    try:
        json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`metadata` cannot be written as JSON: {error}. "
            f"Received: metadata={reprlib.repr(metadata)}"
        ) from error
    _check_values(metadata)


def as_current(manifest):
    """Returns the content of a `kerasfg.json` as this version writes it.

    In format 2 a file took exact pixels, or a frame if its side differed from
    the network's; all frames had one side.

    Args:
        manifest: Anything that was parsed from JSON.

    Returns:
        A dictionary of format 3 if the format was 2; else `manifest`, which
        `check_manifest` has to judge.
    """
    if not isinstance(manifest, dict):
        return manifest
    found, files = manifest.get("format"), manifest.get("files", {})
    if type(found) is not int or found != _BEFORE or not _are_files(files):
        return manifest
    size = manifest.get("image_size")
    takes = {
        name: PIXELS if facts.get("image_size", size) == size else FRAME
        for name, facts in files.items()
    }
    files = {name: {"takes": takes[name], **files[name]} for name in files}
    frames = (x["image_size"] for x in files.values() if x["takes"] == FRAME)
    return {
        **manifest,
        "format": FORMAT,
        "frame_size": next(frames, None),
        "files": files,
    }


def check_manifest(manifest):
    """Raises `ValueError` unless `manifest` is as this module describes it."""
    found = manifest.get("format") if isinstance(manifest, dict) else manifest
    # 2.0 and true equal whole numbers, and are none.
    is_number = type(found) is int
    if not isinstance(manifest, dict) or not is_number or found != FORMAT:
        raise ValueError(
            f"`format` must be {FORMAT}, as this version of kerasfg writes it: "
            "train or export the model again, to another folder. "
            f"Received: format={reprlib.repr(found)}"
        )
    missing = sorted(_REQUIRED - set(manifest))
    if missing:
        raise ValueError(
            "Every key of the format must be there: train or export the model "
            f"again, to another folder. Received: no {', '.join(missing)}"
        )
    _check_values(manifest)
    names, recommended = manifest["class_names"], manifest["recommended"]
    if recommended is not None and recommended not in list(manifest["files"]):
        raise ValueError(
            "`recommended` must be the name of one of `files`, or null. "
            f"Received: recommended={reprlib.repr(recommended)}"
        )
    _check_sides(manifest)
    limits = manifest.get("class_thresholds", {}).get("thresholds", names)
    if len(limits) != len(names):
        raise ValueError(
            "Each class must have its threshold in `class_thresholds`: "
            "evaluate the model again. Received: "
            f"{len(limits)} thresholds of {len(names)} classes"
        )
    for level in manifest.get("levels", ()):
        found = level["of_class"]
        if len(found) != len(names):
            raise ValueError(
                "Each class must have its name at a level of `levels`: "
                "evaluate the model again. Received: "
                f"{len(found)} names of {len(names)} classes"
            )
    size, distance = manifest["image_size"], manifest.get("distance")
    if distance and distance["curve"][0]["resolution"] > size:
        raise ValueError(
            "The curve of `distance` must begin at `image_size` or below: call "
            "`kerasfg distance` again. "
            f"Received: image_size={size}, and a curve from "
            f"{distance['curve'][0]['resolution']} pixels on"
        )


def _check_sides(manifest):
    """Checks that each file's input has the side given for all."""
    keys = {PIXELS: "image_size", FRAME: "frame_size"}
    taken = [x["takes"] for x in manifest["files"].values() if "takes" in x]
    if FRAME in [*taken, manifest.get("takes")] and not manifest["frame_size"]:
        raise ValueError(
            "`frame_size` must be the side of the frames that files take: "
            "export the model again. Received: frame_size=None"
        )
    for name, facts in manifest["files"].items():
        key = keys[facts.get("takes", PIXELS)]
        side = facts.get("image_size", manifest[key])
        if "takes" in facts and side != manifest[key]:
            raise ValueError(
                f"`{key}` must be the side that {name} takes: export the model "
                f"again. Received: {key}={manifest[key]}, but {side} in `files`"
            )


def _check_values(values):
    for key, value in values.items():
        rule, is_allowed = _RULES.get(key, _ANYTHING)
        if not is_allowed(value):
            raise ValueError(
                f"`{key}` must be {rule}. Received: {key}={reprlib.repr(value)}"
            )


def _is_size(value):
    return is_whole(value, 1, MAX_SIZE)


def _is_fraction(value):
    return is_number(value) and 0 < value <= 1


def _are_names(value):
    return (
        isinstance(value, list)
        and all(map(is_name, value))
        and 0 < len(set(value)) == len(value)
    )


def _are(is_allowed):
    """A rule for objects whose every value is allowed."""
    return lambda value: (
        isinstance(value, dict)
        and all(is_text(key) and is_allowed(x) for key, x in value.items())
    )


def _or_null(is_allowed):
    return lambda value: value is None or is_allowed(value)


def _are_files(value):
    # A name from a file must not lead out of its folder.
    return _are(lambda facts: isinstance(facts, dict))(value) and all(
        re.fullmatch(r"\w[\w.-]*", name, re.ASCII)
        and re.fullmatch(r"[0-9a-f]{64}", str(facts.get("sha256")))
        and facts.get("takes", PIXELS) in (FRAME, PIXELS)
        and facts.get("outputs", OUTPUTS[0]) in OUTPUTS
        and _is_size(facts.get("image_size", 1))
        for name, facts in value.items()
    )


_ANYTHING = ("anything", lambda value: True)
_RULES = {
    **dict.fromkeys((*TEXTS, "variant", "euclidean"), ("a text", is_text)),
    "image_size": (f"a whole number from 1 to {MAX_SIZE}", _is_size),
    "frame_size": (
        f"a whole number from 1 to {MAX_SIZE}, or null",
        _or_null(_is_size),
    ),
    "takes": ('"frame" or "pixels"', lambda x: x in (FRAME, PIXELS)),
    "outputs": (
        '["probabilities"] or ["probabilities", "familiarity"]',
        lambda x: x in OUTPUTS,
    ),
    "crop": ('"center" or "whole"', lambda x: x in ("center", "whole")),
    "crop_fraction": ("a number above 0 and at most 1", _is_fraction),
    "filter": ('"bicubic"', lambda x: x == "bicubic"),
    "class_names": ("a list of different texts in Unicode", _are_names),
    "temperature": (
        "a number above 0, or null",
        _or_null(lambda x: is_number(x) and x > 0),
    ),
    "threshold": (
        "a number from 0 to 1, or null",
        _or_null(is_share),
    ),
    **FITTED_RULES,
    "class_attributes": (
        "an object with an object for each class, or null",
        _or_null(_are(lambda x: isinstance(x, dict))),
    ),
    "self_test": (
        "an object, or null",
        _or_null(lambda x: isinstance(x, dict)),
    ),
    "versions": ("an object of texts", _are(is_text)),
    "files": (
        "an object of plain file names, each with sha256, with takes "
        '"frame" or "pixels", with image_size in pixels, and with outputs '
        '["probabilities"] or ["probabilities", "familiarity"]',
        _are_files,
    ),
    "refused": ("an object of texts", _are(is_text)),
}
