import io
import warnings

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags
from PIL import Image

from kerasfg.data import decode_image
from kerasfg.data.pixels.decode import MAX_PIXELS
from kerasfg.data.pixels.decode import upright_size

RED, WHITE = (255, 0, 0), (255, 255, 255)


def stored(image, suffix="png", **options):
    """Gives a picture as a file object."""
    file = io.BytesIO()
    image.save(file, suffix, **options)
    file.seek(0)
    return file


MODES = {
    "jpeg": ["L", "RGB", "CMYK"],
    "png": ["1", "L", "P", "RGB", "RGBA"],
    "webp": ["RGB", "RGBA"],
    "bmp": ["1", "L", "P", "RGB", "RGBA"],
    "gif": ["1", "L", "P", "RGB"],
    "tiff": ["1", "L", "P", "RGB", "RGBA", "CMYK"],
    "jpeg2000": ["L", "RGB", "RGBA"],
    "avif": ["RGB", "RGBA"],
}


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [(s, mode) for s, modes in MODES.items() for mode in modes],
)
def test_every_format_and_mode_becomes_rgb(suffix, mode):
    image = Image.new("RGB", (16, 8), RED).convert(mode)
    decoded = decode_image(stored(image, suffix))
    assert decoded.mode == "RGB" and decoded.size == (16, 8)
    # As one bit the grey of red is dithered.
    expected = {"1": [76, 76, 76], "L": [76, 76, 76]}.get(mode, RED)
    color = np.array(decoded).mean(axis=(0, 1))
    np.testing.assert_allclose(color, expected, atol=6)


def test_a_path_is_read(tmp_path):
    Image.new("RGB", (3, 2), RED).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png").getpixel((0, 0)) == RED
    assert decode_image(str(tmp_path / "a.png")).size == (3, 2)


def test_one_pixel_is_enough():
    assert decode_image(stored(Image.new("L", (1, 1)))).size == (1, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("mode", "suffix"), [("RGB", "jpeg"), ("RGB", "tiff"), ("I;16", "png")]
)
def test_pictures_are_turned_upright(orientation, mode, suffix):
    upright = np.zeros((16, 32), "uint16")
    upright[:8, :8] = 65535  # bright at the top left
    # How a camera held that way stores the upright scene.
    turn = {
        1: lambda x: x,
        2: np.fliplr,
        3: lambda x: np.rot90(x, 2),
        4: np.flipud,
        5: lambda x: x.T,
        6: np.rot90,
        7: lambda x: np.rot90(x, 2).T,
        8: lambda x: np.rot90(x, -1),
    }[orientation]
    pixels = np.ascontiguousarray(turn(upright))
    image = Image.fromarray(pixels)
    if mode == "RGB":
        image = Image.fromarray((pixels >> 8).astype("uint8")).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    decoded = np.array(decode_image(stored(image, suffix, exif=exif)))
    expected = np.repeat((upright >> 8)[..., None], 3, axis=-1)
    np.testing.assert_allclose(decoded.astype(int), expected, atol=3)


@pytest.mark.parametrize("suffix", ["jpeg", "tiff", "heif", "avif"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 7, 8])
def test_the_size_is_that_of_the_upright_picture(orientation, suffix):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = stored(Image.new("RGB", (32, 16), RED), suffix, exif=exif.tobytes())
    size = upright_size(file)
    assert size == ((16, 32) if orientation > 4 else (32, 16))
    assert size == decode_image(file).size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_phones_heic_is_upright(orientation):
    """Its writer turns the orientation into one of HEIF; it is applied once."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    image = Image.new("RGB", (64, 32), "blue")
    image.paste("red", (0, 0, 32, 16))
    turned = decode_image(stored(image, "HEIF", exif=exif.tobytes()))
    expected = decode_image(stored(image, "png", exif=exif.tobytes()))
    assert turned.size == expected.size
    np.testing.assert_allclose(
        np.asarray(turned, int)[4:-4:8, 4:-4:8],
        np.asarray(expected, int)[4:-4:8, 4:-4:8],
        atol=60,
    )


def test_of_several_pictures_the_primary_one_is_taken():
    heif = pillow_heif.HeifFile()
    for color in ("lime", "red", "blue"):
        heif.add_from_pillow(Image.new("RGB", (16, 16), color))
    file = io.BytesIO()
    heif.save(file, primary_index=1)
    red, green, blue = decode_image(file).getpixel((8, 8))
    assert red > 240 and green < 15 and blue < 15


def test_half_of_a_heic_is_no_picture():
    whole = stored(Image.new("RGB", (64, 64), RED), "HEIF").read()
    with pytest.raises(OSError, match="damaged or truncated"):
        decode_image(io.BytesIO(whole[:100]))


def test_postscript_is_not_run():
    file = io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(OSError, match="not a picture"):
        decode_image(file)


def test_damaged_exif_does_not_lose_the_picture():
    file = stored(Image.new("RGB", (4, 4), RED), exif=b"Exif\0\0MM\0*\xff\xff")
    assert decode_image(file).getpixel((0, 0)) == RED


@pytest.mark.parametrize("suffix", ["png", "tiff", "ppm"])
def test_16_bits_are_scaled_not_clipped(suffix):
    values = np.array([[0, 255, 256, 32768, 65535]], "uint16")
    decoded = decode_image(stored(Image.fromarray(values), suffix))
    assert np.array(decoded)[0, :, 0].tolist() == [0, 1, 1, 128, 255]


def test_big_endian_16_bits_are_read():
    # By hand: Pillow writes little-endian files only.
    image = Image.frombytes("I;16B", (2, 1), b"\x00\x00\xff\xff")
    file = stored(image, "tiff")
    assert np.array(decode_image(file))[0, :, 0].tolist() == [0, 255]


def transparent(mode):
    image = Image.new("RGBA", (4, 4), RED)
    image.putpixel((0, 0), (0, 0, 0, 0))
    if mode == "P":
        palette = Image.new("P", (4, 4), 1)
        palette.putpalette([0, 0, 0, *RED])
        palette.putpixel((0, 0), 0)
        return stored(palette, transparency=0)
    if mode == "RGB":
        return stored(image.convert("RGB"), transparency=(0, 0, 0))
    return stored(image.convert(mode))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_transparency_is_laid_on_white(mode):
    decoded = decode_image(transparent(mode))
    assert decoded.getpixel((0, 0)) == WHITE
    assert decoded.getpixel((2, 2)) != WHITE


def test_half_transparent_is_half_white():
    decoded = decode_image(stored(Image.new("RGBA", (2, 2), (0, 0, 0, 128))))
    assert decoded.getpixel((0, 0)) == (127, 127, 127)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_the_first_frame_is_taken(suffix):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    options = {"lossless": True} if suffix == "webp" else {}
    file = stored(
        frames[0], suffix, save_all=True, append_images=frames[1:], **options
    )
    assert decode_image(file).getpixel((0, 0)) == RED


def test_a_stream_that_cannot_go_back_is_read():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    content = stored(Image.new("RGB", (3, 2), RED)).getvalue()
    assert decode_image(Pipe(content)).size == (3, 2)


def test_large_pictures_below_the_limit_are_decoded():
    # Pillow's own warning starts at half of its limit.
    side = int((MAX_PIXELS * 0.6) ** 0.5)
    file = stored(Image.new("1", (side, side)), "tiff", compression="group4")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        assert decode_image(file).size == (side, side)


@pytest.mark.parametrize("limit", [None, 10**9])
def test_a_bomb_is_refused_before_it_is_decoded(limit, monkeypatch):
    file = stored(Image.new("1", (20_000, 10_000)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(ValueError, match="20000 x 10000 pixels.*bomb"):
        decode_image(file)


def test_a_bomb_that_pillow_refuses_is_an_error_of_the_same_kind():
    file = stored(Image.new("1", (20_000, 10_000)))
    with pytest.raises(ValueError, match="bomb"):
        decode_image(file)


def test_text_is_no_picture():
    with pytest.raises(OSError, match="not a picture"):
        decode_image(io.BytesIO(b"hello, this is text"))


def test_nothing_is_no_picture():
    with pytest.raises(OSError, match="empty"):
        decode_image(io.BytesIO())


def test_floating_point_is_refused():
    image = Image.fromarray(np.zeros((2, 2), "float32"))
    with pytest.raises(ValueError, match="floating-point"):
        decode_image(stored(image, "tiff"))


@pytest.mark.parametrize("value", [-1, 65536])
def test_more_than_16_bits_are_refused(value):
    image = Image.fromarray(np.full((2, 2), value, "int32"))
    with pytest.raises(ValueError, match="more than 16 bits"):
        decode_image(stored(image, "tiff"))


@pytest.mark.parametrize(
    "suffix", ["jpeg", "png", "webp", "gif", "bmp", "tiff"]
)
def test_damage_gives_one_line_or_a_picture(suffix, rng):
    pixels = rng.integers(0, 256, (40, 40, 3), dtype="uint8")
    content = stored(Image.fromarray(pixels), suffix).getvalue()
    refused = 0
    for _ in range(60):
        damaged = bytearray(content[: rng.integers(1, len(content) + 1)])
        for position in rng.integers(0, len(damaged), 5):
            damaged[position] = rng.integers(0, 256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert decode_image(io.BytesIO(damaged)).mode == "RGB"
            except (OSError, ValueError) as error:
                refused += 1
                assert str(error) and "\n" not in str(error)
    assert refused
