"""Errors of the package in the words of the command line."""

from typer.core import TyperGroup


class Commands(TyperGroup):
    """Names the options of a command in its errors as they are typed.

    `batch_size=0` becomes `--batch-size=0`. The names of a command's
    parameters are those of the arguments of the function that it calls.
    """

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except ValueError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand)
            message = _in_words_of(command, ctx, str(error))
            raise ValueError(message) from error


def _in_words_of(command, ctx, message):
    from kerasfg_cli.options import package_without_keras

    package_without_keras()
    from kerasfg.config.names import renamed

    flags = {
        parameter.name: parameter.opts[0]
        for parameter in command.get_params(ctx)
        if parameter.opts[0].startswith("--")
    }
    return renamed(message, getattr(command, "file_names", {}) | flags)
