"""`kerasfg phone`."""

import contextlib
import dataclasses
import sys
from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import Json
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.text import visible


@app.command(
    epilog="Example: `kerasfg phone run/export --out app --serve --https`"
)
def phone(
    exports: Annotated[
        list[Path],
        typer.Argument(help="Export folders; the app lists their models."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    variant: Annotated[
        str | None,
        typer.Option(
            metavar="<name>",
            help="float32, float16, int8, ... Default: the one that the "
            "export recommends.",
        ),
    ] = None,
    engine: Annotated[
        Literal["litert", "onnxruntime"],
        typer.Option(
            help="Runtime: litert for a .tflite file, onnxruntime for an .onnx."
        ),
    ] = "litert",
    title: Annotated[
        str | None,
        typer.Option(
            metavar="<text>",
            help="Title of the app. Default: the name of its model, or of the "
            "pictures that it was trained on.",
        ),
    ] = None,
    icon: Annotated[
        Path | None,
        typer.Option(
            metavar="<picture>",
            help="Its icon: any picture, cut to a square. Default: a flower "
            "that is drawn from the title.",
        ),
    ] = None,
    accent: Annotated[
        str | None,
        typer.Option(
            metavar="<colour>",
            help='Colour of buttons and links, such as "#22aa66"; made darker '
            "or lighter until it is readable in light and dark mode.",
        ),
    ] = None,
    examples: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<place>",
            help="Put one small picture of each class into the app, where "
            "everybody can see it: from a run folder's validation pictures, or "
            "from pictures by class as `--data` of `kerasfg train` takes them; "
            "may be repeated.",
        ),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>",
            help="Names of classes in other languages: a CSV file of class, "
            "language (such as de) and name.",
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve it on this machine.")
    ] = False,
    https: Annotated[
        bool,
        typer.Option(
            "--https",
            help="With --serve: serve phones in the same network, with a "
            "certificate that they have to accept.",
        ),
    ] = False,
    threads: Annotated[
        bool,
        typer.Option(
            "--threads", help="With --serve: let the app use several threads."
        ),
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="Port for --serve; 0: any free one."
        ),
    ] = 8000,
    as_json: Json = False,
):
    """Write the app for the phone, a folder for any static web host."""
    for name, given in (("--https", https), ("--threads", threads)):
        if given and not serve:
            raise typer.BadParameter(
                "it changes how the app is served: add --serve",
                param_hint=name,
            )
    register_bare_package()
    from kerasfg.export.app.phone_app import phone_app

    result = phone_app(
        exports,
        out,
        variant,
        engine,
        title=title,
        icon=icon,
        accent=accent,
        examples=_examples(examples),
        names=_names(names),
    )
    _print_result(result, out, as_json)
    if serve:
        _serve(out, port, https, threads)


def _examples(places):
    if not places:
        return None
    from kerasfg.config.names import arguments_named
    from kerasfg.run.app_inputs.example_pictures import ExamplePictures

    with arguments_named(directory="examples", data="examples"):
        return ExamplePictures(places)


def _names(filepath):
    if filepath is None:
        return None
    from kerasfg.run.app_inputs.class_names_file import read_class_names

    return read_class_names(filepath)


def _print_result(result, out, as_json):
    if as_json:
        models = [dataclasses.asdict(model) for model in result["models"]]
        print_json({**result, "models": models})
        return
    lines = [f"The app is called {result['title']!r} (--title changes it)."]
    for model in result["models"]:
        lines.append(f"Its model {model.name!r} is {model.file}.")
    for line in lines:
        console.print(visible(line), markup=False, soft_wrap=True)
    print_place("The app is in", out)
    console.print(
        f"Its size is {result['bytes'] / 1e6:.1f} MB. Put it on any HTTPS host "
        "to install it on a phone.",
        soft_wrap=True,
    )


def _serve(folder, port, https, threads):
    from kerasfg.export.app.server import PhoneServer

    with PhoneServer(folder, port, https, threads) as server:
        for address in server.addresses:
            error_console.print(f"Serving at [bold]{address}[/bold]")
        if https:
            _show_way(server.addresses[0])
            error_console.print(
                "The phone warns about the certificate: accept it to use the "
                "camera. Installing the app and using it offline need a host "
                "with a trusted certificate."
            )
        else:
            error_console.print(
                "Only this machine can open it; --https is for a phone in the "
                "same network."
            )
        error_console.print("Press Ctrl-C to end.")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def _show_way(address):
    """Shows how a phone gets to an address."""
    if "//127." in address:
        error_console.print(
            "This machine is in no network that was found, so no phone can "
            "open it: join the phone's network, and start again."
        )
    else:
        _show_code(address)


def _show_code(address):
    """Shows an address as a QR code, for the phone's camera."""
    import segno

    if error_console.is_terminal:
        segno.make(address, error="l").terminal(sys.stderr, compact=True)
