import io

import pytest
from rich.console import Console

from kerasfg.reproduce.progress import OVERHEAD_SECONDS
from kerasfg.reproduce.progress import GridProgress
from kerasfg.reproduce.progress import duration
from kerasfg.reproduce.results import GridResults

# Named are two of 60 s and two of 120 s; the three others, of tuned and both,
# take the mean of what is known, 90 s. All of them start and are evaluated.
LEFT = 2 * 60 + 2 * 120 + 3 * 90 + 7 * OVERHEAD_SECONDS


class Process:
    """Stands for a `CellProcess` that was started ten seconds ago."""

    def seconds(self):
        return 10.0


@pytest.fixture
def progress(grid, leave_run, tmp_path):
    """A function that makes the progress of a grid of seven trainings."""

    def progress(jobs=1, estimates=None, grid=grid, **options):
        results = GridResults(grid, tmp_path / "out")
        if estimates is None:
            estimates = {("", "plain"): 60.0, ("", "tuned"): 120.0}
        console = Console(file=io.StringIO(), width=120, **options)
        shown = GridProgress(results, jobs, estimates, console)
        shown.train = lambda name, seconds: train(shown, name, seconds)
        return shown

    def train(shown, name, seconds):
        (cell,) = [c for c in shown.results.missing() if c.name == name]
        recipe = cell.recipe(shown.results.grid, "/pictures")
        folder = shown.results.run(cell).path
        leave_run(folder, recipe, euclidean=cell.euclidean)
        shown.results.read_run(cell)
        shown.ended(cell, seconds)

    return progress


def lines(progress):
    return progress.console.file.getvalue().splitlines()


def test_remaining_time_is_shown_before_the_first_has_ended(progress):
    with progress() as shown:
        pass
    assert lines(shown) == [
        f"colours: 7 trainings, 0 of them done, about {duration(LEFT)} left"
    ]


def test_what_is_left_follows_what_it_took(progress):
    with progress() as shown:
        first, second = 60 + OVERHEAD_SECONDS, 120 + OVERHEAD_SECONDS
        shown.train("plain-3", 2 * first)
        shown.train("tuned-dropout=0.1-3", second)  # as long as expected
    ratio = (2 * first + second) / (first + second)
    left = [2 * (LEFT - first), ratio * (LEFT - first - second)]
    assert lines(shown)[1:] == [
        f"1 of 7: plain-3, validation 50.0 %, {duration(2 * first)}, "
        f"about {duration(left[0])} left",
        f"2 of 7: tuned-dropout=0.1-3, validation 50.0 %, {duration(second)}, "
        f"about {duration(left[1])} left",
    ]


def test_jobs_share_what_is_left(progress):
    with progress(jobs=3) as shown:
        pass
    assert lines(shown)[0].endswith(f"about {duration(LEFT / 3)} left")


def test_without_an_estimate_there_is_no_remaining_time(progress):
    with progress(estimates={}) as shown:
        shown.train("plain-3", 60)
    assert lines(shown) == [
        "colours: 7 trainings, 0 of them done",
        "1 of 7: plain-3, validation 50.0 %, 60 s",
    ]


def test_distances_take_but_a_moment(progress, rows):
    methods = {"plain": {}, "euc": rows.methods["euc"]}
    update = {"methods": methods, "rows": {}, "paper": {}}
    grid = rows.model_copy(update=update)
    with progress(estimates={("", "plain"): 600.0}, grid=grid) as shown:
        shown.train("plain-0", 600 + OVERHEAD_SECONDS)
        shown.train("euc-0", OVERHEAD_SECONDS)
    left = [1200 + 4 * OVERHEAD_SECONDS, 600 + 3 * OVERHEAD_SECONDS]
    left += [600 + 2 * OVERHEAD_SECONDS]
    assert [line.split(", ")[-1] for line in lines(shown)] == [
        f"about {duration(seconds)} left" for seconds in left
    ]


def test_failures_are_named_as_they_are(progress):
    shown = progress()
    shown.results.failed["plain-3"] = "the [bold] reason"
    with shown:
        (cell,) = [c for c in shown.results.wanted() if c.name == "plain-3"]
        shown.ended(cell, 5.0)
    assert lines(shown)[1:] == ["Failed: plain-3: the [bold] reason"] * 2


def test_a_terminal_shows_what_runs_and_what_is_left_of_it(progress):
    with progress(force_terminal=True, color_system=None) as shown:
        cells = shown.results.missing()[:2]
        shown.show({Process(): cell for cell in cells})
        shown.bar.refresh()
        (task,) = shown.bar.tasks
        assert task.description == "plain-3, tuned-dropout=0.1-3"
        assert task.fields["left"] == f"about {duration(LEFT - 20)} left"
        assert (task.completed, task.total) == (0, 7)
        assert "plain-3, tuned-dropout=0.1-3" in shown.console.file.getvalue()


def test_what_runs_longer_than_expected_is_almost_done(progress):
    with progress(estimates={("", "plain"): 1.0}) as shown:
        cells = shown.results.missing() * 99
        shown.show({Process(): cell for cell in cells})
        (task,) = shown.bar.tasks
        assert task.fields["left"] == "about 0 s left"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (99.4, "99 s"),
        (100, "2 min"),
        (5900, "98 min"),
        (5990, "1 h 40 min"),
        (86_400, "24 h 0 min"),
    ],
)
def test_a_duration_is_as_long_as_it_need_be(seconds, words):
    assert duration(seconds) == words
