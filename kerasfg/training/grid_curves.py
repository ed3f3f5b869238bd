"""How good each model of a grid is on pictures of other resolutions."""

from kerasfg.training.trained_run import TrainedRun


def measure_curves(results, data, console):
    """Evaluates the models of a grid at its `resolutions`, once each.

    Args:
        results: The `GridResults`, with all trainings ended.
        data: Where the pictures are now; `None` for where they were.
        console: `rich.console.Console` to tell the progress on.
    """
    wanted = results.grid.resolutions
    for cell in results.cells():
        measured = results.measured.get(cell.name)
        is_done = measured is None or {*wanted} <= {*measured["resolutions"]}
        has_model = results.run(cell).model.exists()
        if cell.final and has_model and not is_done:
            console.print(f"Testing {cell.name}", markup=False)
            run = TrainedRun(
                results.run(cell).path,
                data=cell.place(results.grid, data),
                verbose=False,
            )
            run.evaluate(resolutions=run.resolution_curve(wanted))
            results.look_at(cell)
