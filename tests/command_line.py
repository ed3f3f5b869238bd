"""Runs the command line in a process of its own, as a user does."""

import subprocess
import sys


def kerasfg(*arguments, **options):
    """Runs the installed command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "kerasfg_cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        **options,
    )
