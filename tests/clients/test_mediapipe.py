"""MediaPipe, in Python and in Chromium, on pictures as people have them."""

import numpy as np
import pytest
from clients.client import ClientError
from PIL import Image

LARGE, WIDE = (1440, 1080), (400, 300)
# The pictures are enlarged smoothly, so there is little to lose when MediaPipe
# makes them smaller without antialiasing.
TOLERANCE = 0.05
# JPEG changes the pixels as well.
JPEG_TOLERANCE = 0.1
_ORIENTATION, _TURN_CLOCKWISE = 0x0112, 6


@pytest.fixture
def file(exported):
    return exported / "model.tflite"


@pytest.fixture
def ask_python(client, file):
    """A function: MediaPipe's answers to pictures, in Python."""

    def answers(pictures, region="square", **more):
        job = {"file": str(file), "pictures": pictures, "region": region}
        return client("new", "run_mediapipe", {**job, **more})[0]

    return answers


@pytest.fixture(params=[LARGE, WIDE], ids=["large", "wide"])
def pictures(birds, request):
    return [bird.resize(request.param, Image.BICUBIC) for bird in birds]


def _squares(pictures):
    side = pictures[0].height
    left = (pictures[0].width - side) // 2
    return [x.crop((left, 0, left + side, side)) for x in pictures]


@pytest.mark.slow
def test_region_of_interest_is_what_kerasfg_crops(
    ask_python, file, pictures, saved, answers_of_kerasfg
):
    given = ask_python(saved(pictures, "picture"))
    expected = answers_of_kerasfg(file, _squares(pictures))
    np.testing.assert_allclose(given, expected, atol=TOLERANCE)


@pytest.mark.slow
def test_squashes_the_whole_picture(
    ask_python, file, pictures, saved, answers_of_kerasfg
):
    """So a picture that is not square needs the region."""
    given = ask_python(saved(pictures, "picture"), "whole")
    squashed = answers_of_kerasfg(file, pictures)
    np.testing.assert_allclose(given, squashed, atol=TOLERANCE)
    square = answers_of_kerasfg(file, _squares(pictures))
    assert np.abs(given - square).max() > 2 * TOLERANCE


@pytest.mark.slow
def test_opens_files_upright_and_in_colours(
    ask_python, birds, file, saved, answers_of_kerasfg
):
    """The orientation in a JPEG's EXIF, and a PNG with transparency."""
    wide = [bird.resize(WIDE, Image.BICUBIC) for bird in birds]
    turned = [x.transpose(Image.Transpose.ROTATE_90) for x in wide]
    orientation = Image.Exif()
    orientation[_ORIENTATION] = _TURN_CLOCKWISE
    upright = saved(turned, "exif", "jpg", exif=orientation, quality=98)
    clear = saved([x.convert("RGBA") for x in wide], "transparent")
    expected = answers_of_kerasfg(file, _squares(wide))
    for paths in (upright, clear):
        given = ask_python(paths, open="mediapipe")
        np.testing.assert_allclose(given, expected, atol=JPEG_TOLERANCE)


@pytest.mark.slow
def test_turns_the_pixels_of_a_camera(
    ask_python, birds, file, saved, answers_of_kerasfg
):
    wide = [bird.resize(WIDE, Image.BICUBIC) for bird in birds]
    turned = [x.transpose(Image.Transpose.ROTATE_90) for x in wide]
    given = ask_python(saved(turned, "turned"), rotation=90)
    expected = answers_of_kerasfg(file, _squares(wide))
    np.testing.assert_allclose(given, expected, atol=TOLERANCE)


@pytest.mark.slow
def test_grey_pictures_need_three_channels(
    ask_python, birds, file, saved, answers_of_kerasfg
):
    grey = saved([bird.convert("L") for bird in birds], "grey")
    with pytest.raises(ClientError, match="sizes do not match"):
        ask_python(grey, open="mediapipe")
    given = ask_python(grey)  # run_mediapipe.py converts them
    expected = answers_of_kerasfg(
        file, [bird.convert("L").convert("RGB") for bird in birds]
    )
    np.testing.assert_allclose(given, expected, atol=TOLERANCE)


@pytest.mark.slow
def test_in_a_browser(web_client, exported, birds, saved, answers_of_kerasfg):
    wide = [bird.resize(WIDE, Image.BICUBIC) for bird in birds]
    paths = saved(wide, "wide")
    files = [exported / x for x in ("model.tflite", "model_int8.tflite")]
    given = web_client(
        *(
            {"file": str(file), "pictures": paths, "region": region}
            for file in files
            for region in ("square", "whole")
        )
    )
    expected = [
        answers_of_kerasfg(file, pictures)
        for file in files
        for pictures in (_squares(wide), wide)
    ]
    np.testing.assert_allclose(given, expected, atol=TOLERANCE)
