import os

import pytest
from PIL import ExifTags
from PIL import Image

from kerasfg.data.pixels.lens import read_lens


def photo(path, length):
    exif = Image.Exif()
    if length is not None:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        details[ExifTags.Base.FocalLengthIn35mmFilm] = length
    Image.new("RGB", (40, 30)).save(path, exif=exif)
    return path


def test_reads_the_lens(tmp_path):
    lens = read_lens(photo(tmp_path / "a.jpg", 26))
    assert (lens.focal_length, lens.width, lens.height) == (26, 40, 30)


@pytest.mark.parametrize("length", [None, 0])
def test_a_photo_that_does_not_tell_is_named(length, tmp_path):
    with pytest.raises(ValueError, match="give `fov` and `sensor_pixels`"):
        read_lens(photo(tmp_path / "a.jpg", length))


def test_rejects_what_is_no_picture(tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("text.jpg", "pipe.jpg", "absent.jpg", "."):
        with pytest.raises(ValueError, match="must be a picture file"):
            read_lens(tmp_path / name)
