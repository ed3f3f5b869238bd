"""Where kerasfg keeps what it would otherwise make again."""

import os
import pathlib

import platformdirs


def cache_folder(cache_dir=None):
    """Finds the folder for everything that kerasfg keeps between runs.

    Args:
        cache_dir: Folder, or `None` for the environment variable
            `KERASFG_CACHE` or else the user's cache folder. Defaults to
            `None`.

    Returns:
        `pathlib.Path`, which need not exist.
    """
    chosen = cache_dir or os.environ.get("KERASFG_CACHE")
    return pathlib.Path(chosen or platformdirs.user_cache_dir("kerasfg"))
