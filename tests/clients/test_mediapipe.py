"""MediaPipe, in Python and in Chromium, on pictures as people have them."""

import numpy as np
import pytest
from clients.client import ClientError
from clients.client import ask
from clients.environments import python_of
from PIL import Image

from kerasfg.export import load

LARGE, WIDE = (1280, 960), (400, 300)
# Of frames sampled as MediaPipe does it: 0.007 here, and 0.03 or more where the
# region is off by one pixel of the picture.
TOLERANCE = 0.02
# What the rounding of weights and activations to eight bits may do.
ROUNDING = 0.1
_ORIENTATION, _TURN_CLOCKWISE = 0x0112, 6


def _resized(pictures, size):
    return [picture.resize(size, Image.BICUBIC) for picture in pictures]


def _turned(pictures):
    """Turned to the left, as a phone that is held upright may store them."""
    return [x.transpose(Image.Transpose.ROTATE_90) for x in pictures]


def _squares(pictures):
    side = pictures[0].height
    left = (pictures[0].width - side) // 2
    return [x.crop((left, 0, left + side, side)) for x in pictures]


def _frames(pictures, side, shift=(0, 0)):
    """Samples as MediaPipe does: no antialiasing, and from a pixel's corner.

    Output pixel `i` of `side` is taken at `i * length / side + shift`, between
    the two pixels that are nearest, where its centre would be half a step on.
    """

    def along(axis, length, by):
        at = np.clip(np.arange(side) * length / side + by, 0, length - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, length - 1)
        share = np.expand_dims(at - low, (1, 2) if axis == 0 else (0, 2))
        return low, high, share

    frames = []
    for picture in pictures:
        pixels = np.asarray(picture.convert("RGB"), "float64")
        low, high, share = along(0, pixels.shape[0], shift[0])
        rows = pixels[low] * (1 - share) + pixels[high] * share
        low, high, share = along(1, pixels.shape[1], shift[1])
        frame = rows[:, low] * (1 - share) + rows[:, high] * share
        frames.append(np.round(frame).astype("uint8"))
    return np.stack(frames)


@pytest.fixture(scope="module")
def kinds(birds):
    """Pictures by what is special about them."""
    wide = _resized(birds, WIDE)
    return {
        "large": _resized(birds, LARGE),
        "wide": wide,
        "turned": _turned(wide),
        "clear": [x.convert("RGBA") for x in wide],
        "grey": [x.convert("L") for x in wide],
    }


@pytest.fixture(scope="module")
def given(kinds, file, client_environments, tmp_path_factory):
    """MediaPipe's answers in Python, by kind and region or what else is set.

    All from one process, since MediaPipe takes seconds to start.
    """
    folder = tmp_path_factory.mktemp("mediapipe")
    orientation = Image.Exif()
    orientation[_ORIENTATION] = _TURN_CLOCKWISE
    paths = {kind: _saved(kinds[kind], folder, f"{kind}.png") for kind in kinds}
    # Decoders differ in how they enlarge colours that are stored at a half.
    exif = {"exif": orientation, "quality": 100, "subsampling": 0}
    paths["exif"] = _saved(kinds["turned"], folder, "exif.jpg", **exif)
    opened = {"open": "mediapipe"}
    asked = {
        "large": {},
        "wide": {},
        "large whole": {"region": "whole"},
        "wide whole": {"region": "whole"},
        "turned": {"rotation": 90},
        "exif": opened,
        "clear": opened,
        "grey": {},
        "grey opened": opened,
    }
    jobs = [
        {
            "file": str(file),
            "pictures": paths[name.split()[0]],
            "region": "square",
            **more,
        }
        for name, more in asked.items()
    ]
    python = python_of("new", client_environments)
    answers = ask(python, "run_mediapipe", jobs, folder)
    return dict(zip(asked, answers, strict=True))


def _saved(pictures, folder, name, **options):
    paths = [folder / f"{i}_{name}" for i in range(len(pictures))]
    for picture, path in zip(pictures, paths, strict=True):
        picture.save(path, **options)
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def file(exported):
    return exported / "model.tflite"


@pytest.fixture(scope="module")
def near(file):
    """A function that compares answers with kerasfg's to some pictures."""
    model = load(file)

    def check(answers, pictures, shift=(0, 0)):
        frames = _frames(pictures, model.image_size, shift)
        expected = model.predict(frames)
        np.testing.assert_allclose(answers, expected, atol=TOLERANCE)

    return check


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["large", "wide"])
def test_region_of_interest_is_what_kerasfg_crops(given, kinds, near, kind):
    near(given[kind], _squares(kinds[kind]))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["large", "wide"])
def test_squashes_the_whole_picture(given, kinds, near, kind):
    """So a picture that is not square needs the region."""
    near(given[f"{kind} whole"], kinds[kind])
    assert np.abs(given[f"{kind} whole"] - given[kind]).max() > 2 * TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["exif", "clear"])
def test_opens_files_upright_and_in_colours(given, kinds, near, kind):
    """The orientation in a JPEG's EXIF, and a PNG with transparency."""
    near(given[kind], _squares(kinds["wide"]))


@pytest.mark.slow
def test_turns_the_pixels_of_a_camera(given, kinds, near):
    """The region is that of the picture before it is turned."""
    # What was its first row is now its last column, sampled from its far side.
    near(given["turned"], _squares(kinds["wide"]), shift=(0, -1))


@pytest.mark.slow
def test_grey_pictures_need_three_channels(given, kinds, near):
    assert isinstance(given["grey opened"], ClientError)
    assert "sizes do not match" in str(given["grey opened"])
    # run_mediapipe.py converts them.
    near(given["grey"], [x.convert("RGB") for x in _squares(kinds["grey"])])


@pytest.mark.slow
def test_in_a_browser(web_client, exported, kinds, tmp_path, given):
    files = [exported / x for x in ("model.tflite", "model_int8.tflite")]
    paths = _saved(kinds["wide"], tmp_path, "wide.png")
    square, whole, rounded = web_client(
        {"file": str(files[0]), "pictures": paths, "region": "square"},
        {"file": str(files[0]), "pictures": paths, "region": "whole"},
        {"file": str(files[1]), "pictures": paths, "region": "square"},
    )
    # The same code, compiled for another processor.
    np.testing.assert_allclose(square, given["wide"], atol=1e-3)
    np.testing.assert_allclose(whole, given["wide whole"], atol=1e-3)
    np.testing.assert_allclose(rounded, square, atol=ROUNDING)
    assert np.abs(rounded - square).max() > 0
