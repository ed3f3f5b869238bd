"""The terms of both papers in NumPy, one picture and one pair at a time."""

import keras
import numpy as np


def cross_entropy(probabilities, labels, weights):
    total = 0.0
    for p, label, weight in zip(probabilities, labels, weights, strict=True):
        total -= weight * np.log(p[label])
    return total / len(labels)


def centroids_of(features, values, weights, sizes, table, seen):
    """Rows seen before as they are, others at the mean of this batch."""
    rows = [row.copy() for row in table]
    start = 0
    for k, size in enumerate(sizes):
        for value in range(size):
            members = [
                f
                for f, v, weight in zip(features, values, weights, strict=True)
                if v[k] == value and weight != 0
            ]
            if members and not seen[start + value]:
                rows[start + value] = np.mean(members, axis=0)
        start += size
    return np.array(rows)


def attribute_distance(features, values, weights, sizes, rows):
    total = 0.0
    for f, v, weight in zip(features, values, weights, strict=True):
        squares, start = [], 0
        for value, size in zip(v, sizes, strict=True):
            if value >= 0:
                squares.append(np.sum((f - rows[start + value]) ** 2))
            start += size
        total += weight * np.mean(squares) / 2 if squares else 0.0
    return total / len(features)


def pairs(embeddings, labels, weights, margin=1.0):
    pulls, pushes = [], []
    for i in range(len(labels)):
        for j in range(i + 1, len(labels)):
            if weights[i] == 0 or weights[j] == 0:
                continue
            distance = np.linalg.norm(embeddings[i] - embeddings[j])
            if labels[i] == labels[j]:
                pulls.append(distance**2)
            else:
                pushes.append(max(0.0, margin - distance) ** 2)
    return pulls, pushes


def embeddings_on(outputs, on):
    """What the pairs compare; several maps side by side."""
    if on == "features":
        return outputs["features"]
    rows = []
    for i in range(len(outputs["features"])):
        row = []
        for features in keras.tree.flatten(outputs["map"]):
            height, width, _ = features[i].shape
            if on == "attention":
                row.extend(np.mean(features[i], axis=(0, 1)))
            else:
                row.extend(np.ravel(features[i]) / (height * width))
        rows.append(row)
    rows = np.array(rows)
    return rows / np.sqrt(rows.shape[1]) if on == "attention" else rows


def moved(row, members, update):
    """A centroid after a batch, by the rules as they are printed."""
    if not members:
        return row
    if update == "ema":
        return 0.9 * row + 0.1 * np.mean(members, axis=0)
    total = sum(row - f for f in members)
    return row - 0.5 * total / (1 + len(members))
