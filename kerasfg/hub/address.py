"""The address of a model on the Hub: `hf://USER/NAME` or `…@REVISION`."""

import dataclasses
import os
import re

# A `pathlib.Path` makes one slash of two.
_PREFIX = re.compile(r"hf:/{1,2}")
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
_ADDRESS = re.compile(
    rf"(?P<repo>{_PART}/{_PART})(?:@(?P<revision>\w[\w./-]{{0,199}}))?"
)


@dataclasses.dataclass(frozen=True)
class HubAddress:
    """A model on the Hub.

    Attributes:
        repo: `"USER/NAME"`.
        revision: Branch, tag or commit. Defaults to `None`: the newest.
    """

    repo: str
    revision: str | None = None

    @property
    def name(self):
        """The name without the user."""
        return self.repo.rpartition("/")[2]

    def __str__(self):
        at = f"@{self.revision}" if self.revision else ""
        return f"hf://{self.repo}{at}"


def check_local(place, name):
    """Raises `ValueError` for an address, where a folder is to be written."""
    if hub_address(place, name):
        raise ValueError(
            "Files are written to a folder of this computer: name one, and "
            "then upload it by `kerasfg push`. "
            f"Received: {name}={str(hub_address(place, name))!r}"
        )


def hub_address(place, name="model"):
    """Returns the address that a text or path is, or `None` if it is none.

    Args:
        place: A string or path. One that exists on this computer is none.
        name: Argument that it was given as, for the message. Defaults to
            `"model"`.

    Returns:
        A `HubAddress`, or `None`.

    Raises:
        ValueError: If it begins with `hf://`, but names no model.

    Example:

    >>> hub_address("hf://ann/birds@v2")
    HubAddress(repo='ann/birds', revision='v2')
    >>> hub_address("runs/birds")
    """
    text = os.fspath(place)
    prefix = _PREFIX.match(text)
    if not prefix or os.path.lexists(text):
        return None
    found = _ADDRESS.fullmatch(text[prefix.end() :])
    if not found or ".." in text or "--" in found["repo"]:
        raise ValueError(
            "A model on the Hub is named hf://USER/NAME, or "
            "hf://USER/NAME@REVISION: letters, digits, '-', '_' and '.'. "
            f"Received: {name}={text!r}"
        )
    return HubAddress(found["repo"], found["revision"])
