import io

import pytest
from PIL import ExifTags
from PIL import Image

from kerasfg.data.pixels import capture
from kerasfg.data.pixels.decode import decode_image

TIME = "2024:05:01 09:30:00"
BASE = ExifTags.Base


def exif(values, details=()):
    result = Image.Exif()
    for key, value in dict(values).items():
        result[key] = value
    for key, value in dict(details).items():
        result.get_ifd(ExifTags.IFD.Exif)[key] = value
    return result


@pytest.mark.parametrize(
    ("values", "details", "wanted"),
    [
        ({}, {}, ""),
        ({BASE.Model: "X5"}, {}, "X5|"),
        ({BASE.DateTime: TIME}, {}, f"|{TIME}"),
        (
            {BASE.Make: "Trap", BASE.Model: "X5", BASE.DateTime: "2030"},
            {BASE.DateTimeOriginal: TIME, BASE.BodySerialNumber: "7"},
            f"Trap X5 7|{TIME}",
        ),
        ({BASE.Model: " a|b\n\x00c "}, {}, "a b c|"),
        ({BASE.Model: 5}, {}, ""),
        ({BASE.Model: "m" * 500}, {}, "m" * 100 + "|"),
    ],
)
def test_camera_and_time(values, details, wanted):
    assert capture.captured(exif(values, details)) == wanted


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("PNG", "I;16")],
)
def test_decoding_keeps_it(kind, mode):
    file = io.BytesIO()
    data = exif({BASE.Model: "X5", BASE.Orientation: 6, BASE.DateTime: TIME})
    Image.new(mode, (20, 10)).save(file, kind, exif=data)
    image = decode_image(file)
    assert image.size == (10, 20)
    assert image.info[capture.KEY] == f"X5|{TIME}"


def test_a_picture_without_exif():
    file = io.BytesIO()
    Image.new("RGB", (20, 10)).save(file, "PNG")
    assert decode_image(file).info[capture.KEY] == ""
