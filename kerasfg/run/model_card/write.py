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
        that is not ours. `None` for a run that trained nothing, and where
        there is no card for a reason that a notice tells: what was done before
        is not lost by it.
    """
    if not folder.model.is_file():
        return None
    written = _write(lambda: facts_of_run(folder), folder.path)
    if (folder.export / MANIFEST).is_file():
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
    return _write(lambda: facts_of_export(path, folder), Path(path))


def own_card(path):
    """Returns the path of the card that kerasfg may write in a folder.

    Returns:
        `Path`, or `None` if both files are the user's.
    """
    cards = (Path(path) / name for name in (CARD, BESIDE))
    return next((card for card in cards if _is_free(card)), None)


def _write(read_facts, path):
    card = own_card(path)
    if card is None:
        tell(f"{CARD} and {BESIDE} in {path} are yours, and stay as they are.")
        return None
    try:
        write_text(card, card_text(read_facts()))
    except (OSError, ValueError) as error:
        tell(f"The model card of {path} was not written: {error}")
        return None
    if card.name == BESIDE:
        tell(
            f"{path / CARD} is yours and stays: the model card is in {BESIDE} "
            "beside it."
        )
    return card


def _is_free(card):
    return not os.path.lexists(card) or (
        not card.is_symlink() and _is_ours(card)
    )


def _is_ours(card):
    """Whether our line follows the metadata, where we write it."""
    try:
        contents = read_given(card, "A model card")
    except (OSError, ValueError):  # a folder, a pipe, a huge file
        return False
    lines = contents.replace(b"\r\n", b"\n")
    text = lines.partition(b"\n---\n")[2]
    return text.lstrip(b"\n").startswith(MARKER.encode() + b"\n")
