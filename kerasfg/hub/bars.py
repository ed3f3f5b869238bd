"""Hides the progress bars of huggingface_hub, beside which ours runs."""

import contextlib


@contextlib.contextmanager
def without_bars():
    """Hides the bars inside a `with`, and shows them again if they were."""
    from huggingface_hub import utils

    hidden = utils.are_progress_bars_disabled()
    utils.disable_progress_bars()
    try:
        yield
    finally:
        if not hidden:
            utils.enable_progress_bars()
