"""Writes the page of explanations: one file that loads no other."""

import dataclasses
from pathlib import Path

from markupsafe import Markup

from kerasfg.atomic_file import replacing
from kerasfg.evaluation.answer import describe
from kerasfg.evaluation.display import percent
from kerasfg.evaluation.explanation.page.drawing import as_seen
from kerasfg.evaluation.explanation.page.drawing import under_map
from kerasfg.evaluation.report.html_page.template import content_hash
from kerasfg.evaluation.report.html_page.template import page_environment
from kerasfg.evaluation.report.html_page.template import page_file
from kerasfg.write_errors import make_folder

MOST = 200  # pictures on a page
_PACKAGE = "kerasfg.evaluation.explanation.page"


def write_why(explanations, title, filepath):
    """Writes the page. It contains the pictures that are explained.

    Args:
        explanations: List of `Explanation`, at most `MOST`.
        title: Its heading, such as the name of the run.
        filepath: Path of the `.html` file; its folder is made.
    """
    page = why_page(explanations, title)
    make_folder(Path(filepath).parent)
    with replacing(Path(filepath)) as temporary_path:
        temporary_path.write_bytes(page.encode("utf-8"))


def why_page(explanations, title):
    """Returns the text of the page; see `write_why`."""
    style = page_file("report.css") + page_file("why.css", _PACKAGE)
    template = page_environment().from_string(
        page_file("why.html.jinja", _PACKAGE)
    )
    return template.render(
        title=title,
        style=Markup(style),
        style_hash=content_hash(style),
        cards=[_card(one) for one in explanations],
        methods=sorted({one.method for one in explanations}),
        shown=any(
            near.picture for one in explanations for near in one.nearest or ()
        ),
    )


def _shown(path):
    """The end of a path: the page may be shared, and tells no folders."""
    return "/".join(Path(path).parts[-2:])


def _card(one):
    answer = one.answer
    name = f"{answer['file']}: "
    nearest = [
        dataclasses.replace(near, name=_shown(near.name))
        for near in one.nearest or ()
    ]
    of_answer = sum(near.class_name == answer["class"] for near in nearest)
    return {
        "file": _shown(answer["file"]),
        "words": describe(answer).removeprefix(name),
        "class": answer["class"],
        "seen": as_seen(one.image),
        "size": len(one.image),
        "maps": [
            {
                "class": of,
                "picture": under_map(one.image, values),
                "shape": f"{len(values)} × {len(values[0])}",
                "none": bool(values.max() <= 0),
            }
            for of, values in one.maps
        ],
        "nearest": nearest,
        "searched": one.nearest is not None,
        "agree": f"{of_answer} of {len(nearest)}",
        "top": [(label, percent(share)) for label, share in answer["top"]],
    }
