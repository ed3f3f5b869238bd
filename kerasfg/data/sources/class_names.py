"""Checks the names of classes."""

import unicodedata

# Unicode categories that class names must not have: control characters, bytes
# that are not UTF-8, line and paragraph separators.
_NO_TEXT = {"Cc", "Cs", "Zl", "Zp"}


def class_name_of(given):
    """Returns the name of a class as it is kept everywhere.

    File systems store accented letters in different ways, and blanks at the
    ends of a name are invisible.

    Args:
        given: Name of a folder, or a label in a list.

    Example:

    >>> class_name_of(" wren")
    'wren'
    """
    return unicodedata.normalize("NFC", given).strip(" ")


def check_class_names(given, received, what="folder"):
    """Checks that class names are text, and look different.

    Args:
        given: Names of folders, or labels, as they are written.
        received: End of an error's message, "Received: ...".
        what: `"folder"` or `"label"`. Defaults to `"folder"`.

    Raises:
        ValueError: If one is not a line of text, or two are hard to
            distinguish.
    """
    spelled = {}  # by how they look
    for name in given:
        if not class_name_of(name) or any(
            unicodedata.category(char) in _NO_TEXT for char in name
        ):
            if what == "label" and any(map(_is_byte, name)):
                shown = name.encode("utf-8", "replace").decode()
                raise ValueError(
                    "A list must be text in UTF-8: save it as UTF-8, which "
                    "Excel calls CSV UTF-8. "
                    f"{received}, with the label {shown!r}"
                )
            raise ValueError(
                "The name of a class must be one line of UTF-8 text without "
                f"control characters. Rename the {what} {name!r}. {received}"
            )
        key = class_name_of(name).casefold()
        other = spelled.setdefault(key, name)
        same = what == "label" and class_name_of(other) == class_name_of(name)
        if other != name and not same:
            raise ValueError(
                f"The classes {other!r} and {name!r} differ only in upper and "
                "lower case, in blanks at their ends or in how accents are "
                f"stored. Rename or merge them. {received}"
            )


def _is_byte(char):
    return unicodedata.category(char) == "Cs"
