"""Reads the finished trainings of a grid and writes its table."""

from pathlib import Path

from kerasfg.reproduce.cell import needs_data_folder
from kerasfg.reproduce.check_run import check_run
from kerasfg.reproduce.latencies import read_latencies
from kerasfg.reproduce.measurements import measure
from kerasfg.reproduce.plan import count
from kerasfg.reproduce.plan import plan
from kerasfg.reproduce.plan import wanted_rows
from kerasfg.reproduce.plan import wanted_seeds
from kerasfg.reproduce.tables.csv_file import from_csv
from kerasfg.reproduce.tables.csv_file import other_lines
from kerasfg.reproduce.tables.csv_file import to_csv
from kerasfg.reproduce.tables.summary import summarize
from kerasfg.reproduce.tables.table import to_markdown
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text


class GridResults:
    """The finished trainings of a grid and their table.

    `OUT/CELLS/` has a run folder for each training, `OUT/NAME.csv` a line for
    each, and `OUT/NAME.md` the table. If a run folder is missing, the line of
    any CSV file in `OUT` with the digest of the same recipe is used.

    Args:
        grid: A `Grid`.
        out: The folder `OUT`; it need not exist.
        methods: Names of the wanted methods; methods that they take values
            from are tuned, too. The table has all finished trainings. Defaults
            to `None`: all methods.
        rows: Names of the wanted rows. Defaults to `None`: all rows.

    Attributes:
        total: Number of wanted trainings.
        measured: Dictionary from names of finished trainings to their
            measurements.
        failed: Dictionary from names of failed trainings to the reasons.

    Raises:
        ValueError: If the grid has no such method or row.
    """

    def __init__(self, grid, out, methods=None, rows=None):
        self.grid = grid
        self.out = Path(out)
        self.folder = self.out / grid.cells
        self.seeds = wanted_seeds(grid, methods)
        self.wanted_rows = wanted_rows(grid, rows)
        self.total = count(grid, self.seeds, self.wanted_rows)
        self.measured = {}
        self.failed = {}
        self.recorded, self.elsewhere = self._read_records()
        while self._read_finished_runs():  # chosen values add more trainings
            pass

    def file(self, suffix):
        """Returns the path of a file of the grid in `OUT`."""
        return self.out / f"{self.grid.name}{suffix}"

    def cells(self):
        """Returns the `Cell`s that are known so far."""
        accuracies = {
            name: measured["val_accuracy"]
            for name, measured in self.measured.items()
        }
        return plan(self.grid, accuracies | dict.fromkeys(self.failed))

    def wanted(self):
        """Returns the wanted cells."""
        return [
            cell
            for cell in self.cells()
            if cell.row in self.wanted_rows
            and cell.seed in self.seeds.get(cell.method, ())
        ]

    def measured_cells(self):
        """Returns the wanted cells whose training has ended."""
        return [cell for cell in self.wanted() if cell.name in self.measured]

    def missing(self):
        """Returns the wanted cells that are still to be trained."""
        wanted = self.wanted()
        missing = {c.name for c in wanted if not self.is_settled(c)}
        # A finished teacher is trained again if its model file is missing.
        for cell in reversed(wanted):
            has_teacher = cell.name in missing and cell.needs in self.measured
            can_train = cell.needs not in self.failed
            if has_teacher and can_train and not self.is_ready(cell):
                missing.add(cell.needs)
        return [cell for cell in wanted if cell.name in missing]

    def is_settled(self, cell):
        """Returns whether a training has ended or failed."""
        return cell.name in self.measured or cell.name in self.failed

    def is_ready(self, cell):
        """Returns whether the teacher of a training, if any, is there."""
        model = RunFolder(self.folder / cell.needs).model
        return not cell.needs or (
            cell.needs in self.measured
            and cell.needs not in self.failed
            and model.exists()
        )

    def run(self, cell):
        """Returns the `RunFolder` of a training."""
        return RunFolder(self.folder / cell.name)

    def read_run(self, cell):
        """Reads the measurements of a training if it has ended."""
        run = self.run(cell)
        try:
            check_run(run, cell, self.grid)
            if run.manifest.exists():
                self.measured[cell.name] = measure(run)
            elif recorded := self._recorded(cell):
                self.measured[cell.name] = recorded
        except (ValueError, OSError) as error:
            self.failed[cell.name] = " ".join(str(error).split())

    def rows(self):
        """Returns a row for each training that has ended; see `summarize`."""
        return [
            {
                "row": cell.row,
                "method": cell.method,
                "values": cell.values,
                "seed": cell.seed,
                "stage": "final" if cell.final else "tuning",
                **self.measured[cell.name],
                "recipe": cell.digest(self.grid),
            }
            for cell in self.cells()
            if cell.name in self.measured
        ]

    def summaries(self):
        """Returns a summary for each row and method; see `summarize`."""
        return summarize(self.rows(), self.grid, read_latencies(self))

    def write(self):
        """Writes the CSV file, if anything is trained, and the table.

        Lines of other trainings stay in the CSV file: those of seeds that are
        not in the grid now, or of values that are not tried.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = self.rows()
        table = to_markdown(self.summaries(), self.grid, self._remarks(rows))
        others = other_lines(rows, _text(self.file(".csv")))
        if self.grid.methods:
            write_text(self.file(".csv"), to_csv(rows, others))
        write_text(self.file(".md"), table)

    def _remarks(self, rows):
        grid = self.grid
        scale = " --scale full" if grid.scale == "full" else ""
        command = f"kerasfg reproduce {grid.name}{scale}"
        remarks = [
            f"Written by `{command} --data DIR`, where DIR is {grid.data}.\n"
            if needs_data_folder(grid)
            else f"Written by `{command}`, of {grid.data}.\n"
        ]
        total = count(grid, wanted_seeds(grid))
        if len(rows) < total:
            remarks.append(f"Trainings so far: {len(rows)} of {total}.\n")
        for name, reason in self.failed.items():
            remarks.append(f"Failed: `{name}`: {reason}\n")
        return remarks

    def _read_records(self):
        """Returns the lines of the grid's own CSV files and of all others."""
        recorded, elsewhere = {}, {}
        for file in sorted(self.out.glob("*.csv")):
            own = file.stem in (self.grid.cells, self.grid.name)
            (recorded if own else elsewhere).update(from_csv(_text(file)))
        return recorded, elsewhere

    def _recorded(self, cell):
        """Returns the measurements of a training in a CSV file, or `None`.

        A line of another grid is used only if it is surely the same training:
        if there is no teacher, and if the place of the pictures names the data
        set, as `awa2:{data}` does and just `{data}` does not.
        """
        digest = cell.digest(self.grid)
        names_its_data_set = cell.place(self.grid, "") and not cell.needs
        elsewhere = self.elsewhere.get(digest) if names_its_data_set else None
        return self.recorded.get(digest, elsewhere)

    def _read_finished_runs(self):
        """Returns whether there was one that had not been read."""
        known = len(self.measured) + len(self.failed)
        for cell in self.cells():
            if not self.is_settled(cell):
                self.read_run(cell)
        return len(self.measured) + len(self.failed) > known


def _text(file):
    """Returns the text of a file, `""` if it is missing."""
    if not file.exists():
        return ""
    return file.read_text(encoding="utf-8", errors="replace")
