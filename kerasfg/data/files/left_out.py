"""Names the kinds of files that are not trained on, and counts them."""

import collections
import re

from kerasfg.data.files.formats import RAW
from kerasfg.data.files.formats import suffix_of

HIDDEN = "hidden"
SYSTEM = "hidden by the system"
EMPTY = "empty file"
TEXT = "text"
LOOSE = "picture in no class folder"
LINK_BACK = "link back"
BROKEN_LINK = "broken link"
SPECIAL = "special file"
UNREADABLE = "unreadable file"
NO_AREA = "box without area"
TWO_LABELS = "picture with two labels"
TWICE = "row that repeats another"
NO_LABEL = "picture without a label"
ABSENT = "missing picture"
CROWD = "box around a crowd"
NO_BOX = "picture without a box"
FAILED = "picture that could not be read"
ODD_PATH = "file with an odd path"

_VIDEOS = ".3gp .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .webm .wmv"
_SOUNDS = ".aac .aiff .flac .m4a .mp3 .ogg .wav .wma"
_ARCHIVES = ".7z .bz2 .gz .rar .tar .tgz .xz .zip .zst"
_DRAWINGS = ".ai .cdr .emf .eps .ps .svg .wmf"
_DOCUMENTS = ".doc .docx .key .odp .odt .ppt .pptx .rtf .xls .xlsx"
_TEXTS = (
    ".aae .cfg .css .csv .h .htm .html .ini .js .json .jsonl .log .md .py .rst "
    ".sh .toml .tsv .txt .url .xml .xmp .yaml .yml"
)
_KINDS = {
    suffix: kind
    for kind, suffixes in {
        "video": _VIDEOS,
        "sound": _SOUNDS,
        "archive": _ARCHIVES,
        "drawing": _DRAWINGS,
        "document": _DOCUMENTS,
        TEXT: _TEXTS,
        "PDF": ".pdf",
        "JPEG XL picture": ".jxl",
        "raw camera file": " ".join(sorted(RAW)),
    }.items()
    for suffix in suffixes.split()
}

# First bytes of files, for those whose suffix is not enough.
_SIGNATURES = {
    kind: re.compile(pattern, re.DOTALL)
    for kind, pattern in {
        "PDF": rb"%PDF-",
        "video": rb"....ftyp(?!crx)|\x1aE\xdf\xa3|RIFF....AVI "
        rb"|\0\0\x01[\xb3\xba]",
        "raw camera file": rb"....ftypcrx|FUJIFILMCCD-RAW",
        "archive": rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ",
        "drawing": rb"%!PS",
        "JPEG XL picture": rb"\xff\x0a|\0\0\0\x0cJXL ",
        "Windows thumbnail store": rb"\xd0\xcf\x11\xe0",
    }.items()
}

# What to do with them; the other kinds need no advice.
_ADVICE = {
    "video": "save stills of videos as pictures",
    "archive": "unpack archives",
    "drawing": "export drawings as PNG",
    "document": "save the pictures in documents as files",
    "PDF": "save the pages of PDFs as pictures",
    "JPEG XL picture": "convert JPEG XL to JPEG or PNG",
    "raw camera file": "develop raw files to JPEG or PNG",
    EMPTY: "copy empty files again",
    HIDDEN: "rename files that should not be hidden, so that they do not begin "
    "with a dot",
    BROKEN_LINK: "repair or remove broken links",
    "other file": "convert other files to JPEG or PNG if they are pictures",
    LOOSE: "move pictures into the folder of their class",
    UNREADABLE: "give yourself the right to read what is unreadable",
    TWO_LABELS: "keep one label of each picture",
    NO_LABEL: "label the pictures that have no label",
    ABSENT: "correct the paths of missing pictures",
}

# No message if there are only these: nothing is lost by them.
_EXPECTED = {SYSTEM, TEXT, LINK_BACK, TWICE}
_NAMED = {HIDDEN, LOOSE, TWO_LABELS, ABSENT, NO_LABEL, UNREADABLE}


def kind_of(name, head):
    """Names the kind of a file that is not a picture.

    Args:
        name: Its name.
        head: Its first bytes.

    Example:

    >>> kind_of("film.MP4", b"...")
    'video'
    """
    if not head:
        return EMPTY
    known = _KINDS.get(suffix_of(name))
    if known:
        return known
    for kind, pattern in _SIGNATURES.items():
        if pattern.match(head):
            return kind
    return "other file"


def describe_left_out(left_out):
    """Counts what was left out by kind, with what to do.

    Args:
        left_out: Pairs of a path and its kind, as `Source.left_out` has them.

    Returns:
        One line, `""` if there is nothing to report.

    Example:

    >>> describe_left_out([("a/1.mp4", "video"), ("a/2.mp4", "video")])
    '2 videos (.mp4); to use them, save stills of videos as pictures'
    """
    kinds = collections.Counter(kind for _, kind in left_out)
    if not set(kinds) - _EXPECTED:
        return ""
    counted = ", ".join(
        _counted(kind, count, [p for p, k in left_out if k == kind])
        for kind, count in kinds.most_common()
    )
    advice = [_ADVICE[kind] for kind in kinds if _ADVICE.get(kind)]
    if not advice:
        return counted
    return f"{counted}; to use them, {', '.join(advice)}"


def _counted(kind, count, paths):
    suffixes = sorted({suffix_of(path) for path in paths} - {""})
    shown = ""
    if kind in _NAMED:
        some = [_visible(path) for path in paths[:3]]
        shown = f" ({', '.join(some)}{', ...' if count > 3 else ''})"
    elif kind in _KINDS.values() and 0 < len(suffixes) <= 4:
        shown = f" ({', '.join(suffixes)})"
    return f"{count} {_plural(kind) if count > 1 else kind}{shown}"


def _plural(kind):
    """Returns the plural: `"box without area"` becomes "boxes without area"."""
    if kind in (HIDDEN, SYSTEM):
        return kind
    noun = re.match(r".*?(?= (?:in|with|without|that|around|back)\b|$)", kind)[
        0
    ]
    ending = "es" if noun.endswith("x") else "s"
    return f"{noun}{ending}{kind.removeprefix(noun)}"


def _visible(path):
    """Escapes what would steer a terminal."""
    return "".join(
        char if char.isprintable() else ascii(char)[1:-1] for char in path
    )
