"""Small pictures inside a page."""

import base64
import io

from PIL import Image

from kerasfg.data.progress import spread

SIDE = 168  # longest side in pixels
MOST = 200  # pictures on a page
MOST_BYTES = 6_000_000  # of all together
_QUALITY = 74


def choose_shown(suspects, most=MOST):
    """Chooses which suspects get a picture: a share of each kind, then more.

    Args:
        suspects: List of `Suspect` in order.
        most: Most pictures, where a copy counts twice. Defaults to `200`.

    Returns:
        Set of indices.
    """
    kinds = {}
    for index, suspect in enumerate(suspects):
        if suspect.kind != "broken":
            kinds.setdefault(suspect.kind, []).append(index)
    shares = [
        index
        for indices in kinds.values()
        for index in indices[: most // (2 * len(kinds))]
    ]
    rest = [index for indices in kinds.values() for index in indices]
    shown, left = set(), most
    for index in dict.fromkeys([*shares, *rest]):
        left -= 2 if suspects[index].beside else 1
        if left < 0:
            break
        shown.add(index)
    return shown


def thumbnails(source, names, progress=True):
    """Makes small JPEG pictures as `data:` URIs.

    Args:
        source: `kerasfg.data.Source`.
        names: Names of the pictures; those that cannot be read are left out,
            and those above `MOST_BYTES` together.
        progress: Whether to show progress. Defaults to `True`.

    Returns:
        Dictionary from a name to its URI.
    """
    rows = {name: row for row, name in enumerate(source.names)}
    names = list(dict.fromkeys(names))

    def one(name):
        try:
            return _jpeg(source.read(rows[name]))
        except (OSError, ValueError):
            return b""

    result, total = {}, 0
    made = spread(one, names, "Making small pictures", progress)
    for name, content in zip(names, made, strict=True):
        total += len(content)
        if content and total <= MOST_BYTES:
            text = base64.b64encode(content).decode("ascii")
            result[name] = f"data:image/jpeg;base64,{text}"
    return result


def _jpeg(image):
    image = image.copy()
    image.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    factor = SIDE // max(image.size)
    if factor > 1:  # few pixels: show each of them
        size = (image.width * factor, image.height * factor)
        image = image.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, "jpeg", quality=_QUALITY, optimize=True)
    return file.getvalue()
