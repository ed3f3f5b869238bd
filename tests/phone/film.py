"""A film for Chromium's fake camera."""

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 240, 320
FRAMES_PER_SECOND = 10
SECONDS = 1  # of each picture


def write_film(filepath, pictures):
    """Writes square pictures, one after the other, as an uncompressed y4m.

    Args:
        filepath: File to write.
        pictures: RGB pictures of `HEIGHT` x `HEIGHT` pixels.
    """
    with open(filepath, "wb") as file:
        file.write(
            f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_SECOND}:1 Ip A1:1 "
            "C420jpeg\n".encode()
        )
        for picture in pictures:
            frame = Image.new("RGB", (WIDTH, HEIGHT), "gray")
            frame.paste(picture, ((WIDTH - HEIGHT) // 2, 0))
            planes = b"FRAME\n" + _planes(frame)
            file.write(planes * (FRAMES_PER_SECOND * SECONDS))


def to_square(picture):
    """Cuts out the centre square, and makes it as high as the film."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    picture = picture.crop((left, top, left + side, top + side))
    return picture.resize((HEIGHT, HEIGHT), Image.Resampling.BICUBIC)


def _planes(frame):
    """Y of each pixel; Cb and Cr of four pixels together."""
    values = np.asarray(frame.convert("YCbCr")).astype("float64")
    # A camera's numbers leave room at both ends: 16 to 235, and 16 to 240.
    light = 16 + values[..., 0] * 219 / 255
    color = 128 + (values[..., 1:] - 128) * 224 / 255
    color = color.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 2).mean(axis=(1, 3))
    planes = [light, *np.moveaxis(color, -1, 0)]
    return b"".join(np.rint(x).astype("uint8").tobytes() for x in planes)
