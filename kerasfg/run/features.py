"""Compares the features of trained runs by t-SNE."""

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
from kerasfg.one_line import few_names
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
    """Draws the features of the test pictures in several runs by t-SNE.

    Args:
        paths: Run folders with the same classes and test pictures, or a
            dictionary to them from the names to show.
        filepath: Path of the figure, a .png, .pdf or .svg file.
        table: Table of the attributes to colour by; see
            `TrainedRun.read_attributes`. Defaults to `None`: the table of the
            first run that has one.
        names: Names of the attributes to use. Defaults to `()`: all that have
            more than one value.
        data: Place of the pictures. Defaults to `None`: the place in the
            recipes.
        seed: See `kerasfg.evaluation.plot_tsne`. Defaults to `0`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        Dictionary from the name of each run to the result of
        `kerasfg.evaluation.silhouettes`.

    Raises:
        ValueError: If the runs have other classes or test pictures, or there
            is no such table.
    """
    check_figure_file(filepath)  # before the slow part
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
    """Names run folders by their names, or by their paths if these repeat."""
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
    names = run.pixels.class_names, first.pixels.class_names
    if names[0] != names[1]:
        raise ValueError(
            "The runs must have the same classes: "
            f"{few_names(*names[::-1])}. "
            f"Received: class_names={few_names(*names)} of {name!r}"
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
    """Reads the table, or that of the first run that has one."""
    own = (run for run in runs if table or run.read_attributes() is not None)
    return next(own, runs[0]).read_attributes(table, names)
