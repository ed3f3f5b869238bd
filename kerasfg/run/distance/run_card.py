"""Makes the distance card of a run, and measures what is missing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasfg.evaluation.distance.card import distance_card
from kerasfg.evaluation.distance.saved_card import add_measured
from kerasfg.evaluation.plots.distance import plot_distance
from kerasfg.evaluation.plots.resolutions import plot_resolutions
from kerasfg.evaluation.report.report import read_report
from kerasfg.evaluation.report.report import write_report
from kerasfg.manifest import write_manifest
from kerasfg.manifest_rules.fitted import fitted_of
from kerasfg.run.model_card.write import write_run_card
from kerasfg.run.run_folder import RunFolder

# Where accuracy falls steeply they lie closer, for the lines between them.
SIDES = (4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256, 384)
_FEWEST = 3  # resolutions up to the input that make a curve


def run_card(
    path: str | os.PathLike[str],
    object_size: float,
    fov: float,
    sensor_pixels: float,
    right: float = 0.8,
    zoom: float = 3.0,
    distances: Sequence[float] = (),
    check: bool = True,
    data: str | os.PathLike[str] | None = None,
    verbose: bool = True,
) -> dict[str, Any]:
    """Makes the distance card of a run; writes `distance.json` and `.png`.

    The resolution curve is that of `report.json`. Where there is none, or one
    of fewer than three resolutions up to the input, it is measured and kept
    there, as `kerasfg evaluate --resolutions` does. The card is kept in
    `report.json`, and what an app needs of it in `kerasfg.json`: `distance` in
    both.

    Args:
        path: The run folder.
        object_size: As of `kerasfg.evaluation.distance_card`.
        fov: As of `kerasfg.evaluation.distance_card`.
        sensor_pixels: As of `kerasfg.evaluation.distance_card`.
        right: As of `kerasfg.evaluation.distance_card`.
        zoom: As of `kerasfg.evaluation.distance_card`.
        distances: As of `kerasfg.evaluation.distance_card`.
        check: Whether to test the model on the original test pictures, shrunk
            to each distance. Defaults to `True`.
        data: Place of the pictures, if they have moved. Defaults to `None`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        Result of `kerasfg.evaluation.distance_card`. With `check` each row also
        has `measured`, the result of
        `kerasfg.evaluation.distance.simulation.simulate_distances` or `None`,
        and the card `checked`: `n`, `distances`, `inside` (at how many of them
        the curve is inside the measured interval) and `too_small`.

    Raises:
        ValueError: If it is not a run folder, or a number is out of its range.
    """
    folder = RunFolder(path)
    folder.check_own()
    folder.check_trained()
    folder.read_manifest()  # before the slow part, as the next
    size = folder.read_recipe().data.image_size
    numbers = (object_size, fov, sensor_pixels, right, zoom, distances)
    distance_card(_any_curve(size), size, *numbers)
    curve = _known_curve(folder, size)
    trained = None
    if curve is None or check:
        from kerasfg.run.trained_run import TrainedRun

        trained = TrainedRun(path, data, verbose)
    if curve is None:
        curve = _measure_curve(trained)
    card = distance_card(curve, size, *numbers)
    if check:
        _check(card, trained)
    _keep(card, folder)
    write_report(card, folder.path / "distance.json")
    plot_distance(card, folder.path / "distance.png")
    return card


def _any_curve(size):
    """A curve with which the arguments can be checked."""
    return [{"resolution": size, "top_1": 1.0, "top_1_interval": [1.0, 1.0]}]


def _known_curve(folder, size):
    """Returns the resolution curve of the report if it goes far enough."""
    if not folder.report.exists():
        return None
    curve = read_report(folder.report)["test"].get("resolutions")
    low = [row for row in curve or () if row["resolution"] <= size]
    return curve if len(low) >= _FEWEST else None


def _measure_curve(trained):
    folder, pixels = trained.folder, trained.pixels
    size = pixels.image_size
    sides = [side for side in SIDES if side < size]
    curve = trained.resolution_curve([*sides, size])
    if folder.report.exists():
        report = read_report(folder.report)
        report["test"]["resolutions"] = curve
        write_report(report, folder.report)
        plot_resolutions(
            curve,
            size,
            len(pixels.class_names),
            folder.path / "resolutions.png",
        )
        write_run_card(folder)
    return curve


def _keep(card, folder):
    """Writes a card into the report, if there is one, and `kerasfg.json`."""
    if not folder.report.exists():
        return
    report = {**read_report(folder.report), "distance": card}
    # First what is checked: a report may be anybody's, and its curve as well.
    manifest = {**folder.read_manifest(), **fitted_of({"distance": card})}
    write_manifest(manifest, folder.path)
    write_report(report, folder.report)


def _check(card, trained):
    from kerasfg.evaluation.distance.simulation import simulate_distances

    pixels = trained.pixels
    test = np.flatnonzero(trained.splits == "test")
    sides = [
        None if row["top_1"] is None else max(1, round(row["pixels"]))
        for row in card["rows"]
    ]
    found = simulate_distances(
        trained.model,
        pixels.read,
        [pixels.names[row] for row in test],
        pixels.labels[test],
        sorted(set(sides) - {None}),
        pixels.crop,
        pixels.crop_fraction,
        trained.verbose,
    )
    add_measured(card, [found.get(side) for side in sides], len(test))
