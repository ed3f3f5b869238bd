"""Finds copies: pictures that are the same, or made from one another."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools

import numpy as np
import numpy.typing as npt

from kerasfg.data.hash_index import near_pairs
from kerasfg.data.likeness import are_copies
from kerasfg.data.likeness import fitted_boxes
from kerasfg.data.likeness import likeness
from kerasfg.data.pixels.perceptual_hash import THUMBNAIL_SIZE
from kerasfg.data.pixels.perceptual_hash import perceptual_hashes
from kerasfg.data.progress import processors
from kerasfg.data.progress import progress_bar

_MIN_LIKENESS = 0.3  # likeness before the edges of the part are moved
_MOST = 20  # pairs of a picture that are compared
_PAIRS = 1024  # compared first; the number doubles from time to time
_AT_A_TIME = 128  # pairs whose arrays fit into the cache of a processor

# Bits of the hash that may differ. Among very many pictures, many pairs differ
# in few bits by chance: only the nearest are compared, and only parts in the
# middle are looked up.
_REACH, _REACH_OF_MANY, _MANY = 10, 6, 100_000


@dataclasses.dataclass(frozen=True, eq=False)
class Copies:
    """Pairs of pictures that are copies.

    The pairs link all copies of a picture, but not each with each: of three
    copies there may be two pairs.

    Attributes:
        pairs: int array `(pairs, 2)` of positions of pictures.
        likeness: Float array `(pairs,)`: 1 for files with the same bytes, or
            the correlation of their details, 0.75 to 1.
        identical: Bool array `(pairs,)`, whether the files are the same.
    """

    pairs: npt.NDArray[np.int64]
    likeness: npt.NDArray[np.float32]
    identical: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pairs)


def find_copies(
    thumbnails: npt.NDArray[np.uint8],
    hashes: npt.NDArray[np.uint64],
    digests: tuple[str, ...],
    progress: bool = True,
) -> Copies:
    """Finds files with the same bytes, and pictures that look the same.

    Found are pictures that were recompressed, rescaled, made brighter, grey or
    mirrored, and most that were cropped by up to 20 %; and pictures of the
    same scene a moment later. See docs/splits.md for what share of each.

    Args:
        thumbnails: uint8 array `(pictures, 32, 32)` of whole pictures in grey.
        hashes: Their perceptual hashes, uint64 array `(pictures,)`.
        digests: Digest of each picture's file.
        progress: Whether to show a bar where stderr is a terminal. Defaults to
            `True`.

    Returns:
        `Copies`.

    Example:

    >>> from kerasfg.data.pixels.perceptual_hash import perceptual_hashes
    >>> random = np.random.default_rng(0)
    >>> pictures = random.integers(0, 256, (3, 32, 32)).astype("uint8")
    >>> pictures[2] = pictures[0]
    >>> hashes = perceptual_hashes(pictures)
    >>> find_copies(pictures, hashes, ("a", "b", "c")).pairs.tolist()
    [[0, 2]]
    """
    identical = _same(np.unique(digests, return_inverse=True)[1])
    rest = np.setdiff1d(np.arange(len(digests)), identical[:, 1])
    pairs, alike = _look_alikes(thumbnails, hashes, rest, progress)
    return Copies(
        np.concatenate([identical, pairs]),
        np.concatenate([np.ones(len(identical), np.float32), alike]),
        np.arange(len(identical) + len(pairs)) < len(identical),
    )


def components(pairs, count):
    """Numbers the sets of things that pairs link.

    Args:
        pairs: int array `(pairs, 2)`.
        count: How many things there are.

    Returns:
        int array `(count,)`, the same for all things of a set.
    """
    from scipy.sparse import coo_array  # slow
    from scipy.sparse.csgraph import connected_components

    links = np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])
    graph = coo_array(links, shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _same(keys):
    """Pairs the first of each key with all others of it."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    others = np.flatnonzero(first[inverse] != np.arange(len(keys)))
    return np.stack([first[inverse[others]], others], axis=1)


def _look_alikes(thumbnails, hashes, rest, progress):
    """Returns the pairs of look-alikes and their likeness."""
    # Of pictures with the same hash, the first represents the others.
    same = rest[_same(hashes[rest])]
    one_each = np.setdiff1d(rest, same[:, 1])
    are_many = len(one_each) > _MANY
    parts = _MIDDLE_PARTS if are_many else _parts()
    boxes, queries = _queries(thumbnails, hashes, one_each, parts)
    reach = _REACH_OF_MANY if are_many else _REACH
    near = near_pairs(hashes[one_each], queries, reach, _MOST, progress)
    pairs = np.concatenate([same, one_each[near[:, :2]]])
    numbers = np.concatenate([np.zeros(len(same), int), near[:, 3]])
    return _confirmed(thumbnails, pairs, boxes[numbers], progress)


_MIDDLE_PARTS = [(1, 1, 29, 29), (3, 3, 26, 26)]


def _parts():
    """Lists the parts of a picture that a copy may show.

    Returns:
        List of boxes of top, left, height and width in pixels of a thumbnail:
        squares of 94, 91 and 81 %, and all but a row or a column of 9 %.
    """
    full = THUMBNAIL_SIZE
    parts = [(y, x, 30, 30) for y in (0, 2) for x in (0, 2)]
    parts += [(y, x, 29, 29) for y in (0, 3) for x in (0, 3)]
    parts += [(1, 1, 29, 29)]
    parts += [(y, x, 26, 26) for y in (0, 3, 6) for x in (0, 3, 6)]
    parts += [(0, x, full, 29) for x in (0, 3)]
    return parts + [(y, 0, 29, full) for y in (0, 3)]


def _queries(thumbnails, hashes, rows, parts):
    """Returns boxes and functions that give the hashes of their contents.

    The first one is the whole picture, and the last one the mirrored picture,
    with a negative width.
    """
    whole = (0, 0, THUMBNAIL_SIZE, THUMBNAIL_SIZE)

    def part_hashes(box):
        top, left, height, width = box
        part = np.s_[top : top + height, left : left + width]
        return _in_chunks(lambda x: perceptual_hashes(x[:, *part]))

    def mirrored():
        return _in_chunks(lambda x: perceptual_hashes(x[:, :, ::-1]))

    def _in_chunks(function):
        chunks = np.array_split(rows, len(rows) // 4096 + 1)
        return np.concatenate([function(thumbnails[chunk]) for chunk in chunks])

    queries = [lambda: hashes[rows]]
    queries += [functools.partial(part_hashes, box) for box in parts]
    boxes = [whole, *parts, (*whole[:3], -whole[3])]
    return np.array(boxes, np.float32), [*queries, mirrored]


def _confirmed(thumbnails, pairs, boxes, progress):
    """Returns the pairs that are copies and link sets not linked yet."""
    count, size, done = len(thumbnails), _PAIRS, 0
    found, alike = np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
    values_of = functools.partial(_likenesses, thumbnails)
    with (
        progress_bar(len(pairs), "Comparing copies", progress) as advance,
        concurrent.futures.ThreadPoolExecutor(processors()) as pool,
    ):
        while done < len(pairs):
            part = np.s_[done : done + size]
            done, size = done + size, min(2 * size, 64 * _PAIRS)
            linked = components(found, count)
            new = linked[pairs[part, 0]] != linked[pairs[part, 1]]
            advance(np.count_nonzero(~new))
            candidates, values = pairs[part][new], []
            chunks = (_few(x[part][new]) for x in (pairs, boxes))
            for result in pool.map(values_of, *chunks):
                values.append(result)
                advance(len(result))
            values = np.concatenate([np.zeros(0, np.float32), *values])
            keep = values > 0
            found = np.concatenate([found, np.sort(candidates[keep], axis=1)])
            alike = np.concatenate([alike, values[keep]])
    best = np.argsort(-alike, kind="stable")
    found, first = np.unique(found[best], axis=0, return_index=True)
    return found, alike[best][first]


def _few(rows):
    """Splits an array into parts of a few rows."""
    return np.split(rows, range(_AT_A_TIME, len(rows), _AT_A_TIME))


def _likenesses(thumbnails, pairs, boxes):
    """Returns the likeness of each pair, 0 where they are not copies."""
    result = np.zeros(len(pairs), np.float32)
    parts, wholes = (
        thumbnails[pairs[:, side]].astype(np.float32) for side in (0, 1)
    )
    mirrored = boxes[:, 3] < 0
    parts[mirrored] = parts[mirrored, :, ::-1]
    box = np.abs(boxes)
    alike = likeness(parts, wholes, box) >= _MIN_LIKENESS
    rows, parts, wholes = np.flatnonzero(alike), parts[alike], wholes[alike]
    box = fitted_boxes(parts, wholes, box[alike])
    copies = are_copies(parts, wholes, box)
    found = likeness(parts[copies], wholes[copies], box[copies])
    result[rows[copies]] = found
    return result
