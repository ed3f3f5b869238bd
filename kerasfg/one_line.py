"""Short texts for messages: an error in one line, a few of many names."""


def one_line(error, length=300):
    """Returns the message of an error in one line.

    Args:
        error: The exception.
        length: Most characters; a longer message is cut. Defaults to `300`.

    Returns:
        The message, or the name of the exception's type if it has none.

    Example:

    >>> one_line(ValueError("Not   found."))
    'Not found.'
    """
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= length else f"{text[:length]} …"


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
