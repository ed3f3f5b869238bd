import io
import itertools

import numpy as np
import pytest
from PIL import Image
from PIL import ImageEnhance
from PIL import ImageOps

from kerasfg.data import hash_index
from kerasfg.data import likeness
from kerasfg.data.duplicates import components
from kerasfg.data.duplicates import find_copies
from kerasfg.data.hash_index import HashIndex
from kerasfg.data.hash_index import near_pairs
from kerasfg.data.pixels.perceptual_hash import perceptual_hashes
from kerasfg.data.pixels.perceptual_hash import thumbnail


def scene(seed, size=(160, 120)):
    """Draws a picture of large and small shades."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", size)
    for cells, share in ((4, 1.0), (12, 0.4), (30, 0.25)):
        shades = random.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
        layer = Image.fromarray(shades).resize(size, Image.Resampling.BICUBIC)
        image = Image.blend(image, layer, share)
    return image


def copies_of(images, digests=None):
    pictures = np.array([thumbnail(image) for image in images])
    digests = digests or tuple(str(number) for number in range(len(images)))
    hashes = perceptual_hashes(pictures)
    return find_copies(pictures, hashes, digests, progress=False)


def compressed(image, quality=30):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


CHANGES = {
    "compressed": compressed,
    "smaller": lambda image: image.resize((40, 30)),
    "larger": lambda image: image.resize((400, 300)),
    "other proportions": lambda image: image.resize((200, 200)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "cropped by 5 %": lambda image: image.crop((4, 3, 156, 117)),
    "cropped by 10 %": lambda image: image.crop((8, 6, 152, 114)),
    "cropped by 20 %": lambda image: image.crop((16, 12, 144, 108)),
    "cropped in a corner": lambda image: image.crop((16, 0, 160, 108)),
    "without the left": lambda image: image.crop((16, 0, 160, 120)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_found(change):
    images = [scene(seed) for seed in range(30)]
    images += [change(image) for image in images[:10]]
    found = copies_of(images).pairs.tolist()
    wanted = [[row, 30 + row] for row in range(10)]
    assert all(pair in wanted for pair in found)
    assert len(found) >= 9


def test_other_pictures_are_not_found():
    assert len(copies_of([scene(seed) for seed in range(200)])) == 0


def test_the_same_file_is_found_whatever_it_shows():
    images = [Image.new("RGB", (9, 9), "white")] * 3 + [scene(0)]
    copies = copies_of(images, ("a", "b", "a", "a"))
    assert copies.pairs.tolist() == [[0, 2], [0, 3]]
    assert copies.identical.tolist() == [True, True]
    assert copies.likeness.tolist() == [1, 1]


def test_blank_pictures_are_no_copies():
    random = np.random.default_rng(0)
    noise = random.integers(120, 123, (300, 24, 24, 3)).astype(np.uint8)
    assert len(copies_of([Image.fromarray(image) for image in noise])) == 0


def bird(seed):
    """Draws one dark shape on a sky of shades of its own."""
    random = np.random.default_rng(seed)
    shades = random.integers(140, 230, (5, 5)).astype(np.uint8)
    sky = np.asarray(Image.fromarray(shades).resize((64, 64)), float)
    down, across = np.mgrid[:64, :64]
    body = (down - 32) ** 2 / 60 + (across - 32) ** 2 / 250 < 1
    pixels = np.where(body, 30, sky) + random.normal(0, 3, (64, 64))
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return image.convert("RGB")


def test_one_shape_on_different_backgrounds_is_no_copy():
    images = [bird(seed) for seed in range(40)]
    assert len(copies_of(images)) == 0
    copies = copies_of([*images, compressed(images[3])])
    assert copies.pairs.tolist() == [[3, 40]]


def test_many_copies_of_a_picture_are_linked_in_few_pairs():
    original = scene(0)
    images = [compressed(original, 30 + number % 60) for number in range(120)]
    images += [scene(1)]
    copies = copies_of(images)
    sets = components(copies.pairs, len(images))
    assert len(set(sets[:120])) == 1 and sets[120] != sets[0]
    assert len(copies) < 600


def test_components():
    pairs = np.array([[0, 3], [3, 1]])
    sets = components(pairs, 5)
    assert sets[0] == sets[1] == sets[3]
    assert len(set(sets)) == 3


# === The index ===


def flipped(value, bits):
    for bit in bits:
        value ^= 1 << int(bit)
    return value


def test_every_pair_within_seven_bits_is_found():
    random = np.random.default_rng(0)
    values = [int(x) for x in random.integers(0, 2**63, 60)]
    values += [
        flipped(value, random.permutation(64)[: number % 8])
        for number, value in enumerate(values)
    ]
    hashes = np.array(values, np.uint64)
    left, right, bits = HashIndex(hashes).near(hashes, 7)
    found = {(a, b): n for a, b, n in zip(left, right, bits, strict=True)}
    for a, b in itertools.product(range(120), repeat=2):
        apart = (values[a] ^ values[b]).bit_count()
        assert found.get((a, b)) == (apart if apart <= 7 else None)


def test_a_picture_has_its_nearest_pairs():
    hashes = np.array([0, 1, 3, 7, 2**60 - 1], np.uint64)
    pairs = near_pairs(hashes, [lambda: hashes], 10, 2, progress=False)
    assert pairs[:, 2].tolist() == sorted(pairs[:, 2])
    of_first = {tuple(pair[1:3].tolist()) for pair in pairs if pair[0] == 0}
    assert of_first == {(1, 1), (2, 2)}


@pytest.mark.parametrize("chunk", [50, 2**20])
def test_of_very_many_pairs_the_nearest_are_kept(chunk, monkeypatch):
    monkeypatch.setattr(hash_index, "_CHUNK", chunk)
    hashes = np.random.default_rng(0).permutation(256)[:60].astype(np.uint64)
    masks = np.array([5, 0, 64], np.uint64)  # of the parts of each picture
    parts = [lambda mask=mask: hashes ^ mask for mask in masks]
    pairs = near_pairs(hashes, parts, 4, 3, progress=False)
    expected = set()
    for a in range(60):
        near = [
            min(
                ((hashes[a] ^ mask ^ hashes[b]).bit_count(), number)
                for number, mask in enumerate(masks.tolist())
            )
            + (b,)
            for b in range(60)
            if b != a
        ]
        near.sort(key=lambda pair: (pair[0], pair[2]))
        expected |= {(a, b, n, q) for n, q, b in near[:3] if n <= 4}
    assert set(map(tuple, pairs.tolist())) == expected
    assert len(pairs) == len(expected)


def test_boxes_are_fitted_as_by_trying_all_moves():
    random = np.random.default_rng(0)
    wholes = random.integers(0, 256, (6, 32, 32)).astype(np.float32)
    wholes = likeness._SMOOTH @ wholes @ likeness._SMOOTH.T
    boxes = np.array([[0, 0, 32, 32], [1, 2, 29, 27], [6, 0, 26, 32]] * 2)
    boxes = boxes.astype(np.float32)
    parts = wholes + random.normal(0, 20, wholes.shape).astype(np.float32)
    expected = boxes.copy()
    best = likeness.likeness(parts, wholes, expected)
    for step in (2, 1, 1, 0.5, 0.5):
        for edge, sign in itertools.product(range(4), (-1, 1)):
            moved = likeness._moved(expected, edge, sign * step)
            found = likeness.likeness(parts, wholes, moved)
            better = found > best
            expected[better], best[better] = moved[better], found[better]
    fitted = likeness.fitted_boxes(parts, wholes, boxes)
    assert not np.array_equal(fitted, boxes)
    np.testing.assert_array_equal(fitted, expected)


def test_no_pictures_are_near():
    hashes = np.array([0, 2**64 - 1], np.uint64)
    pairs = near_pairs(hashes, [lambda: hashes], 10, 2, progress=False)
    assert pairs.shape == (0, 4)
