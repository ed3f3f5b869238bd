"""The title of an app: a given one, or one made from the model names."""

import re

from kerasfg.manifest_rules.kinds import is_unicode

MOST = 50  # letters: a longer one fits on no screen
_SHORT = 12  # below an icon a phone shows about so many
# Folder names that do not describe the pictures.
_PLAIN = {
    *("app", "best", "data", "dataset", "export", "exported", "exports"),
    *("images", "img", "imgs", "model", "models", "my", "out", "output"),
    *("photo", "photos", "phone", "pics", "picture", "pictures", "quick"),
    *("result", "results", "run", "runs", "small", "standard", "test", "train"),
    *("training", "val", "zip", "csv", "tar", "gz", "json", "the"),
}
_FILE_NAME = re.compile(r"[\w.+-]*")
_PART = re.compile(r"[^\W_]+", re.UNICODE)
_TECHNICAL = re.compile(r"s?\d+(px)?|v\d+")  # a seed, a size, a version
_FALLBACK = "What is it?"


def check_title(title):
    """Checks a title that the maker of an app gives.

    Args:
        title: One line of text.

    Returns:
        The title without blanks at its ends.

    Raises:
        ValueError: If it is empty, too long, or not one line of text.
    """
    text = title.strip() if isinstance(title, str) else ""
    if not text or len(text) > MOST or not text.isprintable():
        raise ValueError(
            f"`title` must be one line of 1 to {MOST} letters. "
            f"Received: title={title!r}"
        )
    if not is_unicode(text):
        raise ValueError(
            f"`title` must be text in UTF-8. Received: title={title!r}"
        )
    return text


def suggest_title(manifests):
    """Makes a title from the names of the training data or of the models.

    Args:
        manifests: The content of each model's `kerasfg.json`.

    Returns:
        Text: the title that all share; otherwise both, if there are two short
        ones; otherwise the first.

    Example:

    >>> suggest_title([{"name": "garden-birds_s0", "recipe": None}])
    'Garden birds'
    """
    titles = list(dict.fromkeys(_title_of(each) for each in manifests))
    titles = [title for title in titles if title] or [_FALLBACK]
    both = " & ".join(titles)
    title = both if len(titles) == 2 and len(both) <= MOST // 2 else titles[0]
    return title[:MOST].rstrip()


def short_name(title):
    """Returns as many words of a title as fit below an icon.

    Example:

    >>> short_name("Meadow flowers"), short_name("Birds")
    ('Meadow', 'Birds')
    """
    if len(title) <= _SHORT:
        return title
    cut = title[: _SHORT + 1].rpartition(" ")[0].rstrip(" ,&-–")
    return cut or title[:_SHORT]


def _title_of(manifest):
    return readable(manifest["name"]) or readable(_data_of(manifest))


def readable(name):
    """Makes a name for people from that of a file.

    Args:
        name: A name; one with blanks, for example, is kept.

    Returns:
        Text, empty if the name does not describe the pictures.

    Example:

    >>> readable("garden-birds_s0"), readable("run")
    ('Garden birds', '')
    """
    if not _FILE_NAME.fullmatch(name):
        return name.strip() if name.isprintable() else ""
    words = [
        part
        for part in _PART.findall(name)
        if part.lower() not in _PLAIN and not _TECHNICAL.fullmatch(part.lower())
    ]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _data_of(manifest):
    """The name of the training pictures, without where they lie."""
    recipe = manifest.get("recipe")
    data = recipe.get("data") if isinstance(recipe, dict) else None
    path = data.get("path") if isinstance(data, dict) else None
    if isinstance(path, list):
        path = path[0] if path else None
    if not isinstance(path, str):
        return ""
    kind, _, rest = path.partition(":")
    return rest.rpartition("/")[2] if kind in ("tfds", "hf") else kind
