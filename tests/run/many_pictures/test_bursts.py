import csv
import dataclasses
import itertools
import json
import random
import sqlite3
from datetime import datetime

import numpy as np
import pytest
from PIL import Image
from stand_ins import COLORS
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.run.many_pictures.bursts import with_bursts
from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.journal import journal_of
from kerasfg.write_errors import WriteError


def row(path, likely, taken="", camera="a", sure=True, **more):
    """A row of a journal; a number is a time in seconds."""
    if isinstance(taken, int):
        taken = datetime.fromtimestamp(taken).isoformat()
    when = {"time": taken, "camera": camera} if taken else {}
    best = max(likely, key=likely.get)
    return {
        "path": path,
        "class": COLORS[int(best)],
        "probability": likely[best],
        "likely": likely,
        "sure": sure,
        **when,
        **more,
    }


def answered(rows, predictor=None):
    with with_bursts(lambda: rows, predictor or color_predictor()) as read:
        return list(read())


def test_a_burst_is_one_camera_in_one_folder_and_2_s(model, tmp_path, take):
    photos = tmp_path / "photos"
    wanted = {
        "a/1.jpg": ("red", 0, "Trap 3"),
        "a/2.jpg": ("red", 2, "Trap 3"),
        "a/3.jpg": ("lime", 4, "Trap 3"),
        "a/4.jpg": ("blue", 7, "Trap 3"),
        "a/5.jpg": ("blue", 4, "Trap 4"),
        "b/6.jpg": ("blue", 4, "Trap 3"),
        "a/7.jpg": ("blue", None, "Trap 3"),
        "a/8.jpg": ("blue", None, ""),
    }
    for name, given in wanted.items():
        take(photos / name, *given)
    (photos / "a" / "0.jpg").write_bytes(b"\xff\xd8\xff")
    out = tmp_path / "results.csv"
    classify_pictures(color_predictor(), model, [photos], out, by_burst=True)
    with open(out, newline="") as file:
        rows = {r["path"].split("photos/")[1]: r for r in csv.DictReader(file)}
    assert rows["a/0.jpg"]["error"] and rows["a/0.jpg"]["burst"] == ""
    found = [rows[name]["burst"] for name in wanted]
    assert found[0] == found[1] == found[2] and len(set(found)) == 6
    first = rows["a/3.jpg"]
    assert first["class"] == "green"
    assert (first["burst_class"], first["burst_sure"]) == ("red", "yes")
    assert float(first["burst_probability"]) == pytest.approx(2 / 3, abs=0.05)
    assert rows["a/4.jpg"]["burst_pictures"] == "1"
    alone = rows["a/8.jpg"]
    assert alone["burst_probability"] == alone["probability"]


def test_times_as_cameras_write_them(model, tmp_path):
    """Without zeros it is a time; what is none is of no burst."""
    written = {
        "2024:5:1 9:30:00": "2024-05-01T09:30:00",
        "2024:05:01 09:30:01.5": "2024-05-01T09:30:01.5",
        "2024:05:01 09:30:02+02:00": "2024-05-01T09:30:02+02:00",
    } | {
        text: text
        for text in (
            *("0000:00:00 00:00:00", "2024:02:30 09:30:00", "2024-5-1T9:30:00"),
            *("2024-05-01T09:30+02", "2024-05-01", "=1+1", "9" * 100),
        )
    }
    exif, picture = Image.Exif(), Image.new("RGB", (4, 4), "red")
    for number, text in enumerate(written):
        exif[0x0132] = text
        picture.save(tmp_path / f"{number}.jpg", exif=exif)
    out = tmp_path / "results.json"
    classify_pictures(color_predictor(), model, [tmp_path], out, by_burst=True)
    rows = json.loads(out.read_text())
    assert [x["time"] for x in rows] == [*written.values()]
    assert [x["burst_pictures"] for x in rows] == [3, 3, 3, *[1] * 7]


def test_it_is_the_mean_of_all_pictures_in_any_order():
    """Compares with plain loops over sorted lists."""
    draw = random.Random(0)
    rows = []
    for number in range(300):
        shares = np.array([draw.random() ** 3 for _ in range(3)])
        likely = dict(zip("012", shares / shares.sum(), strict=True))
        camera, taken = draw.choice("ab"), draw.randrange(900)
        rows.append(row(f"{number}.jpg", likely, taken, camera))
    found = {x["path"]: x for x in answered(rows)}
    assert list(found) == [x["path"] for x in rows]
    bursts = []
    for camera in "ab":
        taken = [x for x in rows if x["camera"] == camera]
        taken.sort(key=lambda x: x["time"])
        for before, one in zip([None, *taken], taken, strict=False):
            seconds = (
                before
                and (
                    datetime.fromisoformat(one["time"])
                    - datetime.fromisoformat(before["time"])
                ).seconds
            )
            if before is None or seconds > 2:
                bursts.append([])
            bursts[-1].append(one)
    assert max(map(len, bursts)) > 3
    assert len({x["burst"] for x in found.values()}) == len(bursts)
    for burst in bursts:
        mean = [
            sum(x["likely"][key] for x in burst) / len(burst) for key in "012"
        ]
        said = [found[x["path"]] for x in burst]
        assert len({x["burst"] for x in said}) == 1
        assert said[0]["burst_probability"] == pytest.approx(max(mean))
        assert said[0]["burst_pictures"] == len(burst)
        assert said[0]["burst_end"] == burst[-1]["time"]


def test_what_is_of_none_of_the_classes_does_not_count_unless_all_are():
    red, blue = {"0": 0.9, "1": 0.1}, {"2": 1.0}
    unknown = {"known": False, "sure": False}
    rows = [
        row("1.jpg", red, 0, known=True),
        row("2.jpg", blue, 0, **unknown),
        row("3.jpg", blue, 1, **unknown),
        row("4.jpg", blue, 9, **unknown),
    ]
    first, *_, last = answered(rows)
    assert (first["burst_class"], first["burst_probability"]) == ("red", 0.9)
    assert first["burst_known"] and first["burst_sure"]
    assert last["burst_class"] == "blue"
    assert not last["burst_known"] and not last["burst_sure"]


@pytest.mark.parametrize("name", ["blank", "Empty"])
def test_blank_pictures_do_not_outvote_one_that_is_sure(name):
    predictor = dataclasses.replace(
        color_predictor(threshold=0.8), class_names=(name, "deer", "fox")
    )
    blank, deer = {"0": 0.95, "1": 0.05}, {"1": 0.9, "2": 0.1}
    for sure, wanted in ((True, "deer"), (False, name)):
        rows = [
            row("1.jpg", blank, 0),
            row("2.jpg", deer, 1, sure=sure),
            row("3.jpg", blank, 2),
        ]
        assert answered(rows, predictor)[0]["burst_class"] == wanted


def test_a_journal_without_bursts_is_refused(model, tmp_path, take):
    for number in range(70):
        take(tmp_path / "photos" / f"{number}.jpg", "red", number)
    out = tmp_path / "results.json"
    given = (model, [tmp_path / "photos"], out)
    ended = color_predictor(ColorNetwork(1))
    classify_pictures(ended, *given)
    with pytest.raises(ValueError, match="Received: another `by`"):
        classify_pictures(color_predictor(), *given, by_burst=True)
    journal_of(out).unlink()
    out.unlink()
    first = classify_pictures(
        color_predictor(ColorNetwork(1)), *given, by_burst=True
    )
    assert not first.finished
    assert max(x["burst_pictures"] for x in json.loads(out.read_text())) < 65
    classify_pictures(color_predictor(), *given, by_burst=True)
    rows = json.loads(out.read_text())
    assert {x["burst_pictures"] for x in rows} == {70}
    assert "likely" not in rows[0]


def test_many_classes_keep_what_counts_of_each_picture(model, tmp_path, take):
    take(tmp_path / "1.jpg", "red", 0)
    out = tmp_path / "results.json"

    def flat(images):
        return np.full((len(images), 5000), 1 / 5000, "float32")

    predictor = dataclasses.replace(
        color_predictor(),
        classify=flat,
        class_names=tuple(map(str, range(5000))),
    )
    classify_pictures(
        predictor, model, [tmp_path / "1.jpg"], out, by_burst=True
    )
    (said,) = json.loads(out.read_text())
    assert said["burst_class"] == said["class"]
    assert said["burst_probability"] == pytest.approx(1 / 5000)


def test_a_full_disk_is_said_in_a_sentence(monkeypatch):
    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("kerasfg.run.many_pictures.bursts._answer", fail)
    with pytest.raises(WriteError, match="TMPDIR.*disk is full"):
        answered([row("1.jpg", {"0": 1.0})])


def test_a_name_that_is_no_utf8_has_a_burst():
    rows = [row(f"\udcff/{i}.jpg", {"0": 1.0}, i) for i in range(3)]
    bursts = [x["burst"] for x in answered(rows)]
    assert [len(list(x)) for _, x in itertools.groupby(bursts)] == [3]
