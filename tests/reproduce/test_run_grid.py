import os

import filelock
import pytest
from stand_ins import Process

from kerasfg.config.recipe import Recipe
from kerasfg.reproduce import run_grid as grid_run
from kerasfg.reproduce.check import GridFigure

ALL = [
    "plain-3",
    "tuned-dropout=0.1-3",
    "tuned-dropout=0.3-3",
    "both-dropout=0.3-3",
    "plain-1",
    "tuned-dropout=0.3-1",
    "both-dropout=0.3-1",
]


def test_trains_each_cell_once_and_tells_the_time(run, tmp_path):
    results, lines = run()
    assert Process.trained == ALL
    assert lines[0] == "colours: 7 trainings, 0 of them done, about 7 min left"
    assert lines[1] == (
        "1 of 7: plain-3, validation 20.0 %, 60 s, about 6 min left"
    )
    assert lines[-1] == "7 of 7: both-dropout=0.3-1, validation 30.0 %, 60 s"
    assert (tmp_path / "out" / "colours.md").exists()
    _, lines = run(data=None)  # nothing is left to train
    assert Process.trained == []
    assert lines == ["colours: 7 trainings, 7 of them done"]
    assert [row["stage"] for row in results.rows()].count("final") == 6


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_so_many_run_at_once(run, jobs):
    run(jobs=jobs)
    assert Process.most == jobs
    assert sorted(Process.trained) == sorted(ALL)


def test_methods_are_trained_with_what_they_need(run):
    _, lines = run(methods=["both"])
    assert Process.trained == [*ALL[1:4], ALL[6]]
    assert lines[0] == "colours: 4 trainings, 0 of them done, about 4 min left"


def test_a_failed_cell_is_named_and_tried_again(run, tmp_path):
    fails = ("plain-3", "tuned-dropout=0.3-3")
    results, lines = run(fails=fails)
    assert set(results.failed) == set(fails)
    assert Process.trained[-1] == "both-dropout=0.1-1"  # without the better
    assert lines[1].startswith("Failed: plain-3: it did not want to (see ")
    table = (tmp_path / "out" / "colours.md").read_text()
    assert "Failed: `plain-3`: it did not want to" in table
    results, _ = run()
    assert results.failed == {}
    assert Process.trained == [
        "plain-3",
        "tuned-dropout=0.3-3",
        "both-dropout=0.3-3",
        "tuned-dropout=0.3-1",
        "both-dropout=0.3-1",
    ]


def test_one_that_leaves_nothing_has_failed(run, monkeypatch):
    monkeypatch.setattr(Process, "leave_run", lambda *args, **kwargs: None)
    results, lines = run(methods=["plain"])
    assert lines[1].startswith("Failed: plain-3: it wrote no result")
    assert set(results.failed) == {"plain-3", "plain-1"}


def test_an_interrupt_ends_what_runs(run, monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Process, "has_ended", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(jobs=2)
    assert len(Process.trained) == 2
    assert Process.alive == []


@pytest.mark.parametrize("data", [None, "absent"])
def test_says_what_pictures_it_needs(run, tmp_path, data):
    message = "needs --data, .*: three colours. Received: data="
    with pytest.raises(ValueError, match=message):
        run(data=data)
    assert not (tmp_path / "out").exists()


def test_pictures_may_be_those_of_a_published_data_set(run, awa2, monkeypatch):
    monkeypatch.chdir(awa2.parent)
    results, _ = run(data="awa2:awa2", methods=["plain"])
    assert not results.failed
    recipe = (results.run(results.cells()[0]).path / "recipe.toml").read_text()
    assert f'path = "awa2:{awa2}"' in recipe


# === Pictures, and what is done in the end ===


def test_all_pixels_are_prepared_before_two_want_them(
    run, grid, tmp_path, monkeypatch
):
    methods = {"plain": {}, "varied": {"augment_at": 48}}
    grid = grid.model_copy(update={"methods": methods})
    sizes = []
    prepare = grid_run.load_training_pixels

    def load(recipe):
        pixels = prepare(recipe)
        larger = pixels.training_images
        sizes.append(None if larger is None else larger.shape[1])
        return pixels

    monkeypatch.setattr(grid_run, "load_training_pixels", load)
    run(grid=grid)
    assert sizes == [None, 48]  # once for both seeds


def test_other_classes_are_drawn_by_each_seed(run, grid, monkeypatch):
    recipe = grid.recipe.with_options(classes=2)
    grid = grid.model_copy(update={"recipe": recipe, "methods": {"plain": {}}})
    drawn = []
    prepare = grid_run.load_training_pixels

    def load(recipe):
        drawn.append(recipe.training.seed)
        return prepare(recipe)

    monkeypatch.setattr(grid_run, "load_training_pixels", load)
    run(grid=grid)
    assert drawn == [3, 1]


@pytest.fixture
def ending(monkeypatch):
    """What is done after the trainings, in order, with its pictures."""
    done = []
    monkeypatch.setattr(
        grid_run,
        "measure_curves",
        lambda results, data, console: done.append(("curves", data)),
    )
    monkeypatch.setattr(
        grid_run,
        "measure_latencies",
        lambda results, data, console: done.append(("latencies", data)),
    )
    monkeypatch.setattr(
        grid_run,
        "draw",
        lambda results, data, console: done.append(("figure", data)),
    )
    return done


@pytest.fixture
def with_all(grid):
    """A grid of one method that wants all that is done in the end."""
    figure = GridFigure(kind="accuracy", x="dropout")
    update = {"resolutions": (8,), "latency": True, "figure": figure}
    update["methods"] = {"plain": {"dropout": 0.5}}
    return grid.model_copy(update=update)


def test_what_is_wanted_in_the_end_is_done_each_time(
    run, with_all, ending, picture_folder
):
    run(grid=with_all)
    place = str(picture_folder)
    names = ["curves", "latencies", "figure"]
    expected = [(name, place) for name in names]
    assert ending == expected
    ending.clear()
    run(grid=with_all, data=None)  # nothing is left to train
    assert Process.trained == []
    assert ending == [(name, None) for name, _ in expected]


def test_what_failed_does_not_keep_the_rest_from_being_done(
    run, with_all, ending
):
    run(grid=with_all, fails=("plain-1",))
    assert [name for name, _ in ending] == ["curves", "latencies", "figure"]


def test_a_grid_may_say_itself_where_its_pictures_are(run, with_all, ending):
    recipe = with_all.recipe.with_options(data="field_guide")
    grid = with_all.model_copy(
        update={"recipe": recipe.with_options(images_per_class=3)}
    )
    results, _ = run(grid=grid, data=None)
    assert results.failed == {}
    assert dict(ending)["figure"] == "field_guide"


def test_paths_of_a_grid_become_absolute_where_it_is_trained(
    run, grid, attributes, picture_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    paths = {"data": picture_folder, "attributes": attributes}
    recipe = grid.recipe.with_options(
        **{key: os.path.relpath(path) for key, path in paths.items()}
    )
    grid = grid.model_copy(update={"recipe": recipe})
    results, _ = run(grid=grid, data=None, methods=["plain"])
    recipe = Recipe.from_toml(results.run(results.cells()[0]).recipe)
    assert os.path.isabs(recipe.data.path)
    assert os.path.isabs(recipe.attributes.table)
    results, _ = run(grid=grid, data=None, methods=["plain"])
    assert results.failed == {}
    assert Process.trained == []


def test_data_option_is_refused_for_a_grid_with_its_own_pictures(run, with_all):
    recipe = with_all.recipe.with_options(data="field_guide")
    grid = with_all.model_copy(update={"recipe": recipe})
    with pytest.raises(ValueError, match="leave out --data. Received: data='/"):
        run(grid=grid)


def test_one_process_at_a_time_works_in_a_folder(run, tmp_path):
    folder = tmp_path / "out" / "colours"
    folder.mkdir(parents=True)
    with filelock.FileLock(folder / ".lock"):
        with pytest.raises(ValueError, match="uses this.*Received: folder="):
            run()
        assert Process.trained == []
    run()
    assert len(Process.trained) == len(ALL)


def test_pictures_that_are_named_must_be_there(run, with_all, ending):
    run(grid=with_all)
    with pytest.raises(ValueError, match="Received: data='absent'"):
        run(grid=with_all, data="absent")
