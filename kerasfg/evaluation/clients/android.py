"""Shrinking of Android's bitmaps."""

from kerasfg.evaluation.clients.skia import draw_linear


def scaled_bitmap(pixels, side):
    """Shrinks as `Bitmap.createScaledBitmap(..., filter = true)`.

    Android draws the bitmap on a smaller one by Skia, with linear
    interpolation and without mipmaps. The code is Skia's as in Chromium, where
    it was compared pixel by pixel; on a phone it was not.

    Args:
        pixels: uint8 array `(height, width, 3)`.
        side: Side of the result in pixels.

    Returns:
        uint8 array `(side, side, 3)`.
    """
    return draw_linear(pixels, side)
