"""The message of an error in one line."""


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
