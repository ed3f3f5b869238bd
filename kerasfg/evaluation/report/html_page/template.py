"""Templates of self-contained pages, and the hashes that their policy needs."""

import base64
import hashlib
import importlib.resources

import jinja2
from markupsafe import Markup

from kerasfg.evaluation.display import display_name

_OWN = "kerasfg.evaluation.report.html_page"


def page_environment():
    """Returns a Jinja environment that escapes all values.

    Control characters are replaced, so that a text stays on one line.
    """
    return jinja2.Environment(
        autoescape=True,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def page_file(name, package=_OWN):
    """Returns the text of a file that pages are made of.

    Args:
        name: Name of the file.
        package: The package that holds it. Defaults to that of the report.
    """
    return (importlib.resources.files(package) / name).read_text("utf-8")


def content_hash(text):
    """Returns the SHA-256 of a style or script, as a policy names it.

    Example:

    >>> content_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _printable(value):
    """Makes a text safe to encode and to show on one line."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return display_name(value)
    return value
