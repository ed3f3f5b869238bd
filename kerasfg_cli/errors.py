"""Errors of the package with the options as they are typed."""

import sys

from typer.core import TyperGroup

from kerasfg_cli.signals import Terminated
from kerasfg_cli.signals import end_by


class Commands(TyperGroup):
    """Renames arguments in errors to the options that the user typed.

    `batch_size=0` becomes `--batch-size=0`. A command's parameters have the
    names of the arguments of the function that it calls.
    """

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except Terminated as terminated:  # typer would make it Ctrl-C
            end_by(terminated.number)
        except EOFError as error:  # typer takes it for the end of the input
            raise OSError(f"A file ends too early: {error}") from error
        except RuntimeError as error:
            if not _is_halted(error):
                raise
            raise OSError(str(error)) from error
        except ValueError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand)
            message = _with_flags_of(command, ctx, str(error))
            raise ValueError(message) from error


def _is_halted(error):
    """Whether servers, or the disk for their files, halted what was done."""
    # Not imported here: typer ends by a RuntimeError, too.
    module = sys.modules.get("kerasfg.data.remote.errors")
    return module is not None and isinstance(error, module.Halted)


def _with_flags_of(command, ctx, message):
    from kerasfg_cli.options import register_bare_package

    register_bare_package()
    from kerasfg.config.names import renamed

    flags = {
        parameter.name: parameter.opts[0]
        for parameter in command.get_params(ctx)
        if parameter.opts[0].startswith("--")
    }
    return renamed(message, getattr(command, "file_names", {}) | flags)
