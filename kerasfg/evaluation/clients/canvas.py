"""Shrinking by `drawImage` of a canvas in Chromium."""

from kerasfg.evaluation.clients.skia import draw_linear
from kerasfg.evaluation.clients.skia import halve


def draw_video(pixels, side):
    """Draws a video, an `ImageBitmap` or another canvas on a small canvas.

    With `imageSmoothingQuality` at its default, `"low"`, Chromium interpolates
    without antialiasing. This gives the very pixels of Chromium 156 without a
    GPU; a test draws with the Chromium that is installed. Other browsers, and
    drawing on a GPU, may differ.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return draw_linear(pixels, side)


def draw_image(pixels, side):
    """Draws an `<img>` on a small canvas.

    Chromium first halves the decoded picture as often as its sides stay at
    least `side`, with any `imageSmoothingQuality`, and then interpolates. This
    gives the very pixels of Chromium 156 where all halves are whole numbers;
    elsewhere they differ by some grey levels in fine detail.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    while min(pixels.shape[:2]) // 2 >= side:
        pixels = halve(pixels)
    return draw_linear(pixels, side)
