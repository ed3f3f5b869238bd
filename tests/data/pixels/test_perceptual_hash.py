import imagehash
import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.perceptual_hash import perceptual_hashes
from kerasfg.data.pixels.perceptual_hash import thumbnail


def picture(seed, size=(32, 32)):
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (9, 7, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


@pytest.mark.parametrize("seed", range(8))
def test_is_the_hash_of_imagehash(seed):
    image = picture(seed)
    (found,) = perceptual_hashes([thumbnail(image)])
    assert f"{found:016x}" == str(imagehash.phash(image))


@pytest.mark.parametrize("size", [(300, 200), (61, 173)])
def test_is_nearly_that_of_imagehash_at_any_size(size):
    for seed in range(8):
        image = picture(seed, size)
        (found,) = perceptual_hashes([thumbnail(image)])
        wanted = int(str(imagehash.phash(image)), 16)
        assert (int(found) ^ wanted).bit_count() <= 6


def test_pictures_are_hashed_one_by_one():
    pictures = np.array([thumbnail(picture(seed)) for seed in range(5)])
    one_by_one = [perceptual_hashes(x[None])[0] for x in pictures]
    assert perceptual_hashes(pictures).tolist() == one_by_one


def test_flat_pictures_share_a_hash():
    pictures = [np.full((32, 32), grey) for grey in (40, 41, 255)]
    assert len(set(perceptual_hashes(pictures).tolist())) == 1


def test_no_pictures():
    assert perceptual_hashes(np.zeros((0, 32, 32))).shape == (0,)
