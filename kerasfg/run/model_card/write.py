"""Writes the model card of a run folder and of an export folder."""

import os
from pathlib import Path

from kerasfg.given_file import read_given
from kerasfg.manifest import MANIFEST
from kerasfg.notice import tell
from kerasfg.run.model_card.facts import facts_of_export
from kerasfg.run.model_card.facts import facts_of_run
from kerasfg.run.model_card.text import MARKER
from kerasfg.run.model_card.text import card_text
from kerasfg.run.run_folder import write_text

CARD = "README.md"
BESIDE = "MODEL_CARD.md"  # where a README.md of the user is kept


def write_run_card(folder):
    """Writes the card of a finished run, and of the export inside it.

    Args:
        folder: The `RunFolder`.

    Returns:
        Path of the card: `README.md`, or `MODEL_CARD.md` beside a `README.md`
        that is not ours. `None` for a run that trained nothing.
    """
    if not folder.model.is_file():
        return None
    written = _write(card_text(facts_of_run(folder)), folder.path)
    if (folder.export / MANIFEST).is_file() and folder.export.is_dir():
        write_export_card(folder.export, folder)
    return written


def write_export_card(path, folder=None):
    """Writes the card of an export.

    Args:
        path: The export folder.
        folder: `RunFolder` that it was made of. Defaults to `None`: a model of
            another kind.

    Returns:
        Path of the card, as of `write_run_card`.
    """
    return _write(card_text(facts_of_export(path, folder)), Path(path))


def own_card(path):
    """Returns the path of the card that kerasfg may write in a folder."""
    card = Path(path) / CARD
    if not os.path.lexists(card) or _is_ours(card):
        return card
    return card.with_name(BESIDE)


def _write(text, path):
    card = own_card(path)
    if card.name == BESIDE:
        tell(
            f"{path / CARD} is yours and stays: the model card is in {BESIDE} "
            "beside it."
        )
    write_text(card, text)
    return card


def _is_ours(card):
    if card.is_symlink():
        return False
    try:
        contents = read_given(card, "A model card")
    except (OSError, ValueError):  # a folder, a pipe, a huge file
        return False
    return MARKER.encode() in contents
