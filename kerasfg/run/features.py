"""The features of trained runs, side by side."""

from __future__ import annotations

import collections
import os
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasfg.evaluation.plots.tsne import check_table
from kerasfg.evaluation.plots.tsne import plot_tsne
from kerasfg.run.given_paths import check_figure_file
from kerasfg.run.trained_run import TrainedRun
from kerasfg.status import status


def plot_features(
    paths: Iterable[str | os.PathLike[str]]
    | Mapping[str, str | os.PathLike[str]],
    filepath: str | os.PathLike[str],
    table: str | os.PathLike[str] | None = None,
    names: Sequence[str] = (),
    data: str | os.PathLike[str] | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> dict[str, dict]:
    """Draws what runs make of the same test pictures, by t-SNE.

    Args:
        paths: Run folders, of the same classes and the same test pictures, or
            a dict to them from the names to show.
        filepath: Path of the picture, a .png, .pdf or .svg file.
        table: Attributes to colour by, see `TrainedRun.read_attributes`.
            Defaults to `None`: those of the first run that has any.
        names: Names of the attributes to take. Defaults to `()`: all that
            divide the classes.
        data: Where the pictures are now, if not where the recipes say.
        seed: See `kerasfg.evaluation.plot_tsne`. Defaults to `0`.
        verbose: Whether to show progress.

    Returns:
        Dict from the name of each run to what `kerasfg.evaluation.silhouettes`
        gives.

    Raises:
        ValueError: If the runs cannot be compared, or there is no such table.
    """
    check_figure_file(filepath)  # before the long way there
    runs = {
        name: TrainedRun(path, data, verbose)
        for name, path in _named(paths).items()
    }
    first = next(iter(runs.values()))
    for name, run in runs.items():
        _check_same(run, name, first)
    attributes = _attributes([*runs.values()], table, names)
    check_table(attributes, first.pixels.class_names)
    features = {name: run.features("test") for name, run in runs.items()}
    with status("Arranging the pictures by t-SNE", verbose):
        return plot_tsne(
            features,
            first.pixels.labels[first.splits == "test"],
            first.pixels.class_names,
            attributes,
            filepath,
            seed,
        )


def _named(paths):
    """Run folders by their names, or by their paths where names repeat."""
    if isinstance(paths, dict):
        return paths
    paths = [Path(path) for path in paths]
    if len({path.resolve() for path in paths}) < len(paths):
        raise ValueError(
            "Name each run once. "
            f"Received: runs={[str(path) for path in paths]}"
        )
    counts = collections.Counter(path.resolve().name for path in paths)
    return {
        str(path) if counts[name] > 1 else name: path
        for path in paths
        for name in [path.resolve().name]
    }


def _check_same(run, name, first):
    if run.pixels.class_names != first.pixels.class_names:
        raise ValueError(
            "The runs must be of the same classes: "
            f"{first.pixels.class_names}. "
            f"Received: class_names={run.pixels.class_names} of {name!r}"
        )
    theirs, ours = (
        [r.pixels.names[i] for i in np.flatnonzero(r.splits == "test")]
        for r in (run, first)
    )
    if theirs != ours:
        raise ValueError(
            "The runs must have the same test pictures: train them on the same "
            "data with one seed, or with one splits.csv. Received: "
            f"{len(set(theirs) - set(ours))} of {len(theirs)} in {name!r} that "
            "are not in the first run's"
        )


def _attributes(runs, table, names):
    """Of the table, or of the first run that has attributes of its own."""
    own = (run for run in runs if table or run.read_attributes() is not None)
    return next(own, runs[0]).read_attributes(table, names)
