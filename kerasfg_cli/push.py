"""`kerasfg push`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.options import Json
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.text import visible


@app.command(epilog="Example: `kerasfg push run --to hf://ann/birds`")
def push(
    folder: Annotated[
        Path,
        typer.Argument(help="Run folder of a training, or export folder."),
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar="<address>",
            help="Model on the Hugging Face Hub, as hf://USER/NAME; it is "
            "created if it does not exist.",
        ),
    ],
    private: Annotated[
        bool, typer.Option("--private", help="Make it visible only to you.")
    ] = False,
    examples: Annotated[
        bool,
        typer.Option(
            "--examples",
            help="Also upload the figures that show test pictures.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only list what would be uploaded."),
    ] = False,
    as_json: Json = False,
):
    """Upload a model and its card to the Hugging Face Hub, without pictures."""
    register_bare_package()
    from kerasfg.run.push import push

    done = push(folder, to, private, examples, dry_run, not as_json)
    if as_json:
        print_json(done)
        return
    for file in done["files"]:
        note = f"  ({file['note']})" if file["note"] else ""
        line = f"{_size(file['bytes']):>9}  {file['name']}{note}"
        console.print(visible(line), markup=False, soft_wrap=True)
    console.print(visible(_summary(done)), markup=False, soft_wrap=True)


def _summary(done):
    who = "Only you" if done["private"] else "Everybody"
    what = f"{len(done['files'])} files, {_size(done['bytes'])}"
    if done["url"]:
        return f"{what}, are at {done['to']}: {done['url']}. {who} can see it."
    unless = "" if done["private"] else ", unless it is there and private"
    return f"{what}, would go to {done['to']}. {who} could see it{unless}."


def _size(count):
    for unit in ("bytes", "KB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} MB"
