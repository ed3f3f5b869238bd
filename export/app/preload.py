"""Lets a browser fetch all scripts of the page at once.

Otherwise it finds a script only when the one that imports it has arrived, and a
page of sixty scripts takes one round trip for each level of imports.
"""

import posixpath
import re

_PAGE = "index.html"
_FIRST = "app.js"
_SCRIPT = f'  <script type="module" src="{_FIRST}"></script>\n'
_IMPORT = re.compile(r"^(?:import|export|\}) .*?from '(\.[^']*)';$", re.M)


def preload_scripts(folder):
    """Lists in the page the scripts that its first one imports.

    Args:
        folder: `pathlib.Path` of the app.

    Returns:
        Their names, sorted; without the first one.

    Raises:
        ValueError: If the page does not start with that script.
    """
    names = sorted(_imported(folder) - {_FIRST})
    page = folder / _PAGE
    text = page.read_text("utf-8")
    if text.count(_SCRIPT) != 1:
        raise ValueError(
            f"{_PAGE} must start {_FIRST} exactly once. "
            f"Received: {text.count(_SCRIPT)} times"
        )
    links = "".join(
        f'  <link rel="modulepreload" href="{name}">\n' for name in names
    )
    page.write_text(text.replace(_SCRIPT, links + _SCRIPT), "utf-8")
    return names


def _imported(folder):
    """Names of the first script and of all that it imports, at any depth."""
    seen, waiting = set(), [_FIRST]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        text = (folder / name).read_text("utf-8")
        for path in _IMPORT.findall(text):
            place = posixpath.join(posixpath.dirname(name), path)
            waiting.append(posixpath.normpath(place))
    return seen
