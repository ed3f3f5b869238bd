"""Finds files for microcontrollers that are too large for many boards."""

# What a board with 512 KB of memory has left after a frame of the camera,
# and what its flash has left after the program.
MEMORY, FLASH = 400_000, 1_000_000


def too_large_for_boards(entries):
    """Names the files that many microcontrollers have no room for.

    Args:
        entries: `{file name: entry}`, `files` of `kerasfg.json`.

    Returns:
        List of sentences, one for each such file that is for
        microcontrollers.

    Example:

    >>> too_large_for_boards({"a": {"arena_bytes": 95712, "bytes": 320080}})
    []
    """
    return [
        f"{name} needs {entry['arena_bytes']:,} bytes of memory while it runs, "
        f"and {entry['bytes']:,} bytes of flash: too much for boards with "
        "512 KB of memory or 1 MB of flash. At 32 pixels `--effort quick "
        "--backbone mobilenet_v1_025` needs about 96 KB and 320 KB."
        for name, entry in entries.items()
        if entry.get("arena_bytes") is not None
        and (entry["arena_bytes"] > MEMORY or entry["bytes"] > FLASH)
    ]
