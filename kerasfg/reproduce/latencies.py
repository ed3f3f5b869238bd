"""Times the exported files of a grid's networks and of the reference."""

import csv
import hashlib
import io
import json
import re
import tempfile
from pathlib import Path

import keras

from kerasfg.config.latency.reference import CLASSES
from kerasfg.config.latency.reference import reference_model
from kerasfg.config.latency.reference import time_files
from kerasfg.config.model import build_model
from kerasfg.config.pixels import read_source
from kerasfg.run.run_folder import write_text
from kerasfg.terminal_text import visible

_OPTIONS = ("image_size", "backbone", "upsample_to", "output_stride")
_TIMES = ("milliseconds", "ratio", "bytes")
_COLUMNS = (
    *("row", "method", "data", *_OPTIONS, *_TIMES),
    *("network", "recipe"),
)
# Further keys that the time of a network depends on.
_PARTS = (
    "backbone",
    "second_backbone",
    "attention",
    "pooling",
    "pooling_dim",
    "projection",
)


def measure_latencies(results, data, console, untrained=False):
    """Converts the first seed's model of each row and method, and times them.

    The files are timed in turns with that of EfficientNet-Lite0 at 224 pixels,
    so that their ratios are valid on a busy machine, too. Equal networks are
    timed once. Nothing is measured again unless a network has changed. If the
    model file of a training is missing, an untrained model is built for it,
    since the time does not depend on the weights.

    `OUT/NAME-latency.csv` has the `milliseconds` of the fastest call, and its
    `ratio` to the reference's fastest: on a busy machine medians mean little.

    Args:
        results: The `GridResults`.
        data: Place of the pictures, needed to build missing models. With
            `None` and missing models, nothing is timed.
        console: `rich.console.Console` to print the progress to.
        untrained: Whether rows and methods that are not trained yet are timed,
            too, without pictures, as networks of 100 classes. Defaults to
            `False`.
    """
    lines = _read_lines(results)
    cells = [
        cell
        for cell in _timed(results)
        if untrained
        or cell.name in results.measured
        or (cell.row, cell.method) in lines
    ]
    known = _known(lines)
    if {(c.row, c.method) for c in cells} <= set(read_latencies(results)):
        _write_again(results, cells, known, lines)
        return
    networks = {}
    for cell in cells:
        networks.setdefault(_network(cell, results.grid), cell)
    if not set(networks) <= set(known):
        is_whole = all(results.run(c).model.exists() for c in networks.values())
        if not (is_whole or data or untrained):
            return
        if keras.backend.backend() != "tensorflow":
            console.print("Timing needs KERAS_BACKEND=tensorflow.")
            return
        known = _measure(networks, results, data, console)
    _write(results, cells, known)


def read_latencies(results):
    """Reads the latencies that `measure_latencies` wrote.

    A line does not count if its network has been changed since.

    Args:
        results: The `GridResults`. The CSV file may be missing.

    Returns:
        Dictionary from pairs of row and method to milliseconds.
    """
    lines, grid = _read_lines(results), results.grid
    return {
        (cell.row, cell.method): float(line["milliseconds"])
        for cell in _timed(results)
        if (line := lines.get((cell.row, cell.method)))
        and (
            line.get("network") == _network(cell, grid)
            or line.get("recipe") == cell.digest(grid)
        )
    }


def _read_lines(results):
    filepath = results.file("-latency.csv")
    if not filepath.exists():
        return {}
    with open(filepath, newline="", encoding="utf-8") as file:
        return {(x["row"], x["method"]): x for x in csv.DictReader(file)}


def _known(lines):
    """Returns the measurements of each network, by its digest."""
    return {
        line["network"]: {key: line[key] for key in _TIMES}
        for line in lines.values()
        if line.get("network")
    }


def _timed(results):
    """Returns the cells whose exported files are to be timed."""
    first = results.grid.seeds[0]
    return [
        cell
        for cell in results.cells()
        if cell.final and cell.seed == first and not cell.euclidean
    ]


def _network(cell, grid):
    """Returns a digest of what the time of a cell's network depends on.

    The network gets one size, whichever size a picture is enlarged from.
    """
    recipe = cell.recipe(grid, "{data}")
    size, larger = recipe.data.image_size, recipe.model.upsample_to
    parts = [getattr(recipe.model, key) for key in _PARTS]
    parts += [larger or size, larger > size, recipe.chosen_output_stride()]
    text = json.dumps(parts).encode()
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def _measure(networks, results, data, console):
    """Returns the times of networks, by their digests."""
    from kerasfg.export.tflite import convert_for_timing

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "reference.tflite"]
        console.print("Converting the reference")
        files[0].write_bytes(convert_for_timing(reference_model()))
        for cell in networks.values():
            console.print(visible(f"Converting {cell.name}"), markup=False)
            files.append(Path(folder) / f"{cell.name}.tflite")
            contents = convert_for_timing(_model(cell, results, data))
            files[-1].write_bytes(contents)
            keras.utils.clear_session()
        console.print("Timing the files")
        reference, *measured = time_files(files)
    return {
        network: {
            "milliseconds": f"{found.fastest[1]:.3f}",
            "ratio": f"{found.fastest[1] / reference.fastest[1]:.4f}",
            "bytes": found.bytes,
        }
        for network, found in zip(networks, measured, strict=True)
    }


def _model(cell, results, data):
    filepath = results.run(cell).model
    if filepath.exists():
        return keras.saving.load_model(filepath, compile=False, safe_mode=True)
    recipe = cell.recipe(results.grid, data or "{data}")
    recipe = recipe.with_options(weights="none")
    names = CLASSES
    if data:
        names = read_source(recipe.data, cell.seed).class_names
    return build_model(recipe, names)


def _write_again(results, cells, known, lines):
    """Writes the recipes that have changed, but not their networks."""
    grid = results.grid
    stale = any(
        lines[cell.row, cell.method]["recipe"] != cell.digest(grid)
        for cell in cells
    )
    if stale and all(_network(cell, grid) in known for cell in cells):
        _write(results, cells, known)


def _write(results, cells, known):
    text, grid = io.StringIO(), results.grid
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for cell in cells:
        recipe = cell.recipe(grid, "{data}")
        values, network = recipe.values(), _network(cell, grid)
        options = {key: values[key] for key in _OPTIONS}
        options["output_stride"] = recipe.chosen_output_stride()
        names = {"row": cell.row, "method": cell.method}
        names["data"] = _last_part(recipe.data.places[0])
        digests = {"network": network, "recipe": cell.digest(grid)}
        writer.writerow(names | options | known[network] | digests)
    write_text(results.file("-latency.csv"), text.getvalue())


def _last_part(place):
    """Returns the name of a data set, the end of its place."""
    return re.split("[:/]", place)[-1]
