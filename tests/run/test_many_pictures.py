import csv
import dataclasses
import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image
from stand_ins import COLORS
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.data.files.find import find_files
from kerasfg.data.files.find import walk_pictures
from kerasfg.run.many_pictures.classify import check_out
from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.classify import found_pictures
from kerasfg.run.many_pictures.journal import Journal
from kerasfg.run.many_pictures.journal import journal_of
from kerasfg.run.many_pictures.table import write_table


@pytest.fixture
def model(tmp_path):
    """A file that stands for the model's."""
    (tmp_path / "model").write_bytes(b"weights")
    return tmp_path / "model"


@pytest.fixture
def folder(tmp_path):
    """200 pictures in two folders, one of which is broken, and a note."""
    for number in range(200):
        place = tmp_path / "photos" / f"camera{number % 2}"
        place.mkdir(parents=True, exist_ok=True)
        color = [0, 0, 0]
        color[number % 3] = 255
        picture = Image.new("RGB", (6, 5), tuple(color))
        picture.save(place / f"{number}.png")
    (tmp_path / "photos" / "camera1" / "7.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "photos" / "note.txt").write_text("hello")
    return tmp_path / "photos"


def read(out):
    with open(out, newline="") as file:
        return list(csv.DictReader(file))


def test_each_picture_has_its_row_and_a_broken_one_its_reason(
    folder, model, tmp_path
):
    out = tmp_path / "results.csv"
    predictor = color_predictor()
    done = classify_pictures(predictor, model, [folder], out, top=2)
    rows = read(out)
    found = find_files(folder).pictures
    assert [row["path"] for row in rows] == [file.path for file in found]
    for row in rows:
        number = int(os.path.basename(row["path"]).removesuffix(".png"))
        if number == 7:
            assert "Pillow" in row["error"] and row["class"] == ""
            continue
        alone = predictor.predict(row["path"], top=2)
        assert row["class"] == COLORS[number % 3] == alone["class"]
        assert float(row["probability"]) == pytest.approx(alone["probability"])
        assert row["class_2"] == alone["top"][1][0] and row["sure"] == "yes"
        assert row["error"] == ""
    assert (done.pictures, done.failed, done.finished) == (200, 1, True)
    assert done.left_out == {"text": 1}
    assert not journal_of(out).exists()


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_what_was_interrupted_goes_on_with_no_row_lost_or_doubled(
    folder, model, tmp_path, ending
):
    out = tmp_path / f"results{ending}"
    arguments = (model, [folder], out)
    first = classify_pictures(color_predictor(ColorNetwork(2)), *arguments)
    assert not first.finished and first.pictures == 128
    assert out.exists()
    with open(journal_of(out), "ab") as file:
        file.write(b'{"path": "half a li')  # as a kill leaves it
    network = ColorNetwork()
    second = classify_pictures(color_predictor(network), *arguments)
    assert second.finished and second.before == 128
    assert network.seen == 72
    if ending == ".csv":
        paths = [row["path"] for row in read(out)]
    elif ending == ".json":
        paths = [row["path"] for row in json.loads(out.read_text())]
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        table = parquet.read_table(out)
        paths = table["path"].to_pylist()
        assert table["probability"][0].as_py() > 0.9
    assert paths == [file.path for file in find_files(folder).pictures]


def test_another_model_or_option_is_refused(folder, model, tmp_path):
    out = tmp_path / "results.csv"
    classify_pictures(color_predictor(ColorNetwork(1)), model, [folder], out)
    for predictor, more, differs in (
        (color_predictor(), {"top": 1}, "top"),
        (color_predictor(threshold=0.5), {}, "calibration"),
    ):
        with pytest.raises(ValueError, match=f"another `{differs}`$"):
            classify_pictures(predictor, model, [folder], out, **more)
    model.write_bytes(b"others")
    with pytest.raises(ValueError, match="begin anew.*another `model`$"):
        classify_pictures(color_predictor(), model, [folder], out)
    assert len(read(out)) == 64


def test_a_picture_that_is_named_twice_has_one_row(folder, model, tmp_path):
    inner = folder / "camera0"
    picture = inner / "0.png"
    out = tmp_path / "results.csv"
    given = [picture, inner, folder, folder / ".", str(picture)]
    classify_pictures(color_predictor(), model, given, out)
    names = [os.path.realpath(row["path"]) for row in read(out)]
    assert len(names) == len(set(names)) == 200


def test_unknown_and_coarser_names_have_columns(folder, model, tmp_path):
    level = {"name": "hue", "of_class": ["warm", "cold", "cold"]}
    predictor = dataclasses.replace(
        color_predictor(threshold=1.0, levels=[{**level, "threshold": 0.5}]),
        classify_with_familiarity=lambda images: (
            ColorNetwork()(images),
            np.where(images[:, 0, 0, 0] > 0, 0.9, 0.1).astype("float32"),
        ),
    )
    out = tmp_path / "results.csv"
    classify_pictures(predictor, model, [folder / "camera0"], out)
    for row in read(out):
        is_red = row["class"] == "red"
        assert row["known"] == ("yes" if is_red else "no")
        assert row["coarser_name"] == ("warm" if is_red else "")


def test_the_camera_and_time_of_a_picture_are_in_its_row(model, tmp_path):
    exif = Image.Exif()
    exif[0x0110], exif[0x0132] = "Trap 3", "2024:05:01 09:30:00"
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=exif)
    out = tmp_path / "results.csv"
    classify_pictures(color_predictor(), model, [tmp_path / "a.jpg"], out)
    (row,) = read(out)
    assert (row["camera"], row["time"]) == ("Trap 3", "2024-05-01T09:30:00")


def test_the_first_pictures_come_before_the_last_folder_is_read(folder):
    walk = walk_pictures(folder)
    first = next(walk)
    shutil.rmtree(folder / "camera1")
    names = [first.name, *(file.name for file in walk)]
    assert len([x for x in names if x.startswith("camera0")]) == 100


def test_results_never_replace_a_file_of_the_user(tmp_path):
    (tmp_path / "mine.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match="there already.*mine.csv"):
        check_out(tmp_path / "mine.csv")
    for name in ("results.txt", "results"):
        with pytest.raises(ValueError, match=".csv, .parquet or .json"):
            check_out(tmp_path / name)
    with pytest.raises(ValueError, match="folder of `out` must exist"):
        check_out(tmp_path / "absent" / "results.csv")


def test_a_journal_that_is_none_or_in_use_is_refused(tmp_path):
    out = tmp_path / "results.csv"
    row = '{"journal":1,"model":{}}\n{"path":%s}\n'
    for text in (
        *("hello\n", "hello", "[]\n", '{"journal":9}\n', "[" * 9999 + "\n"),
        *('{"journal":1,"model":[]}\n', row % "5", row % '"a","class":[]'),
    ):
        journal_of(out).write_text(text)
        with pytest.raises(ValueError, match="must be a journal"):
            Journal(out, {}).__enter__()
        assert journal_of(out).read_text() == text
    journal_of(out).unlink()
    with (
        Journal(out, {"model": "a"}),
        pytest.raises(ValueError, match="Another process writes"),
    ):
        Journal(out, {"model": "a"}).__enter__()


def test_names_that_are_no_utf8_are_written(tmp_path):
    rows = [{"path": "a\udcff.png", "class": "wren", "probability": 0.5}]
    for ending in (".csv", ".json", ".parquet"):
        out = tmp_path / f"results{ending}"
        write_table(out, iter(rows), ["path", "class", "probability"])
        assert b"ff.png" in out.read_bytes()


def test_pictures_are_linked_by_class_and_none_is_replaced(
    folder, model, tmp_path
):
    def scores(images):
        known = np.where(images[:, 0, 0, 2] > 0, 0.1, 0.9)  # blue is unknown
        return ColorNetwork()(images), known.astype("float32")

    predictor = color_predictor(
        class_thresholds=(0.0, 1.0, 0.0),  # green is never sure
        classify_with_familiarity=scores,
    )
    links = tmp_path / "links"
    (links / "red").mkdir(parents=True)
    (links / "red" / "0.png").write_text("mine")
    for name in ("first.csv", "second.csv"):  # the second adds nothing
        classify_pictures(
            predictor, model, [folder], tmp_path / name, links=links
        )
    assert (links / "red" / "0.png").read_text() == "mine"
    assert os.readlink(links / "red" / "0 (2).png") == str(
        folder / "camera0" / "0.png"
    )
    counts = {
        str(place.relative_to(links)): len(list(place.glob("*.png")))
        for place in links.rglob("*")
        if place.is_dir()
    }
    assert counts == {
        "red": 68,
        "none of these classes": 66,
        "not sure": 0,
        "not sure/green": 66,
    }
    assert len(list(folder.rglob("*.png"))) == 200


def test_a_pipe_among_the_pictures_is_not_opened(model, tmp_path):
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "photos" / "a.png")
    os.mkfifo(tmp_path / "photos" / "b.png")
    out = tmp_path / "results.csv"
    classify_pictures(color_predictor(), model, [tmp_path / "photos"], out)
    assert [row["error"] for row in read(out)] == [
        "",
        "neither a file nor a folder",
    ]


def test_no_name_is_a_formula_or_breaks_its_row(tmp_path):
    names = ["=1+1.png", "-a.png", "a\rb.png", "a\nb.png"]
    rows = [{"path": name, "camera": "=1", "class": "@wren"} for name in names]
    out = tmp_path / "results.csv"
    write_table(out, iter(rows), ["path", "class", "camera"])
    found = read(out)
    assert [row["path"] for row in found] == [
        *("./=1+1.png", "./-a.png"),
        *names[2:],
    ]
    assert {(row["class"], row["camera"]) for row in found} == {
        ("'@wren", "'=1")
    }


def test_nothing_is_written_through_a_link_in_place_of_the_journal(tmp_path):
    out = tmp_path / "results.csv"
    (tmp_path / "mine").write_text("")
    journal_of(out).symlink_to(tmp_path / "mine")
    with pytest.raises(ValueError, match="must be a journal.*a link"):
        Journal(out, {}).__enter__()
    assert (tmp_path / "mine").read_text() == ""
    journal_of(out).unlink()
    os.mkfifo(journal_of(out))
    with pytest.raises(ValueError, match="must be a journal"):
        Journal(out, {}).__enter__()


def test_an_empty_journal_is_begun_but_replaces_no_table(tmp_path):
    out = tmp_path / "results.csv"
    journal_of(out).write_text('{"journal":1,"mo')
    out.write_text("mine\n")
    with pytest.raises(ValueError, match="there already"):
        check_out(out)
    out.unlink()
    with Journal(check_out(out), {}) as journal:
        assert journal.rows == 0
    assert journal_of(out).read_text() == '{"journal":1,"model":{}}\n'


def test_many_named_pictures_are_found_at_once(tmp_path):
    names = [str(tmp_path / "deep" / f"{i}.png") for i in range(20_000)]
    assert list(found_pictures(names + names[:9])) == names
