import csv
import os
import time

import pytest
from PIL import Image
from stand_ins import color_predictor

from kerasfg.run.many_pictures.watch import check_watch
from kerasfg.run.many_pictures.watch import watch_pictures


@pytest.fixture
def model(tmp_path):
    (tmp_path / "model").write_bytes(b"weights")
    return tmp_path / "model"


def picture(path, color="red", age=5):
    Image.new("RGB", (4, 4), color).save(path)
    aged(path, age)


def aged(path, age):
    """Sets when a file was written; its change of names stays of now."""
    then = time.time() - age
    os.utime(path, (then, then))


@pytest.fixture
def clock(monkeypatch):
    """Lets time pass: a list with the seconds."""
    passed = [0.0]
    real = time.time
    monkeypatch.setattr(
        "kerasfg.run.many_pictures.watch.time.time",
        lambda: real() + passed[0],
    )
    return passed


def run(model, folder, steps, out="results.csv"):
    """Watches a folder while functions change it, one after the other."""
    seen = []

    def changes(*given, **options):
        for step in steps:
            yield {(1, str(path)) for path in step() or ()}
        raise KeyboardInterrupt

    out = folder.parent / out
    done = watch_pictures(
        color_predictor(),
        model,
        [folder],
        out,
        lambda rows: seen.extend(row["path"] for row in rows),
        changes=changes,
    )
    with open(out, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows][-len(seen) :] == seen
    return done, {os.path.basename(row["path"]): row for row in rows}


def test_what_is_there_and_what_comes_have_one_row_each(model, tmp_path, clock):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    picture(folder / "a.png")
    clock[0] = 10

    def comes():
        picture(folder / "deep" / "b.png", "blue")
        picture(folder / ".hidden.png")
        (folder / "note.txt").write_text("hello")
        return [
            folder / "deep" / "b.png",
            folder / ".hidden.png",
            folder / "note.txt",
        ]

    def again():
        picture(folder / "a.png", "green")  # it has its row
        return [folder / "a.png", folder / "deep" / "b.png"]

    done, rows = run(model, folder, [comes, again])
    assert {name: row["class"] for name, row in rows.items()} == {
        "a.png": "red",
        "b.png": "blue",
    }
    assert (done.pictures, done.finished) == (2, False)
    # The next one goes on, and sees what came meanwhile.
    picture(folder / "c.png")
    done, rows = run(model, folder, [])
    assert (done.before, len(rows)) == (2, 3)


def test_a_file_that_is_being_written_is_left_alone(model, tmp_path, clock):
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "a.png"

    def begins():
        path.write_bytes(b"")
        return [path]

    def goes_on():
        path.write_bytes(b"\x89PNG\r\n")
        clock[0] = 10  # and rests so long that it seems whole

    def ends():
        picture(path)

    def rests():
        clock[0] = 20

    _, rows = run(model, folder, [begins, goes_on, ends, rests])
    assert rows["a.png"]["class"] == "red"


def test_a_broken_picture_has_its_row_after_a_minute(model, tmp_path, clock):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    clock[0] = 30
    done, rows = run(model, folder, [], "first.csv")
    assert (rows, done.failed) == ({}, 0)
    clock[0] = 90
    done, rows = run(model, folder, [], "second.csv")
    assert "Pillow" in rows["a.png"]["error"] and done.failed == 1


def test_a_real_folder_is_watched(model, tmp_path, clock):
    watchfiles = pytest.importorskip("watchfiles")
    folder = tmp_path / "in"
    folder.mkdir()
    seen = []

    def changes(*given, **options):
        watching = watchfiles.watch(*given, **options)
        for number, found in enumerate(watching):
            if number == 0:
                picture(folder / "a.png")
                clock[0] = 10
            yield found

    def on_rows(rows):
        seen.extend(rows)
        if seen:
            raise KeyboardInterrupt

    out = tmp_path / "results.csv"
    given = (color_predictor(), model, [folder], out, on_rows)
    watch_pictures(*given, changes=changes)
    assert [row["class"] for row in seen] == ["red"]


def test_only_folders_are_watched(tmp_path):
    with pytest.raises(ValueError, match="Folders can be watched.*a.png"):
        check_watch([tmp_path / "a.png"])
