"""The command line: each command parses, calls one function and prints.

kerasfg is imported inside the commands, so that `--help` and a mistyped option
answer at once: importing Keras and TensorFlow takes seconds.
"""

import importlib

from kerasfg_cli.app import app
from kerasfg_cli.app import main

__all__ = ["app", "main"]

# Each adds its commands; `kerasfg --help` lists them in this order.
_NAMES = (
    "inspect train evaluate compare predict distance export phone push "
    "reproduce demo"
)
for _name in _NAMES.split():
    importlib.import_module(f"kerasfg_cli.{_name}")
