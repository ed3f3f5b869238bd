import csv
import io
import shutil
import types

import keras
import pytest
from rich.console import Console

from kerasfg.reproduce import latencies
from kerasfg.reproduce.latencies import measure_latencies
from kerasfg.reproduce.latencies import read_latencies
from kerasfg.reproduce.results import GridResults


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120)


@pytest.fixture
def results(rows, leave_run, tmp_path):
    """A function that gives results; it trains the rows that are named."""

    def results(*names):
        found = GridResults(rows, tmp_path / "out")
        for cell in found.missing():
            if cell.row in names:
                leave_run(
                    found.run(cell).path,
                    cell.recipe(rows, "/pictures", found.folder),
                    0.6 if cell.values.get("dropout") == 0.3 else 0.5,
                    euclidean=cell.euclidean,
                )
        return GridResults(rows, tmp_path / "out")

    return results


@pytest.fixture
def timed(monkeypatch):
    """Lists of the files that are timed together; the n-th takes n ms."""
    calls = []

    def time_files(files):
        reference, *others = files
        assert reference.read_text() == "the reference"
        for file in others:
            assert file.read_text().endswith("model.keras")
        calls.append([file.stem for file in others])
        return [
            types.SimpleNamespace(
                latency={1: (5 * n, 9.0)}, fastest={1: n}, bytes=1000 * n
            )
            for n in [4, *range(1, len(files))]  # the reference takes 4 ms
        ]

    monkeypatch.setattr(
        keras.saving, "load_model", lambda filepath, **options: str(filepath)
    )
    monkeypatch.setattr(latencies, "reference_model", lambda: "the reference")
    monkeypatch.setattr(
        "kerasfg.export.tflite.convert_for_timing",
        lambda model: model.encode(),
    )
    monkeypatch.setattr(latencies, "time_files", time_files)
    return calls


@pytest.mark.slow
def test_the_first_seed_of_each_trained_method_is_timed(
    results, timed, console
):
    found = results("px24", "px32")
    measure_latencies(found, None, console)
    (names,) = timed
    assert names == [
        "px24-plain-0",
        "px24-large-0",
        "px32-plain-0",
    ]  # the others are equal networks
    text = console.file.getvalue()
    assert "Converting px32-plain-0\n" in text
    assert text.endswith("Timing the files\n")
    with open(found.file("-latency.csv"), newline="") as file:
        first = next(csv.DictReader(file))
    assert first.pop("network")
    assert first == {
        "row": "px24",
        "method": "plain",
        "data": "{data}",
        "image_size": "24",
        "backbone": "efficientnet_lite0",
        "upsample_to": "0",
        "output_stride": "32",
        "milliseconds": "1.000",
        "ratio": "0.2500",
        "bytes": "1000",
        "recipe": found.cells()[1].digest(found.grid),
    }
    read = read_latencies(found)
    assert read["px32", "tuned"] == read["px32", "plain"] == 3
    assert read["px32", "large"] == read["px24", "large"] == 2
    found = {
        (s["row"], s["method"]): s["latency_ms"] for s in found.summaries()
    }
    assert found["px32", "tuned"] == 3
    assert found["px32", "euc"] is None


@pytest.mark.slow
def test_what_was_timed_together_is_not_timed_again(results, timed, console):
    measure_latencies(results("px24"), None, console)
    measure_latencies(results(), None, console)
    assert len(timed) == 1
    # All of them, for their ratios.
    measure_latencies(results("px32"), None, console)
    assert [len(names) for names in timed] == [2, 3]


def test_a_time_does_not_count_when_the_recipe_has_been_changed(
    results, timed, console
):
    found = results("px24")
    measure_latencies(found, None, console)
    recipe = found.grid.recipe.with_options(output_stride=16)
    other = found.grid.model_copy(update={"recipe": recipe})
    changed = GridResults(other, found.out)
    assert len(read_latencies(found)) == 4
    assert read_latencies(changed) == {}


def test_nothing_is_timed_where_nothing_was_trained(results, timed, console):
    found = results()
    measure_latencies(found, None, console)
    assert timed == []
    assert read_latencies(found) == {}


def test_a_time_counts_when_only_the_training_has_been_changed(
    results, timed, console
):
    found = results("px24")
    measure_latencies(found, None, console)
    recipe = found.grid.recipe.with_options(epochs=9)
    longer = found.grid.model_copy(update={"recipe": recipe})
    changed = GridResults(longer, found.out)
    # The value of "tuned" is open again.
    methods = [method for _, method in read_latencies(changed)]
    assert methods == ["plain", "large", "taught"]
    measure_latencies(changed, None, console)  # notes the new recipes
    assert len(timed) == 1
    with open(changed.file("-latency.csv"), newline="") as file:
        first = next(csv.DictReader(file))
    assert first["recipe"] == changed.cells()[1].digest(longer)


@pytest.mark.slow
def test_all_networks_are_timed_before_they_are_trained(
    results, timed, console, monkeypatch
):
    def build(recipe, names):
        assert recipe.model.weights == "none" and len(names) == 100
        return "model.keras"

    monkeypatch.setattr(latencies, "build_model", build)
    found = results()
    found.out.mkdir(exist_ok=True)
    measure_latencies(found, None, console, untrained=True)
    assert [len(names) for names in timed] == [3]
    # "tuned" has no value yet.
    assert set(read_latencies(found)) == {
        ("px24", "plain"),
        ("px24", "large"),
        ("px24", "taught"),
        ("px32", "plain"),
        ("px32", "large"),
    }
    summaries = {(s["row"], s["method"]): s for s in found.summaries()}
    assert summaries["px24", "taught"]["latency_ms"] == 1
    assert summaries["px24", "taught"]["top_1"]["mean"] is None
    found.write()
    assert "| px24 | taught |" in found.file(".md").read_text()
    # What is trained later keeps all of it.
    trained = results("px24")
    measure_latencies(trained, None, console)
    assert len(timed) == 1 and len(read_latencies(trained)) == 6


@pytest.mark.slow
def test_a_model_is_exported_and_timed(bird_results, console):
    results = bird_results()
    measure_latencies(results, None, console)
    latencies = read_latencies(results)
    assert set(latencies) == {("", "plain"), ("", "helped")}
    assert min(latencies.values()) > 0


@pytest.mark.slow
def test_of_which_only_the_record_is_left_is_built_anew(bird_results, console):
    results = bird_results()
    results.write()
    shutil.rmtree(results.folder / "helped-0")
    results = GridResults(results.grid, results.out)
    measure_latencies(results, None, console)  # of what classes?
    assert read_latencies(results) == {}
    measure_latencies(results, "field_guide", console)
    with open(results.file("-latency.csv"), newline="") as file:
        found = {row["method"]: row for row in csv.DictReader(file)}
    assert float(found["helped"]["milliseconds"]) > 0
    # The recipe's network; the one that was trained here is a small one.
    assert int(found["helped"]["bytes"]) > 4 * 3_000_000
    assert int(found["plain"]["bytes"]) < 100_000
