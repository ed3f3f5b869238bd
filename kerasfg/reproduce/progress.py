"""Shows the progress of a grid while it runs."""

import statistics

from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn

from kerasfg.terminal_text import no_markup
from kerasfg.terminal_text import visible
from kerasfg.training.setup.parts import duration

OVERHEAD_SECONDS = 30.0  # to start TensorFlow and to evaluate


class GridProgress:
    """Prints a line for each finished training and a bar below the lines.

    The remaining time is computed from the estimates, scaled by the ratio of
    actual to estimated time of the finished trainings. The bar is shown only
    in a terminal.

    Args:
        results: The `GridResults`.
        jobs: Number of trainings that run at once.
        estimates: Dictionary from pairs of row and method to the seconds of a
            training; see `kerasfg.reproduce.estimate.estimate`.
        console: `rich.console.Console`. Defaults to `None`: the standard
            output.
    """

    def __init__(self, results, jobs, estimates, console=None):
        self.results = results
        self.jobs = jobs
        self.estimates = estimates
        self.console = console or Console(highlight=False)
        self.taken, self.expected = 0.0, 0.0  # seconds of finished trainings
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.task = self.bar.add_task("", total=results.total, left="")

    def __enter__(self):
        self._print(
            f"{self.results.grid.name}: {self.results.total} trainings",
            f"{len(self.results.measured_cells())} of them done",
            self._left(),
        )
        for name in self.results.failed:
            self._print_failure(name)
        self.show({})
        self.bar.start()
        return self

    def __exit__(self, *_):
        self.bar.stop()

    def show(self, running):
        """Updates the bar.

        Args:
            running: Dictionary from running `CellProcess`es to their `Cell`s.
        """
        seconds = sum(process.seconds() for process in running)
        names = ", ".join(cell.name for cell in running.values())
        self.bar.update(
            self.task,
            description=no_markup(names),
            completed=self._settled(),
            left=self._left(seconds),
        )

    def ended(self, cell, seconds):
        """Prints the result of a training.

        Args:
            cell: The `Cell`.
            seconds: Duration of the training's process.
        """
        if cell.name in self.results.failed:
            self._print_failure(cell.name)
            return
        self.taken += seconds
        self.expected += self._estimate(cell)
        accuracy = self.results.measured[cell.name]["val_accuracy"]
        self._print(
            f"{self._settled()} of {self.results.total}: {cell.name}",
            f"validation {100 * accuracy:.1f} %",
            duration(seconds),
            self._left(),
        )

    def _print_failure(self, name):
        self.console.print("[bold red]Failed:[/bold red]", end=" ")
        self._print(f"{name}: {self.results.failed[name]}")

    def _print(self, *parts):
        text = ", ".join(part for part in parts if part)
        self.console.print(visible(text), markup=False, soft_wrap=True)

    def _settled(self):
        return sum(map(self.results.is_settled, self.results.wanted()))

    def _left(self, of_running=0.0):
        """Returns the remaining time as a text, empty if there is none."""
        missing = self.results.missing()
        unplanned = self.results.total - self._settled() - len(missing)
        if not self.estimates or not missing:
            return ""
        whole = sum(map(self._estimate, missing))
        whole += unplanned * (OVERHEAD_SECONDS + self._mean())
        if self.expected:
            whole *= self.taken / self.expected
        return f"about {duration(max(0, whole - of_running) / self.jobs)} left"

    def _estimate(self, cell):
        key = cell.row, cell.method
        seconds = 0.0 if cell.euclidean else self.estimates.get(key)
        return OVERHEAD_SECONDS + (self._mean() if seconds is None else seconds)

    def _mean(self):
        return statistics.mean(self.estimates.values() or [0.0])
