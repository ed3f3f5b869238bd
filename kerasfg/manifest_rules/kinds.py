"""Kinds of values that were parsed from JSON, whoever wrote it."""

import sys


def is_text(value):
    return isinstance(value, str)


def is_unicode(text):
    """Returns whether a text can be written as UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def is_name(value):
    return is_text(value) and bool(value) and is_unicode(value)


def is_number(value):
    # An integer may be too large for a float; NaN is in no range.
    largest = sys.float_info.max
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and -largest <= value <= largest


def is_share(value):
    return is_number(value) and 0 <= value <= 1


def is_whole(value, least, most):
    return type(value) is int and least <= value <= most
