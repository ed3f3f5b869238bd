"""Views that are stored, found again, resumed and mended."""

import dataclasses
import errno
import json
import os
import shutil
import threading
import types

import filelock
import numpy as np
import pytest
from PIL import Image

from kerasfg.data.views import stored
from kerasfg.data.views import view_files
from kerasfg.data.views.drawing import draw_views
from kerasfg.data.views.picture_views import picture_views
from kerasfg.data.views.stored import ViewSettings
from kerasfg.data.views.stored import stored_views

SETTINGS = ViewSettings(8, count=3, seed=5)
COUNT = 40  # more than a part


class Teacher:
    """Says the mean red and green; counts what it was shown."""

    image_size = 12
    classes = 2
    digest = "a"

    def __init__(self):
        self.shown = []

    def __call__(self, images):
        assert images.dtype == "float32"
        self.shown.append(len(images))
        return images.mean(axis=(1, 2))[:, :2] * 1000


@pytest.fixture
def pictures(rng):
    pixels = rng.integers(0, 256, (COUNT, 20, 24, 3), dtype="uint8")
    return [Image.fromarray(x) for x in pixels]


@pytest.fixture
def make(pictures, tmp_path):
    """A function that makes views, and counts in `read` what it decodes."""

    def make(settings=SETTINGS, teacher=None, stop_at=None, **changes):
        names = changes.pop("names", [f"{i}.jpg" for i in range(COUNT)])
        digests = changes.pop("digests", [str(i) for i in range(COUNT)])

        def read(index):
            make.read.append(index)
            if index == stop_at:
                raise KeyboardInterrupt
            return pictures[index]

        make.read = []
        settings = dataclasses.replace(settings, **changes)
        return stored_views(
            names, digests, lambda: read, settings, teacher, tmp_path
        )

    make.folder = lambda: next((tmp_path / "views").glob("[!.]*"))
    return make


def test_views_of_each_picture_stand_one_after_the_other(make, pictures):
    views = make()
    assert views.images.shape == (COUNT * 3, 8, 8, 3)
    assert views.images.dtype == "uint8" and views.count == 3
    assert views.logits is None and not views.from_cache
    for number in (0, 39):
        drawn = draw_views(f"{number}.jpg", 3, 5)
        expected, _ = picture_views(pictures[number], drawn, 8)
        own = views.images[number * 3 : number * 3 + 3]
        np.testing.assert_array_equal(own, expected)


def test_they_are_made_once(make):
    first = make()
    assert sorted(make.read) == list(range(COUNT))
    second = make()
    assert second.from_cache and make.read == []
    np.testing.assert_array_equal(first.images, second.images)


def test_what_the_teacher_says_of_each_view_is_stored(make, pictures):
    teacher = Teacher()
    views = make(teacher=teacher)
    assert set(teacher.shown) == {32}  # compiled once
    assert views.logits.shape == (COUNT * 3, 2)
    assert views.logits.dtype == "float16"
    drawn = draw_views("39.jpg", 3, 5)
    _, larger = picture_views(pictures[39], drawn, 8, teacher_size=12)
    expected = np.minimum(larger.mean(axis=(1, 2))[:, :2] * 1000, 65504)
    np.testing.assert_allclose(views.logits[-3:], expected, rtol=1e-3)
    np.testing.assert_array_equal(views.images, make().images)
    again = Teacher()
    np.testing.assert_array_equal(make(teacher=again).logits, views.logits)
    assert again.shown == []


def test_a_teacher_is_shown_views_as_they_are_made():
    done = []

    class Noting(Teacher):
        def __call__(self, images):
            done.append("teacher")
            return super().__call__(images)

    def made():
        for _ in range(32):
            done.append("picture")
            yield np.zeros((8, 4, 4, 3), "uint8"), np.zeros((8, 12, 12, 3))

    stored._rows(made(), Noting(), 8)
    assert done == (["picture"] * 8 + ["teacher"]) * 4


def test_anything_that_matters_makes_them_anew(make):
    class Other(Teacher):
        digest = "b"

    class Larger(Teacher):
        image_size = 13

    class Wider(Teacher):
        classes = 3

        def __call__(self, images):
            return images.mean(axis=(1, 2))

    names = [f"{i}.jpg" for i in range(COUNT)]
    changes = [
        {},
        {"image_size": 7},
        {"count": 2},
        {"seed": 6},
        {"crop": "whole"},
        {"mixed": True},
        {"flip": False},
        {"color": 0.1},
        {"names": [*names[:-1], "new.jpg"]},
        {"digests": [*map(str, range(1, COUNT + 1))]},
        {"teacher": Teacher()},
        {"teacher": Other()},
        {"teacher": Larger()},
        {"teacher": Wider()},
    ]
    for change in changes:
        assert not make(**change).from_cache, change
    for change in changes:
        assert make(**change).from_cache, change


@pytest.mark.parametrize("teacher", [None, Teacher()])
def test_goes_on_where_it_was_interrupted(make, teacher, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make(teacher=teacher, stop_at=36)
    assert not list((tmp_path / "views").glob("[!.]*"))
    resumed = make(teacher=teacher)
    assert sorted(make.read) == list(range(32, COUNT))
    making = list((tmp_path / "views").glob(".making-*"))
    assert making == []
    os.rename(make.folder(), tmp_path / "away")
    whole = make(teacher=teacher)
    np.testing.assert_array_equal(resumed.images, whole.images)
    if teacher:
        np.testing.assert_array_equal(resumed.logits, whole.logits)


@pytest.mark.parametrize("kept", [0, 100, 5000, -1])
def test_half_written_parts_are_made_again(make, kept, tmp_path):
    expected = np.array(make().images)
    os.rename(make.folder(), tmp_path / "away")
    with pytest.raises(KeyboardInterrupt):
        make(stop_at=36)
    (making,) = (tmp_path / "views").glob(".making-*")
    file = making / "views.npy"
    content = file.read_bytes()
    file.write_bytes(content[:kept])
    np.testing.assert_array_equal(make().images, expected)
    assert sorted(make.read) == list(range(COUNT))


def test_a_torn_line_of_the_journal_counts_as_none(make, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make(stop_at=36)
    (journal,) = (tmp_path / "views").glob(".making-*/journal.txt")
    journal.write_text(journal.read_text()[:-5])
    make()
    assert sorted(make.read) == list(range(COUNT))


def test_what_lacks_only_its_name_is_finished(make, tmp_path, monkeypatch):
    def fail(*paths):
        raise OSError("no power")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="no power"):
            make()
    views = make()
    assert views.images.shape == (COUNT * 3, 8, 8, 3)
    assert make.read == []


# === Damage ===


def flip_a_byte(folder):
    content = bytearray((folder / "views.npy").read_bytes())
    content[-7] ^= 1
    (folder / "views.npy").write_bytes(content)


def flip_a_logit(folder):
    content = bytearray((folder / "logits.npy").read_bytes())
    content[-1] ^= 1
    (folder / "logits.npy").write_bytes(content)


def cut(folder):
    content = (folder / "views.npy").read_bytes()
    (folder / "views.npy").write_bytes(content[:-500])


def empty(folder):
    (folder / "views.npy").write_bytes(b"")


def pickled(folder):
    objects = np.array([{}], object)
    np.save(folder / "views.npy", objects, allow_pickle=True)


def lose(folder):
    (folder / "logits.npy").unlink()


def pipe(folder):
    lose(folder)
    os.mkfifo(folder / "logits.npy")


def cut_index(folder):
    index = (folder / "index.json").read_text()
    (folder / "index.json").write_text(index[:40])


def lose_a_digest(folder):
    index = json.loads((folder / "index.json").read_text())
    index["digests"].pop()
    (folder / "index.json").write_text(json.dumps(index))


def nonsense(folder):
    (folder / "index.json").write_text("[" * 100_000)


DAMAGE = [
    flip_a_byte,
    flip_a_logit,
    cut,
    empty,
    pickled,
    lose,
    pipe,
    cut_index,
    lose_a_digest,
    nonsense,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_views_are_made_again(make, damage):
    before = make(teacher=Teacher())
    images, logits = np.array(before.images), np.array(before.logits)
    damage(make.folder())
    with pytest.warns(UserWarning, match="are damaged .*made again"):
        after = make(teacher=Teacher())
    assert not after.from_cache
    np.testing.assert_array_equal(after.images, images)
    np.testing.assert_array_equal(after.logits, logits)
    assert make(teacher=Teacher()).from_cache


def test_a_part_of_a_large_file_is_checked(make, monkeypatch):
    monkeypatch.setattr(stored, "_PART", 1)
    monkeypatch.setattr(view_files, "_MOST_CHECKED_BYTES", 1)
    monkeypatch.setattr(view_files, "_LEAST_CHECKED_PARTS", 3)
    make()
    flip_a_byte(make.folder())  # in the last of the 40
    with pytest.warns(UserWarning, match="part 39 has changed"):
        assert not make().from_cache


def test_a_process_that_waits_for_another_says_so(make, tmp_path, monkeypatch):
    make()
    lock = tmp_path / "views" / f".lock-{make.folder().name}"
    os.rename(make.folder(), tmp_path / "away")
    held, told = threading.Event(), threading.Event()

    def hold():
        with filelock.FileLock(lock, is_singleton=False):
            held.set()
            told.wait(30)

    def tell(text):
        notices.append(text)
        told.set()

    notices = []
    monkeypatch.setattr(view_files, "tell", tell)
    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    views = make()
    other.join()
    assert len(notices) == 1 and "this one waits" in notices[0]
    assert views.images.shape == (COUNT * 3, 8, 8, 3)


# === Errors ===


def test_views_that_the_disk_has_no_room_for_are_not_begun(
    make, tmp_path, monkeypatch
):
    free = COUNT * 3 * 8 * 8 * 3 - 1
    usage = types.SimpleNamespace(total=10**9, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    message = "by `views`.*KERASFG_CACHE.*views, with 0 MB free of the 0 MB"
    with pytest.raises(ValueError, match=message):
        make()
    assert make.read == []
    make(count=2)
    # What an interrupted call has made needs no more room.
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(usage, "free", 10**9)
        make(stop_at=36)
    make()
    monkeypatch.setattr(usage, "total", 0)
    assert not make(seed=6).from_cache


def test_a_disk_that_is_full_meanwhile_keeps_no_half_of_them(
    make, tmp_path, monkeypatch
):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(view_files, "_write_part", fail)
    with pytest.raises(OSError, match="No space left"):
        make()
    assert list((tmp_path / "views").glob(".making-*")) == []


def test_a_picture_that_cannot_be_decoded_any_more_is_named(tmp_path):
    def read(index):
        raise OSError("truncated")

    with pytest.raises(ValueError, match=r"truncated\. Received: 'a\.jpg'"):
        stored_views(
            ["a.jpg"], ["1"], lambda: read, SETTINGS, cache_dir=tmp_path
        )


def test_a_folder_that_cannot_be_written_is_an_error(make, tmp_path):
    (tmp_path / "views").write_text("x")
    with pytest.raises(OSError, match="folder"):
        make()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"count": 0}, "count=0"), ({"image_size": 0}, "image_size=0")],
)
def test_rejects_settings(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(SETTINGS, **change)


def test_rejects_no_pictures(tmp_path):
    with pytest.raises(ValueError, match="Received: 0 names, 0 digests"):
        stored_views([], [], None, SETTINGS, cache_dir=tmp_path)
