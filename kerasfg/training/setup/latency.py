"""Picks the network of a training that has a latency budget."""

import json

from kerasfg.config.latency.budget import read_budget
from kerasfg.config.latency.choice import choose
from kerasfg.config.latency.reference import reference_milliseconds
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.status import status
from kerasfg.training.setup.parts import print_line


def within_latency(recipe, processes=SINGLE_PROCESS, verbose=True):
    """Returns a recipe with the network that its `latency` allows.

    A line shows what was picked. For milliseconds, the reference is timed once
    on this machine or, with several processes, on the leader's.

    Args:
        recipe: A `Recipe`.
        processes: `Processes` that share the training. Defaults to
            `SINGLE_PROCESS`.
        verbose: Whether to print the line. Defaults to `True`.

    Returns:
        A `Recipe` with that network and without a `latency`; the same one if it
        has none.

    Raises:
        ValueError: See `kerasfg.config.latency.choice.choose`.
    """
    if not recipe.model.latency:
        return recipe
    options = {}
    if processes.is_leader:
        reference = None
        if read_budget(recipe.model.latency).in_milliseconds:
            text = "Timing EfficientNet-Lite0 at 224 pixels, once on a machine"
            with status(text, verbose):
                reference = reference_milliseconds()
        choice = choose(recipe, reference)
        print_line(choice.line, verbose)
        options = choice.options
    options = json.loads(processes.share(json.dumps(options).encode()))
    return recipe.with_options(**options)
