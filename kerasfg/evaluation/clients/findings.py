"""Names the losses of clients, and what to do about them."""

from kerasfg.evaluation.clients import client as faults
from kerasfg.evaluation.clients.client_file import FRAME
from kerasfg.evaluation.clients.client_file import NETWORK

LOSS = 0.02  # above this a loss is named

_WHEN = {
    faults.ANTIALIASED: "in apps that shrink with another kernel",
    faults.ALIASED: "in apps that shrink without antialiasing",
    faults.TURNED: "on pictures that lie on their side, as phones "
    "store them (EXIF rotation ignored)",
    faults.COLOURS: "where red and blue are exchanged (BGR)",
    faults.COMPRESSED: "on JPEGs of quality 50",
}
_WHEN_CROPPED = {
    "center": "where the whole picture is squashed",
    "whole": "where only the square in the middle is taken",
}
_CURES = {
    faults.TURNED: "turn the picture upright first "
    "(`PIL.ImageOps.exif_transpose`)",
    faults.COLOURS: "convert the colours "
    "(`cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)`)",
    faults.COMPRESSED: "save and send pictures at a higher quality",
}
_CROP_CURES = {
    "center": "cut out the square in the middle first",
    "whole": "squash the whole picture, without cutting",
}
_SHRINK = (
    "shrink with antialiasing (Pillow's BICUBIC, OpenCV's INTER_AREA, "
    "`antialias=True` of TensorFlow)"
)


def find_losses(table):
    """Names each loss of more than two points, with its cure.

    Losses of the same kind and cure share one finding. The network is named
    only where there is no file.

    Args:
        table: The result of `measure_clients`, without its `findings`.

    Returns:
        List of dicts that are strict JSON: `fault`, `files`, `clients` (their
        titles), `loss` (the largest), `interval` of that loss, `sure` (whether
        the interval is above 0), and `text`, a sentence.
    """
    names = [file["file"] for file in table["files"]]
    files = [name for name in names if name != NETWORK] or names
    groups = {}
    for row in table["clients"]:
        for name in files:
            cell = row["files"].get(name)
            if cell is not None and -cell["difference"] > LOSS:
                cured = _frame_file(table, name, row["fault"]) is not None
                key = row["fault"], cured
                groups.setdefault(key, []).append((row, name, cell))
    return [
        _finding(table, fault, losses, files)
        for (fault, _), losses in groups.items()
    ]


def _finding(table, fault, losses, files):
    _, _, worst = min(losses, key=lambda loss: loss[2]["difference"])
    low, high = sorted(-bound for bound in worst["difference_interval"])
    named = list(dict.fromkeys(name for _, name, _ in losses))
    titles = list(dict.fromkeys(row["title"] for row, _, _ in losses))
    when = _WHEN.get(fault) or _WHEN_CROPPED[table["crop"]]
    who = list(dict.fromkeys(row["who"] for row, _, _ in losses if row["who"]))
    if who:
        when = f"{when} ({'; '.join(who)})"
    points = sorted(round(-100 * cell["difference"], 1) for *_, cell in losses)
    chance = "" if low > 0 else ", so perhaps by chance"
    return {
        "fault": fault,
        "files": named,
        "clients": titles,
        "loss": -worst["difference"],
        "interval": [low, high],
        "sure": low > 0,
        "text": f"{_subject(named, files)} {_range(points)} (95 % interval "
        f"{_points(low)} to {_points(high)}{chance}) {when}: "
        f"{_cure(table, fault, named)}.",
    }


def _subject(named, files):
    if named == [NETWORK]:
        return "The network loses"
    if len(named) == len(files) > 1:
        return "Every file loses"
    return f"{_joined(named, 'and')} {'loses' if len(named) == 1 else 'lose'}"


def _joined(names, word):
    """Joins names by commas, the last one by a word."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _points(share):
    return f"{100 * share:.1f}".replace("-", "\N{MINUS SIGN}")


def _range(points):
    low, high = points[0], points[-1]
    if low == high:
        return f"{high:.1f} points"
    return f"{low:.1f} to {high:.1f} points"


def _cure(table, fault, names):
    if fault == faults.CROP:
        return _CROP_CURES[table["crop"]]
    if fault in _CURES:
        return _CURES[fault]
    if names == [NETWORK]:
        return (
            "give the app an exported model.tflite or model.onnx, which "
            "shrinks pictures itself"
        )
    frames = [_frame_file(table, name, fault) for name in names]
    if None in frames:
        return _SHRINK
    others = [
        file["file"]
        for file in table["files"]
        if file["file"] not in frames and _keeps(table, file["file"], fault)
    ]
    variants = ""
    if others:
        variants = f" or a variant of it (here: {_joined(others, 'and')})"
    return (
        f"give the app {_joined(frames, 'or')}{variants}, which shrinks "
        "pictures itself"
    )


def _frame_file(table, name, fault):
    """Returns a file that shrinks itself and does not lose, or `None`."""
    if fault not in (faults.ALIASED, faults.ANTIALIASED) or name == NETWORK:
        return None
    sizes = {file["file"]: file["image_size"] for file in table["files"]}
    frame = name.replace(f"_pixels{sizes[name]}", "")
    return frame if frame != name and _keeps(table, frame, fault) else None


def _keeps(table, frame, fault):
    """Returns whether a file shrinks frames itself, and does not lose."""
    takes = {file["file"]: file["takes"] for file in table["files"]}
    if takes.get(frame) != FRAME:
        return False
    losses = [
        -row["files"][frame]["difference"]
        for row in table["clients"]
        if row["fault"] == fault and frame in row["files"]
    ]
    return max(losses, default=0) <= LOSS
