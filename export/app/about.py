"""Writes the title of an app in each place that shows one."""

import html
import json

from kerasfg.export.app.accent import STYLE
from kerasfg.export.app.accent import accent_style
from kerasfg.export.app.accent import accents
from kerasfg.export.app.title import short_name

ABOUT = "about.json"
LANGUAGES = "languages"
_PAGE, _WEB_MANIFEST = "index.html", "manifest.webmanifest"
_TITLE = "<title>kerasfg</title>"
_IOS_TITLE = 'name="apple-mobile-web-app-title" content="kerasfg"'


def write_about(folder, title, accent=None, examples=False):
    """Writes the title and the accent into the files of a page.

    Args:
        folder: Folder with the files of the page.
        title: Title of the app, one line.
        accent: `#rrggbb`. Defaults to `None`: that of the page.
        examples: Whether there are pictures of classes. Defaults to `False`.
    """
    languages = sorted(file.stem for file in (folder / LANGUAGES).iterdir())
    about = {"title": title, "languages": languages, "examples": examples}
    if accent is not None:
        (about["accent"], _), _ = accents(accent)  # on the card to share
    _write_json(folder / ABOUT, about)
    _name_page(folder / _PAGE, title)
    _name_web_manifest(folder / _WEB_MANIFEST, title, accent)
    if accent is not None:
        style = accent_style(accent)
        (folder / "styles" / STYLE).write_text(style, "utf-8")


def _name_page(filepath, title):
    """The browser shows this title before any script runs."""
    page = filepath.read_text("utf-8")
    escaped = html.escape(title)
    for text in (_TITLE, _IOS_TITLE):
        if page.count(text) != 1:
            raise ValueError(
                f"The page must have its title once. Received: {text}"
            )
        page = page.replace(text, text.replace("kerasfg", escaped))
    filepath.write_text(page, "utf-8")


def _name_web_manifest(filepath, title, accent):
    manifest = json.loads(filepath.read_text("utf-8"))
    manifest["name"] = title
    manifest["short_name"] = short_name(title)
    if accent is not None:
        (manifest["theme_color"], _), _ = accents(accent)
    _write_json(filepath, manifest)


def _write_json(filepath, value):
    text = json.dumps(value, indent=2, ensure_ascii=False)
    filepath.write_text(text + "\n", "utf-8")
