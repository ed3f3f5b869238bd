"""`kerasfg predict --out`: a table of any number of pictures."""

import dataclasses

import typer

from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import print_json
from kerasfg_cli.text import visible

_INTERRUPTED = 130  # as shells report Ctrl-C
_HAS_ERROR = (".csv", ".parquet")  # a column of that name


def watch_folders(predictor, model, table):
    """Classifies pictures added to folders, a line each, until Ctrl-C."""
    from kerasfg.run.many_pictures.watch import watch_pictures

    error_console.print("Watching. Press Ctrl-C to end.")

    def show(rows):
        for row in rows:
            if table.as_json:
                print_json(row, indent=None)
            else:
                console.print(visible(_line(row)), markup=False, soft_wrap=True)

    done = watch_pictures(
        predictor,
        model,
        table.pictures,
        table.out,
        show,
        table.top,
        table.coverage,
    )
    if not table.as_json:
        _print(done, table.out)


def _line(row):
    from kerasfg.evaluation.answer import describe

    answer = {"file": row["path"], **row}
    answer.pop("set", None)  # only its names
    if "class" in row:
        answer["top"] = [(row["class"], row["probability"])]
    return describe(answer)


def write_table(predictor, model, table, engine=None):
    """Classifies pictures into a table, and prints what was done."""
    from kerasfg.data.sources.boxes import MARGIN
    from kerasfg.run.many_pictures.classify import classify_pictures
    from kerasfg.run.many_pictures.detections import classify_detections
    from kerasfg.run.many_pictures.survey import read_survey

    if table.is_detections:
        done = classify_detections(
            predictor,
            model,
            table.pictures[0],
            table.out,
            table.top,
            MARGIN if table.box_margin is None else table.box_margin,
            not table.as_json,
        )
    else:
        done = classify_pictures(
            predictor,
            model,
            table.pictures,
            table.out,
            table.top,
            table.coverage,
            not table.as_json,
            table.sort_into,
            by_burst=table.by == "burst",
            survey=None if table.survey is None else read_survey(table.survey),
            engine=engine,
        )
    if table.as_json:
        print_json({"out": str(table.out), **dataclasses.asdict(done)})
    else:
        _print(done, table.out)
    if not done.finished:
        raise typer.Exit(_INTERRUPTED)


def _print(done, out):
    parts = [f"{done.pictures:,} pictures"]
    if done.before:
        parts.append(f"{done.before:,} of them from before")
    if done.failed:
        why = " (`error` in the table says why)" * (out.suffix in _HAS_ERROR)
        parts.append(f"{done.failed:,} could not be read{why}")
    console.print(visible(f"{', '.join(parts)}."), highlight=False)
    for kind, count in sorted(done.left_out.items()):
        console.print(visible(f"Left out: {count:,} {kind}."), highlight=False)
    print_place("The results are in", out)
    if not done.finished:
        console.print(
            "It is not complete: run the same command to continue.",
            soft_wrap=True,
        )
