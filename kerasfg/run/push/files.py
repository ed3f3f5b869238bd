"""Which files of a run or export are uploaded."""

from __future__ import annotations

import dataclasses
import fnmatch
from pathlib import Path

from kerasfg.config.recipe import Recipe
from kerasfg.config.without_paths import without_paths
from kerasfg.given_file import read_given_text
from kerasfg.manifest import LABELS
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest
from kerasfg.run.model_card.facts import REPORT
from kerasfg.run.model_card.facts import Facts
from kerasfg.run.model_card.facts import facts_of_run
from kerasfg.run.model_card.facts import read_export_report
from kerasfg.run.model_card.files import OF_FOLDER
from kerasfg.run.model_card.files import command
from kerasfg.run.model_card.text import card_text
from kerasfg.run.model_card.write import BESIDE
from kerasfg.run.model_card.write import CARD
from kerasfg.run.model_card.write import own_card
from kerasfg.run.push.picture_names import splits_to_share
from kerasfg.run.push.without_optimizer import without_optimizer
from kerasfg.run.run_folder import RunFolder

_RECIPE = "recipe.toml"
_OF_RUN = (
    MANIFEST,
    LABELS,
    REPORT,
    "splits.csv",
    "decisions.csv",
    "history.csv",
    "familiarity.npz",
    "confusion.png",
    "history.png",
    "reliability.png",
    "resolutions.png",
)
# They name pictures, perhaps by paths of this computer.
_NAMING = ("splits.csv", "decisions.csv")
_HIDDEN = "without the names of pictures that are paths"
# They show pictures.
_EXAMPLES = ("attention.png", "mistakes.png")
_OF_EXPORT = (MANIFEST, LABELS, REPORT, "report.md")
_MICRO = "model_micro.*"  # also as a C array
# What an earlier upload may have left on the Hub.
_EARLIER = (
    *(*_OF_RUN, *_EXAMPLES, *_OF_EXPORT, _RECIPE, CARD, BESIDE, _MICRO),
    *("model.keras", "model*.onnx", "model*.tflite"),
)


@dataclasses.dataclass(frozen=True)
class PushedFile:
    """A file to upload.

    Attributes:
        name: Its name on the Hub.
        content: Its `Path`, or its bytes where they are made for the Hub.
        note: What to know of it, a few words, or `""`.
    """

    name: str
    content: Path | bytes
    note: str = ""

    @property
    def size(self):
        """In bytes."""
        if isinstance(self.content, bytes):
            return len(self.content)
        return self.content.stat().st_size


def files_to_push(path, address, examples=False):
    """Returns the files of a folder that are uploaded.

    Not among them: pictures, paths of this computer, a teacher, checkpoints,
    logs.

    Args:
        path: A run folder or an export folder.
        address: `HubAddress` to name in the model card.
        examples: Whether to upload the figures that show test pictures, too.
            Defaults to `False`.

    Returns:
        List of `PushedFile`.

    Raises:
        ValueError: If it is neither, or not finished.
    """
    path = Path(path)
    if (path / _RECIPE).is_file():
        files = _of_run(path, address, examples)
    else:
        files = _of_export(path, address)
    return sorted(files, key=lambda file: file.name)


def is_of_push(name):
    """Returns whether a file on the Hub is by its name one of ours.

    Args:
        name: Its path there.
    """
    return "/" not in name and any(
        fnmatch.fnmatchcase(name, pattern) for pattern in _EARLIER
    )


def _of_run(path, address, examples):
    folder = RunFolder(path)
    folder.check_trained()
    facts = facts_of_run(folder)
    facts = dataclasses.replace(facts, exported=None)  # they stay here
    recipe = folder.movable(folder.read_recipe())
    splits = splits_to_share(folder.splits)
    names = [*_OF_RUN, *(_EXAMPLES if examples else ())]
    if splits:
        recipe = recipe.with_options(leave_out="")
        names = [x for x in names if x not in _NAMING]
    shared = Recipe.from_values(without_paths(recipe)).to_toml()
    model = _pushed(folder.model).content
    return [
        *_there(path, names),
        PushedFile(
            folder.model.name, without_optimizer(model), "without optimizer"
        ),
        PushedFile(_RECIPE, shared.encode(), "without paths"),
        *([PushedFile(folder.splits.name, splits, _HIDDEN)] if splits else ()),
        *_cards(path, card_text(facts, str(address))),
    ]


def _of_export(path, address):
    manifest = read_manifest(path)
    if manifest is None or not manifest["files"]:
        raise ValueError(
            "What is uploaded must be a run folder that `kerasfg train` "
            "finished, or a folder that `kerasfg export` wrote. "
            f"Received: folder={str(path)!r}"
        )
    missing = [x for x in manifest["files"] if not (path / x).is_file()]
    if missing:
        raise ValueError(
            f"The files that {MANIFEST} names must be there: export again. "
            f"Received: no {', '.join(missing)} in {str(path)!r}"
        )
    names = [x.name for x in path.glob(_MICRO)] if _has_micro(manifest) else ()
    return [
        *_there(path, (*manifest["files"], *names, *_OF_EXPORT)),
        *_cards(path, _export_card(path, manifest, address)),
    ]


def _has_micro(manifest):
    return any(name.startswith("model_micro.") for name in manifest["files"])


def _export_card(path, manifest, address):
    """The card that the export wrote, with the address in its command."""
    card = own_card(path)
    if card and card.is_file():
        text = read_given_text(card, "A model card").replace(OF_FOLDER, "")
        return text.replace(command(), command(str(address)))
    facts = Facts(manifest, True, exported=read_export_report(path))
    return card_text(facts, str(address))


def _there(path, names):
    notes = {"splits.csv": "names of your pictures", "decisions.csv": "names"}
    notes |= dict.fromkeys(_EXAMPLES, "shows test pictures")
    there = [x for x in dict.fromkeys(names) if (path / x).is_file()]
    return [_pushed(path / name, notes.get(name, "")) for name in there]


def _pushed(file, note=""):
    if file.is_symlink():
        raise ValueError(
            "A file to upload must not be a link, which may lead to any file "
            f"of this computer: copy the file itself. Received: {str(file)!r}"
        )
    return PushedFile(file.name, file, note)


def _cards(path, text):
    """The card for the Hub, and the user's own README.md where there is one."""
    if own_card(path) == path / CARD or not (path / CARD).is_file():
        return [PushedFile(CARD, text.encode())]
    return [PushedFile(BESIDE, text.encode()), _pushed(path / CARD, "your own")]
