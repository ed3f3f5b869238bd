"""What a grid has given so far, as it lies on disk."""

from pathlib import Path

from kerasfg.reproduce.cell import needs_data_folder
from kerasfg.reproduce.folder import check_folder
from kerasfg.reproduce.measurements import measure
from kerasfg.reproduce.measurements import read_latencies
from kerasfg.reproduce.plan import count
from kerasfg.reproduce.plan import plan
from kerasfg.reproduce.plan import wanted_rows
from kerasfg.reproduce.plan import wanted_seeds
from kerasfg.reproduce.tables.csv_file import from_csv
from kerasfg.reproduce.tables.csv_file import lines_beside
from kerasfg.reproduce.tables.csv_file import to_csv
from kerasfg.reproduce.tables.summary import summarize
from kerasfg.reproduce.tables.table import to_markdown
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text


class GridResults:
    """The trainings of a grid that have ended, and the table of them.

    `OUT/CELLS/` holds a run folder for each training, `OUT/NAME.csv` a line for
    each and `OUT/NAME.md` the table. A line of a CSV file in `OUT` counts where
    there is no run folder, and if it is another grid's: it says by a digest
    what recipe it was trained by.

    Args:
        grid: A `Grid`.
        out: The folder `OUT`; it need not be there yet.
        methods: Names of the methods that are wanted; those that they take
            values from are tuned as well. The table has all that there is.
            Defaults to `None`, all.
        rows: Names of the rows that are wanted. Defaults to `None`, all.

    Attributes:
        total: How many trainings are wanted.
        measured: From the name of each training that has ended to what was
            measured.
        failed: From the name of each that failed to the reason.

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
        while self._look():  # a choice that is made names more trainings
            pass

    def file(self, suffix):
        """Returns the path of one of the files that the grid leaves."""
        return self.out / f"{self.grid.name}{suffix}"

    def cells(self):
        """Returns the `Cell`s that can be named by now."""
        accuracies = {
            name: measured["val_accuracy"]
            for name, measured in self.measured.items()
        }
        return plan(self.grid, accuracies | dict.fromkeys(self.failed))

    def wanted(self):
        """Returns those of the cells that are wanted."""
        return [
            cell
            for cell in self.cells()
            if cell.row in self.wanted_rows
            and cell.seed in self.seeds.get(cell.method, ())
        ]

    def measured_cells(self):
        """Returns those of the wanted cells that have been trained."""
        return [cell for cell in self.wanted() if cell.name in self.measured]

    def missing(self):
        """Returns those of the wanted cells that are still to be trained."""
        wanted = self.wanted()
        missing = {c.name for c in wanted if not self.is_settled(c)}
        # A teacher of which only the record is left, and this one's own.
        for cell in reversed(wanted):
            is_taught = cell.name in missing and cell.needs in self.measured
            can_be = cell.needs not in self.failed
            if is_taught and can_be and not self.is_ready(cell):
                missing.add(cell.needs)
        return [cell for cell in wanted if cell.name in missing]

    def is_settled(self, cell):
        """Returns whether a training has ended or failed."""
        return cell.name in self.measured or cell.name in self.failed

    def is_ready(self, cell):
        """Returns whether a training can begin, as its teacher has ended."""
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
        """Takes in what a training has left, if it has ended."""
        run = self.run(cell)
        try:
            check_folder(run, cell, self.grid)
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
        """Writes the CSV file and the table.

        Lines of other trainings that the CSV file has stay in it: of seeds
        that are not wanted now, or of values that are not tried.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = self.rows()
        table = to_markdown(self.summaries(), self.grid, self._remarks(rows))
        others = lines_beside(rows, _text(self.file(".csv")))
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
        """What the CSV files say, of these trainings and of other grids'."""
        recorded, elsewhere = {}, {}
        for file in sorted(self.out.glob("*.csv")):
            own = file.stem in (self.grid.cells, self.grid.name)
            (recorded if own else elsewhere).update(from_csv(_text(file)))
        return recorded, elsewhere

    def _recorded(self, cell):
        """The line of a training, of another grid if it surely is the same.

        It may not be where a teacher is another grid's, or where `{data}`
        alone, which does not tell one set of pictures from another, is the
        place of the pictures.
        """
        digest = cell.digest(self.grid)
        needs_data_folder = cell.place(self.grid, "") and not cell.needs
        elsewhere = self.elsewhere.get(digest) if needs_data_folder else None
        return self.recorded.get(digest, elsewhere)

    def _look(self):
        known = len(self.measured) + len(self.failed)
        for cell in self.cells():
            if not self.is_settled(cell):
                self.read_run(cell)
        return len(self.measured) + len(self.failed) > known


def _text(file):
    """Of a file that need not be there, nor be ours."""
    if not file.exists():
        return ""
    return file.read_text(encoding="utf-8", errors="replace")
