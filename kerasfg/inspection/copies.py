"""Copies and near-copies among the pictures."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_NEAR = 4  # differing bits of two perceptual hashes
_CHUNK = 512


@dataclasses.dataclass(frozen=True, eq=False)
class Copies:
    """The copies among some pictures.

    Attributes:
        identical: Pairs of indices of files with the same bytes.
        near: Pairs of pictures that look alike, without the identical ones.
        groups: int array `(pictures,)`; copies have one group, directly or
            through others, and so do pictures that the source groups.
    """

    identical: list[tuple[int, int]]
    near: list[tuple[int, int]]
    groups: np.ndarray


def find_copies(pixels) -> Copies:
    """Finds files with the same bytes and pictures that look alike.

    Args:
        pixels: `kerasfg.data.PixelCache`.

    Returns:
        `Copies`.
    """
    identical = _same_files(pixels.digests)
    known = set(identical)
    near = [pair for pair in _alike(pixels.hashes) if pair not in known]
    joined = _joined(len(pixels), identical + near, pixels.groups)
    return Copies(identical, near, joined)


def _same_files(digests):
    first, pairs = {}, []
    for index, digest in enumerate(digests):
        if first.setdefault(digest, index) != index:
            pairs.append((first[digest], index))
    return pairs


def _alike(hashes):
    pairs = []
    for start in range(0, len(hashes), _CHUNK):
        distances = np.bitwise_count(
            hashes[start : start + _CHUNK, None] ^ hashes[None, start:]
        )
        rows, columns = np.nonzero(distances <= _NEAR)
        pairs += [
            (int(row) + start, int(column) + start)
            for row, column in zip(rows, columns, strict=True)
            if row < column
        ]
    return pairs


def _joined(count, pairs, groups):
    """Returns the number of the group of each picture."""
    if groups is not None:
        order = np.argsort(groups, kind="stable")
        same = np.diff(groups[order]) == 0
        chain = zip(order[:-1][same], order[1:][same], strict=True)
        pairs = [*pairs, *chain]
    edges = np.array(pairs, int).reshape(-1, 2).T
    graph = coo_array((np.ones(edges.shape[1]), edges), (count, count))
    return connected_components(graph, directed=False)[1]
