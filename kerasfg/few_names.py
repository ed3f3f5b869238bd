"""Names of classes in a message, a few of many."""


def few_names(names, beside=(), most=20):
    """Returns the names as Python writes them, or a few where they are many.

    Args:
        names: List or tuple of strings.
        beside: Names that these are compared with: those that are not among
            them come first where names are left out. Defaults to `()`.
        most: Most names. Defaults to `20`.

    Returns:
        String.

    Example:

    >>> few_names(["a", "b"])
    "['a', 'b']"
    >>> few_names(["a", "b", "c", "d"], beside=["a", "b", "c"], most=2)
    "['d', 'a'] and 2 more"
    """
    if len(names) <= most:
        return repr(names)
    known = set(beside)
    first = sorted(names, key=known.__contains__)[:most]
    shown = tuple(first) if isinstance(names, tuple) else first
    return f"{shown!r} and {len(names) - most:,} more"
