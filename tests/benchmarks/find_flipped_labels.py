"""Finds labels that were changed at random, as `kerasfg inspect` does.

    python tests/benchmarks/find_flipped_labels.py [NAME ...]

NAME is a folder of pictures in the folder KERASFG_DATA; by default flowers17
and birds_cub80. Of each, 5 % of the labels are changed to another class, drawn
by a seed. Prints how many of those are among the first 5 % and 10 % of the list
of an inspection, the mean of three seeds; beside it a list in random order, one
by the distance to the mean of the class, and one by the probability of the
label in a single round of cross-validation. Exits with 1 where the list of the
inspection finds fewer than another.
"""

import os
import pathlib
import sys

import numpy as np

from kerasfg.data import from_folder
from kerasfg.data.groups import find_groups
from kerasfg.inspection.features import imagenet_features
from kerasfg.inspection.inspection import LOOK_SIZE
from kerasfg.inspection.label_check import check_labels
from kerasfg.inspection.label_check import first_round
from kerasfg.inspection.pixels import prepare_all

SHARE = 0.05
SEEDS = (0, 1, 2)
FIRST = (0.05, 0.1)


def main(names):
    return int(not all([measure(name) for name in names]))


def measure(name):
    """Prints the table of a data set, and returns whether ours is the best."""
    folder = pathlib.Path(os.environ.get("KERASFG_DATA", ""), name)
    pixels = prepare_all(from_folder(folder), LOOK_SIZE)
    features = imagenet_features(pixels.images)
    groups = find_groups(pixels).ids
    found = {}
    for seed in SEEDS:
        labels, flipped = flip(pixels.labels, len(pixels.class_names), seed)
        lists = {
            "kerasfg inspect": check_labels(features, labels, groups).order,
            "one round": np.argsort(first_round(features, labels, groups)),
            "distance to the class": by_distance(features, labels),
            "random order": np.random.default_rng(seed).permutation(
                len(labels)
            ),
        }
        for title, order in lists.items():
            found.setdefault(title, []).append(
                hits(order, flipped, len(labels))
            )
    print(f"{name}: {len(labels)} pictures, {len(flipped)} labels changed")
    print(f"{'list':<24}{'first 5 %':>11}{'first 10 %':>12}")
    means = {title: np.mean(rows, axis=0) for title, rows in found.items()}
    for title, (few, more) in means.items():
        print(f"{title:<24}{few:>11.1f}{more:>12.1f}")
    ours = means["kerasfg inspect"][0]
    return ours >= max(few for few, _ in means.values())


def flip(labels, classes, seed):
    """Returns the labels with some changed, and the indices of those."""
    random = np.random.default_rng(seed)
    count = round(SHARE * len(labels))
    rows = random.choice(len(labels), count, replace=False)
    changed = np.array(labels)
    changed[rows] += random.integers(1, classes, count).astype(changed.dtype)
    return changed % classes, rows


def by_distance(features, labels):
    means = np.stack(
        [
            features[labels == label].mean(axis=0)
            for label in range(labels.max() + 1)
        ]
    )
    return np.argsort(-np.linalg.norm(features - means[labels], axis=1))


def hits(order, flipped, pictures):
    return [
        np.isin(order[: round(share * pictures)], flipped).sum()
        for share in FIRST
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["flowers17", "birds_cub80"]))
