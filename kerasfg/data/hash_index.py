"""Finds hashes that are nearly the same, without comparing all with all."""

import numpy as np

from kerasfg.data.progress import in_threads

_BANDS = 4  # of 16 bits each
_BITS = 16
_MOST_IN_A_BUCKET = 256
_CHUNK = 2**20  # pairs that are compared at a time


class HashIndex:
    """An index of 64-bit hashes by each quarter of their bits.

    Two hashes are compared where one of their quarters differs in one bit at
    most. So every pair is found that differs in up to 7 bits, most of those
    with 8 (96 %), and with 10 (78 %).

    Args:
        hashes: uint64 array `(pictures,)`. At most 256 hashes with the same
            quarter are compared with another one.
    """

    def __init__(self, hashes):
        self.hashes = hashes
        self._bands = [self._sorted(band) for band in range(_BANDS)]

    def _sorted(self, band):
        keys = _quarter(self.hashes, band)
        counts = np.bincount(keys, minlength=2**_BITS)
        starts = np.concatenate([[0], np.cumsum(counts)])
        return starts, np.argsort(keys, kind="stable")

    def near(self, queries, reach):
        """Finds the pairs of a query and a hash that differ in few bits.

        Args:
            queries: uint64 array `(queries,)`.
            reach: Most bits that may differ.

        Returns:
            Tuple of the positions of the query and of the hash, and the bits
            that differ: three int arrays `(pairs,)`. A pair may come several
            times.
        """
        found = list(self.near_parts(queries, reach))
        if not found:
            return (np.zeros(0, int),) * 3
        left, right, bits = zip(*found, strict=True)
        return tuple(np.concatenate(part) for part in (left, right, bits))

    def near_parts(self, queries, reach):
        """Yields what `near` returns in parts, each of a few million pairs."""
        for band in range(_BANDS):
            for mask in (0, *(1 << bit for bit in range(_BITS))):
                yield from self._probe(queries, band, mask, reach)

    def _probe(self, queries, band, mask, reach):
        starts, order = self._bands[band]
        keys = _quarter(queries, band) ^ mask
        first = starts[keys]
        counts = np.minimum(starts[keys + 1] - first, _MOST_IN_A_BUCKET)
        for rows in _chunks(counts):
            left = np.repeat(rows, counts[rows])
            ends = np.cumsum(counts[rows])
            step = np.arange(len(left)) - np.repeat(
                ends - counts[rows], counts[rows]
            )
            right = order[first[left] + step]
            bits = np.bitwise_count(queries[left] ^ self.hashes[right])
            near = np.flatnonzero(bits <= reach)
            if len(near):
                yield left[near], right[near], bits[near].astype(int)


def _quarter(hashes, band):
    shifted = hashes >> np.uint64(band * _BITS)
    return (shifted & np.uint64(2**_BITS - 1)).astype(np.int64)


def _chunks(counts):
    """Yields the queries that have something to compare, some at a time."""
    rows = np.flatnonzero(counts)
    ends = np.cumsum(counts[rows])
    if not len(rows):
        return
    parts = np.arange(_CHUNK, ends[-1], _CHUNK)
    yield from np.split(rows, np.searchsorted(ends, parts))


def near_pairs(hashes, queries, reach, most, progress=True):
    """Finds for each picture the others with the nearest hashes.

    Args:
        hashes: uint64 array `(pictures,)`.
        queries: List of functions; each returns a uint64 array `(pictures,)` of
            the hashes of parts of the pictures.
        reach: Most bits that may differ.
        most: Most pairs of a picture.
        progress: Whether to show a bar. Defaults to `True`.

    Returns:
        int array `(pairs, 4)`, the nearest first: the position of the picture
        whose part it is, that of the other one, the bits that differ, and the
        position of the query in `queries`.
    """
    index, count = HashIndex(hashes), len(hashes)

    def look_up(number):
        kept, new = np.zeros((0, 3), int), []
        farthest = np.full(count, reach)
        for left, right, bits in index.near_parts(queries[number](), reach):
            wanted = (left != right) & (bits <= farthest[left])
            code = left[wanted] * count + right[wanted]
            number_of = np.full(len(code), number)
            new.append(np.stack([code, bits[wanted], number_of], axis=1))
            # Among pictures that are all alike there are very many pairs.
            if sum(map(len, new)) > max(_CHUNK, len(kept)):
                kept, new = _nearest([kept, *new], count, most), []
                _lower(farthest, kept, most)
        return _nearest([kept, *new], count, most)

    numbers = range(len(queries))
    pairs = np.zeros((0, 3), int)
    for found in in_threads(
        look_up, numbers, "Looking for copies", progress, ahead=1
    ):
        pairs = _nearest([pairs, found], count, most)
    left, right = np.divmod(pairs[:, 0], count)
    pairs = np.stack([left, right, *pairs[:, 1:].T], axis=1)
    return pairs[np.argsort(pairs[:, 2], kind="stable")]


def _lower(farthest, pairs, most):
    """Sets how far pairs may be, for pictures that have their most pairs."""
    left = pairs[:, 0] // len(farthest)
    last = np.searchsorted(left, left) + most - 1 == np.arange(len(left))
    farthest[left[last]] = pairs[last, 1]


def _nearest(parts, count, most):
    """Joins pairs, and keeps each once and the nearest of each picture.

    Args:
        parts: List of int arrays `(pairs, 3)`: position of the one picture
            times `count` plus that of the other one, the bits that differ,
            and the position of the query.
        count: How many pictures there are.
        most: Most pairs of a picture.

    Returns:
        int array `(pairs, 3)`.
    """
    pairs = np.concatenate(parts)
    code, bits, number = pairs.T
    pairs = pairs[np.lexsort((number, bits, code))]
    pairs = pairs[np.diff(pairs[:, 0], prepend=-1) != 0]
    left = pairs[:, 0] // count
    pairs = pairs[np.lexsort((pairs[:, 1], left))]
    left = pairs[:, 0] // count
    rank = np.arange(len(pairs)) - np.searchsorted(left, left)
    return pairs[rank < most]
