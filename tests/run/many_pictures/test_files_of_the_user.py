import json

import pytest
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.journal import Journal
from kerasfg.run.many_pictures.journal import journal_of
from kerasfg.run.many_pictures.watch import watch_pictures


@pytest.fixture
def given(model, tmp_path, take):
    for number in range(70):
        take(tmp_path / "photos" / f"{number}.png", "red")
    return model, [tmp_path / "photos"], tmp_path / "results.csv"


class Saving(ColorNetwork):
    """The user saves a file at a path while the network runs."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def __call__(self, images):
        self.path.write_text("mine")
        return super().__call__(images)


def test_one_that_comes_while_it_runs_is_not_replaced(given, tmp_path):
    out = given[-1]
    with pytest.raises(ValueError, match="move it away.*loses nothing"):
        classify_pictures(color_predictor(Saving(out)), *given)
    assert out.read_text() == "mine"
    network = ColorNetwork()
    with pytest.raises(ValueError, match="move it away"):  # at once
        classify_pictures(color_predictor(network), *given)
    assert out.read_text() == "mine" and network.seen == 0
    out.rename(tmp_path / "mine.csv")
    done = classify_pictures(color_predictor(network), *given)
    assert (done.pictures, done.before, network.seen) == (70, 70, 0)
    assert len(out.read_text().splitlines()) == 71
    assert not journal_of(out).exists()


def test_a_table_of_ours_that_was_changed_since_is_not_replaced(given):
    out = given[-1]
    classify_pictures(color_predictor(ColorNetwork(1)), *given)
    out.write_text(out.read_text() + "a note of mine\n")
    with pytest.raises(ValueError, match="changed since"):
        classify_pictures(color_predictor(), *given)
    assert out.read_text().endswith("mine\n")


def test_a_table_of_ours_is_replaced_also_after_a_kill(given):
    out = given[-1]
    classify_pictures(color_predictor(ColorNetwork(1)), *given)
    text = journal_of(out).read_bytes()
    with open(journal_of(out), "ab") as file:
        file.write(b'{"path":"half')  # killed in a later run
    done = classify_pictures(color_predictor(), *given)
    assert done.finished and done.before == 64 and b"written" in text
    assert len(out.read_text().splitlines()) == 71


def test_a_picture_named_in_another_way_has_one_row(given, monkeypatch):
    model, (photos,), out = given
    classify_pictures(color_predictor(ColorNetwork(1)), *given)
    monkeypatch.chdir(photos)
    done = classify_pictures(color_predictor(), model, ["../photos"], out)
    assert (done.pictures, done.before) == (70, 64)


def test_what_a_kill_left_of_a_table_is_removed(tmp_path):
    out, mine = tmp_path / "results.csv", tmp_path / "mine.csv"
    mine.write_text("mine")
    with Journal(out, {}) as journal:
        journal.add([{"path": "a"}])
        with pytest.raises(KeyError), journal.replacing(out) as path:
            raise KeyError
        for name in ("mine.csv", "../mine.csv", str(mine)):
            journal.add([{"writing": name}])
    path.write_text("half")  # as after a kill
    with Journal(out, {}) as journal:
        assert not path.exists() and mine.exists()
        assert list(journal.read()) == [{"path": "a"}]


@pytest.mark.parametrize(
    "row",
    [
        {"path": 5},
        {"path": "a", "time": 5},
        {"path": "a", "likely": []},
        {"writing": 5},
        {"written": "a", "size": 1},
    ],
)
def test_a_journal_of_other_values_is_refused(tmp_path, row):
    out = tmp_path / "results.csv"
    with Journal(out, {}) as journal, open(journal.path, "a") as file:
        file.write(f"{json.dumps(row)}\n")
    with (
        pytest.raises(ValueError, match="that kerasfg wrote"),
        Journal(out, {}),
    ):
        pass


def test_a_line_that_was_cut_off_is_not_joined_to_the_next(tmp_path):
    out = tmp_path / "results.csv"
    with Journal(out, {}) as journal:
        journal.add([{"path": "a"}])
        with open(journal.path, "ab") as file:
            file.write(b'{"path":"ha')  # as Ctrl-C leaves it
        with journal.replacing(out) as path:
            path.write_text("a")
    with Journal(out, {}) as journal:
        journal.check_own(out)
        assert list(journal.read()) == [{"path": "a"}]


def test_a_watched_folder_is_written_as_coco_too(given, monkeypatch):
    monkeypatch.setattr("kerasfg.run.many_pictures.watch._SETTLED", 0.0)
    model, folders, out = given
    out = out.with_name("results.coco.json")

    def changes(*_, **__):
        raise KeyboardInterrupt
        yield

    watch_pictures(
        color_predictor(), model, folders, out, print, changes=changes
    )
    assert len(json.loads(out.read_text())["images"]) == 70


def test_links_are_not_among_the_pictures(given, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    for links in (tmp_path / "photos", tmp_path / "link" / "sorted"):
        with pytest.raises(ValueError, match="found as such.*sort_into"):
            classify_pictures(color_predictor(), *given, links=links)
    classify_pictures(color_predictor(), *given, links=tmp_path / "sorted")


def test_one_that_comes_while_a_folder_is_watched_stays(given):
    model, folders, out = given

    def changes(*_, **__):
        out.write_text("mine")
        raise KeyboardInterrupt
        yield

    with pytest.raises(ValueError, match="move it away"):
        watch_pictures(
            color_predictor(), model, folders, out, print, changes=changes
        )
    assert out.read_text() == "mine"
