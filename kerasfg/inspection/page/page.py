"""Writes the page of an inspection: one file, which loads no other."""

import json
from pathlib import Path

from markupsafe import Markup

from kerasfg.atomic_file import replacing
from kerasfg.data.decisions import COLUMNS
from kerasfg.evaluation.report.html_page.template import content_hash
from kerasfg.evaluation.report.html_page.template import page_environment
from kerasfg.evaluation.report.html_page.template import page_file
from kerasfg.inspection.page.bars import class_bars
from kerasfg.inspection.page.bars import size_bars
from kerasfg.inspection.page.thumbnails import choose_shown
from kerasfg.inspection.page.thumbnails import thumbnails
from kerasfg.inspection.suspects import KINDS

_PACKAGE = "kerasfg.inspection.page"
MOST_CARDS = 1000
MOST_EXAMPLES = 100
MOST_LINES = 100  # of a list of files


def write_page(inspection, title, filepath, progress=True):
    """Writes the page.

    Args:
        inspection: `Inspection`.
        title: Its heading, such as the place of the pictures.
        filepath: Path of the `.html` file.
        progress: Whether to show progress. Defaults to `True`.
    """
    page = inspection_page(inspection, title, progress)
    with replacing(Path(filepath)) as temporary_path:
        temporary_path.write_bytes(page.encode("utf-8"))


def inspection_page(inspection, title, progress=True):
    """Returns the text of the page; see `write_page`."""
    suspects = inspection.suspects
    shown = choose_shown(suspects)
    names = [
        name
        for index in sorted(shown)
        for name in (suspects[index].path, suspects[index].beside)
        if name
    ]
    pictures = thumbnails(inspection.source, names, progress)
    style = page_file("report.css") + page_file("inspection.css", _PACKAGE)
    script = page_file("inspection.js", _PACKAGE)
    template = page_environment().from_string(
        page_file("inspection.html.jinja", _PACKAGE)
    )
    return template.render(
        title=title,
        style=Markup(style),
        style_hash=content_hash(style),
        script=Markup(script),
        script_hash=content_hash(script),
        data=_embedded(inspection, _examples(inspection, shown, progress)),
        facts=inspection.facts,
        classes=class_bars(inspection.facts["classes"]["counts"]),
        sizes=size_bars(inspection.facts["sizes"]["histogram"]),
        sections=_sections(suspects),
        pictures=pictures,
        most=MOST_LINES,
        hidden=max(0, len(suspects) - MOST_CARDS),
    )


def _sections(suspects):
    """Returns the heading and the numbered suspects of each kind."""
    numbered = list(enumerate(suspects))[:MOST_CARDS]
    sections = [
        (kind, heading, [pair for pair in numbered if pair[1].kind == kind])
        for kind, heading in KINDS.items()
    ]
    return [section for section in sections if section[2]]


def _examples(inspection, shown, progress):
    """Returns a picture of each class that a shown picture looks like."""
    looks = {inspection.suspects[index].looks_like for index in shown}
    names = {
        label: name
        for label, name in inspection.examples.items()
        if label in looks
    }
    some = dict(sorted(names.items())[:MOST_EXAMPLES])
    made = thumbnails(inspection.source, some.values(), progress)
    return {label: made[name] for label, name in some.items() if name in made}


def _embedded(inspection, examples):
    """Returns what the script reads, as JSON that ends no element."""
    rows = [suspect.row() for suspect in inspection.suspects]
    data = {
        "columns": COLUMNS,
        "rows": [[row.get(name, "") for name in COLUMNS] for row in rows],
        "classes": inspection.source.class_names,
        "examples": examples,
    }
    text = json.dumps(data)  # escapes all that is not ASCII
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)
