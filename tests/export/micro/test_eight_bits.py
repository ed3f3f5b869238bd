import numpy as np

from kerasfg.export.micro.eight_bits import is_int8
from kerasfg.export.micro.eight_bits import to_int8
from kerasfg.export.micro.eight_bits import to_probabilities


def test_every_pixel_becomes_itself_minus_128():
    pixels = np.arange(256, dtype="uint8").reshape(16, 16)
    given = to_int8(pixels)
    assert given.dtype == "int8"
    assert given.tolist() == (pixels.astype(int) - 128).tolist()


def test_every_output_is_a_number_of_256ths():
    given = to_probabilities(np.arange(-128, 128).astype("int8"))
    assert given.dtype == "float32"
    assert given.tolist() == [i / 256 for i in range(256)]


def test_only_these_scales_are_taken():
    def details(dtype, *quantization):
        return [{"dtype": dtype, "quantization": quantization}]

    pixels = details(np.int8, 1.0, -128)
    answer = details(np.int8, 1 / 256, -128)
    assert is_int8(pixels, answer)
    assert not is_int8(details(np.uint8, 1.0, -128), answer)
    assert not is_int8(pixels, details(np.int8, 1 / 256, 0))
    assert not is_int8(details(np.int8, 1 / 255, -128), answer)
    assert not is_int8(pixels * 2, answer)
    assert not is_int8(pixels, [])
