"""What was found, in lines for a terminal."""

from rich.text import Text

from kerasfg.evaluation.display import display_name
from kerasfg.evaluation.display import percent
from kerasfg.terminal_text import visible

_MOST = 5  # of a list
_LENGTH = 60  # of a name


def file_lines(facts):
    """Returns lines on all that needs no network.

    Args:
        facts: `Inspection.facts`.

    Returns:
        List of `rich.text.Text`.
    """
    classes, sizes = facts["classes"], facts["sizes"]
    counts = classes["counts"]
    lines = [
        _line("Pictures", f"{facts['pictures']:,} of {len(counts):,} classes"),
        _line("Classes", _range(counts, classes)),
        _line(
            "Subjects" if facts["boxes"] else "Sizes",
            f"from {_size(sizes['smallest'])} to {_size(sizes['largest'])} "
            f"pixels, median {_size(sizes['median'])}; {sizes['below']:,} "
            f"below {facts['image_size']} pixels",
        ),
        _line(
            "Copies",
            f"{len(facts['identical']):,} identical and {len(facts['near']):,} "
            f"near-identical pairs, {facts['in_two_classes']:,} of them in two "
            "classes",
        ),
    ]
    if facts["groups"] < facts["pictures"]:
        lines.append(_line("Groups", f"{facts['groups']:,}"))
    for words in facts["left_out_lines"]:
        lines.append(_line("Left out", _short(words, 300)))
    for title, key in (("Broken", "broken"), ("Odd", "odd")):
        lines += _listed(title, facts[key])
    for warning in classes["warnings"]:
        lines.append(_line("Warning", visible(warning), "bold yellow"))
    return lines


def label_lines(facts):
    """Returns lines on the labels.

    Args:
        facts: `Inspection.facts["labels"]`.

    Returns:
        List of `rich.text.Text`.
    """
    if not facts["checked"]:
        return [_line("Labels", facts["why"])]
    wrong = facts["likely_wrong"]
    return [
        _line(
            "Labels",
            f"{wrong:,} look{'s' * (wrong == 1)} wrong; "
            f"{percent(facts['agree'])} of the pictures look like their label; "
            f"{facts['listed']:,} to look at",
        )
    ]


def _range(counts, classes):
    small, large = classes["smallest"], classes["largest"]
    if counts[small] == counts[large]:
        return f"{counts[small]:,} pictures of each"
    return (
        f"from {counts[small]:,} pictures ({_short(small)}) to "
        f"{counts[large]:,} ({_short(large)})"
    )


def _listed(title, pairs):
    if not pairs:
        return []
    lines = [_line(title, f"{len(pairs):,}")]
    for name, why in pairs[:_MOST]:
        lines.append(Text(f"            {_short(name)}: {_short(why)}"))
    if len(pairs) > _MOST:
        lines.append(Text(f"            and {len(pairs) - _MOST:,} more"))
    return lines


def _line(title, text, style="bold"):
    return Text.assemble((f"{title:<10}  ", style), text)


def _size(pair):
    return " \N{MULTIPLICATION SIGN} ".join(map(str, pair))


def _short(name, length=_LENGTH):
    return display_name(visible(name), length)
