"""Reads attribute tables from CSV files and interprets their values."""

import re

from kerasfg.data.table_text import table_lines

NO_YES = ("no", "yes")
_UNKNOWN = ("", "na", "n/a", "?", "unknown")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}\s*%?")
_WORDS = {"no": 0, "yes": 1, "false": 0, "true": 1}


def read_cells(filepath):
    """Reads a table in the long or the wide form.

    Args:
        filepath: Path of a CSV file whose first line names the columns.

    Returns:
        List of tuples of str: place in the file, class, attribute, value.

    Raises:
        ValueError: If the file is not a table in one of the two forms.
    """
    lines = [
        (f"Line {number}", [cell.strip() for cell in line])
        for number, line in table_lines(filepath, "A table of attributes")
        if any(cell.strip() for cell in line)
    ]
    header = lines[0][1] if lines else []
    plain = [name.casefold() for name in header]
    if plain.count("class") != 1 or len(header) < 2 or "" in header:
        raise ValueError(
            f"The first line of {filepath} must name the columns class, "
            "attribute and value, or class and the attributes. "
            f"Received: {','.join(header)!r}"
        )
    for where, line in lines[1:]:
        if len(line) != len(header):
            raise ValueError(
                f"{where} of {filepath} must have {len(header)} cells, like "
                f"the first line. Received: {','.join(line)!r}"
            )
    if {"attribute", "class", "value"} <= set(plain):
        cells = _long(lines[1:], plain)
    else:
        cells = _wide(lines[1:], header, plain.index("class"))
    for where, class_name, attribute, _ in cells:
        if not class_name or not attribute:
            raise ValueError(
                f"{where} of {filepath} must name a class and an attribute."
            )
    return cells


def _long(lines, columns):
    order = [columns.index(name) for name in ("class", "attribute", "value")]
    return [(where, *(line[i] for i in order)) for where, line in lines]


def _wide(lines, header, class_column):
    return [
        (where, line[class_column], header[i], text)
        for where, line in lines
        for i, text in enumerate(line)
        if i != class_column
    ]


def parse_values(attribute, column, threshold=None):
    """Turns the texts of one attribute into indices of named values.

    Args:
        attribute: Name of the attribute, for error messages.
        column: Dictionary from class to text.
        threshold: Numbers at or above it mean yes. Defaults to `None`.

    Returns:
        Tuple of a dictionary from class to index (-1 for unknown) and the
        tuple of value names.

    Raises:
        ValueError: If numbers and words are mixed, numbers need a threshold
            and none is given, or they can be read in two ways.
    """
    known = {name: text for name, text in column.items() if not _empty(text)}
    numbers = {
        name: _number(text)
        for name, text in known.items()
        if _number(text) is not None
    }
    if not numbers:
        indices, names = _categories(known)
    elif len(numbers) == len(known):
        _check_spelling(attribute, list(known.values()), threshold)
        indices, names = _from_numbers(attribute, numbers, threshold)
    else:
        words = sorted({known[name] for name in known.keys() - numbers.keys()})
        raise ValueError(
            f"The attribute {attribute!r} must have numbers or words, not "
            f"both. Received: words={words[:3]}, "
            f"number={known[next(iter(numbers))]!r}"
        )
    return {name: indices.get(name, -1) for name in column}, names


def _number(text):
    """Returns a number, also of a decimal comma or a percentage, or `None`."""
    try:
        if text.endswith("%"):
            return float(text[:-1].replace(",", ".")) / 100
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _empty(text):
    if text.casefold() in _UNKNOWN:
        return True
    number = _number(text)
    return number is not None and (
        number != number or (number == -1 and "%" not in text)
    )


def _check_spelling(attribute, texts, threshold):
    """Refuses numbers that can be read in two ways."""
    commas = [text for text in texts if "," in text]
    points = [text for text in texts if "." in text]
    percent = [text for text in texts if text.endswith("%")]
    plain = [text for text in texts if not text.endswith("%")]
    if commas and points:
        rule = "have a decimal comma or a decimal point, not both"
        received = f"values={[commas[0], points[0]]}"
    elif commas and all(map(_THOUSANDS.fullmatch, commas)):
        rule = (
            "have a comma only before decimals: write 1200 or 1.2, since 1,200 "
            "could be either"
        )
        received = f"values={commas[:3]}"
    elif percent and plain:
        rule = "all have a percent sign, or none"
        received = f"values={[percent[0], plain[0]]}"
    elif percent and threshold is not None and threshold > 1:
        rule = (
            "have a threshold from 0 to 1 where they are percentages: 40 % is "
            "0.4"
        )
        received = f"threshold={threshold:g}"
    else:
        return
    raise ValueError(
        f"The numbers of the attribute {attribute!r} must {rule}. Received: "
        f"{received}"
    )


def _categories(texts):
    words = {name: _WORDS.get(text.casefold()) for name, text in texts.items()}
    if texts and None not in words.values():
        return words, NO_YES
    spelled = {}  # one spelling for words that differ only in case
    for text in sorted(texts.values(), reverse=True):
        spelled[text.casefold()] = text
    words = sorted(spelled)
    names = tuple(spelled[word] for word in words) or NO_YES
    return {
        name: words.index(text.casefold()) for name, text in texts.items()
    }, names


def _from_numbers(attribute, numbers, threshold):
    distinct = sorted(set(numbers.values()))
    if set(distinct) <= {0.0, 1.0}:
        return {name: int(number) for name, number in numbers.items()}, NO_YES
    if threshold is not None:
        names = (f"below {threshold:g}", f"{threshold:g} or more")
    elif 0 <= distinct[0] and distinct[-1] <= 1:
        threshold, names = 0.5, NO_YES
    elif _are_category_numbers(distinct):
        names = tuple(f"{number:g}" for number in distinct)
        order = {number: i for i, number in enumerate(distinct)}
        return {name: order[number] for name, number in numbers.items()}, names
    else:
        raise ValueError(
            f"The attribute {attribute!r} has numbers from {distinct[0]:g} to "
            f"{distinct[-1]:g}: set `threshold` to the smallest that means "
            "yes, or write categories as words. Received: threshold=None"
        )
    indices = {name: int(n >= threshold) for name, n in numbers.items()}
    return indices, names


def _are_category_numbers(distinct):
    """Returns whether sorted numbers start at 0 or 1 and have no gap."""
    first = distinct[0]
    return first in (0.0, 1.0) and distinct == [
        first + i for i in range(len(distinct))
    ]
