"""Uploads a run or an export to the Hugging Face Hub."""

from __future__ import annotations

import importlib.metadata
import os
from typing import Any

from kerasfg.folder_lock import check_unlocked
from kerasfg.hub.address import hub_address
from kerasfg.hub.bars import without_bars
from kerasfg.hub.errors import plain_errors
from kerasfg.run.push.files import files_to_push
from kerasfg.run.push.files import is_of_push
from kerasfg.status import status


def push(
    folder: str | os.PathLike[str],
    to: str,
    private: bool = False,
    examples: bool = False,
    dry_run: bool = False,
    verbose: bool = True,
) -> dict[str, Any]:
    """Uploads a run folder or an export folder as one commit.

    Pictures are not uploaded; see `kerasfg.run.push.files.files_to_push`. The
    model is created where there is none. Files of kerasfg that are there
    already, and not among those of the folder, are removed.

    Args:
        folder: A run folder or an export folder.
        to: `"hf://USER/NAME"`.
        private: Whether only you may see the model. Defaults to `False`.
        examples: Whether to upload the figures that show test pictures, too.
            Defaults to `False`.
        dry_run: Whether to upload nothing, and only say what would be.
            Defaults to `False`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        Dictionary: `to`, the address; `private`, whether the model is so there;
        `files`, a list of `name`, `bytes` and `note`; `bytes`, the sum; `url`
        of the commit, or `None`.

    Raises:
        ValueError: If the folder is neither or in use by a training, `to` is no
            address, you are not logged in, or the Hub cannot be reached.

    Example:

    ```python
    push("run/export", "hf://ann/birds", dry_run=True)
    ```
    """
    address = _checked(to)
    check_unlocked(folder)
    files = files_to_push(folder, address, examples)
    url = None
    if not dry_run:
        with (
            plain_errors(address),
            status(f"Uploading to {address}", verbose),
            without_bars(),
        ):
            url, private = _upload(address, files, private)
    return {
        "to": str(address),
        "private": private,
        "files": [
            {"name": x.name, "bytes": x.size, "note": x.note} for x in files
        ],
        "bytes": sum(file.size for file in files),
        "url": url,
    }


def _checked(to):
    address = hub_address(to, "to")
    if address is None or address.revision:
        raise ValueError(
            "A model is uploaded to hf://USER/NAME, without a revision. "
            f"Received: to={str(to)!r}"
        )
    return address


def _upload(address, files, private):
    from huggingface_hub import CommitOperationAdd
    from huggingface_hub import CommitOperationDelete
    from huggingface_hub import HfApi

    version = importlib.metadata.version("kerasfg")
    api = HfApi(library_name="kerasfg", library_version=version)
    _check_login(api)
    api.create_repo(address.repo, private=private or None, exist_ok=True)
    there = api.model_info(address.repo)
    if private and not there.private:
        raise ValueError(
            "The model is there already, and everybody can see it: make it "
            "private on its page, or name another one. "
            f"Received: private=True, to={str(address)!r}"
        )
    names = {file.name for file in files}
    found = {file.rfilename for file in there.siblings or ()}
    old = sorted(filter(is_of_push, found - names))
    done = api.create_commit(
        address.repo,
        [
            *(CommitOperationAdd(x.name, x.content) for x in files),
            *map(CommitOperationDelete, old),
        ],
        commit_message=f"Upload by kerasfg {version}",
    )
    return str(done.commit_url), bool(there.private)


def _check_login(api):
    from huggingface_hub import get_token
    from huggingface_hub.errors import LocalTokenNotFoundError

    if not (api.token or get_token()):
        raise LocalTokenNotFoundError
