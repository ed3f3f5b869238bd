"""Draws docs/floors.svg: the packages, and which may import which.

`python tests/docs/floors.py docs/floors.svg`. The order is that of the import
contract in setup.cfg.
"""

import configparser
import html
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH, ROW, EDGE, GAP = 720, 74, 16, 10
ABOUT = {
    "kerasfg_cli": "the commands, a module each",
    "reproduce": "the papers' tables",
    "demo": "the whole job on drawn birds",
    "training": "epochs, resume, teacher",
    "engines": "many machines, by Ray",
    "run": "run folders and their use",
    "inspection": "broken, odd, mislabelled",
    "hub": "models on a hub",
    "config": "the options of a recipe, each described once",
    "evaluation": "how good it is",
    "export": "files for the phone",
    "models": "the network",
    "callbacks": "Keras callbacks",
    "data": "from files to low-resolution pixels to batches",
    "losses": "attribute term, pair terms",
    "layers": "poolings, attention, centroids",
    "distributed": "several processes",
}


def floors():
    """The names on each floor, from the top: a list of lists."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = settings["importlinter:contract:layers"]["layers"].split("\n")
    rows = [
        [name.strip().removeprefix("kerasfg.") for name in line.split("|")]
        for line in lines
        if line.strip()
    ]
    return [["kerasfg_cli"], *rows]


def drawing():
    """The text of the SVG file."""
    rows = floors()
    height = len(rows) * ROW + 2 * EDGE
    boxes = [
        _box(name, column, len(names), row)
        for row, names in enumerate(rows)
        for column, name in enumerate(names)
    ]
    style = (
        "text{font-family:system-ui,sans-serif;fill:#3a3430}"
        ".n{font-size:24px;font-weight:600}.a{font-size:18px;fill:#5c534b}"
        "rect{fill:#fff;stroke:#1f6b46;stroke-width:2}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'aria-label="The floors of kerasfg" '
            f'viewBox="0 0 {WIDTH} {height}">',
            f"<style>{style}</style>",
            f'<path fill="#f4f0e7" d="M0 0h{WIDTH}v{height}H0z"/>',
            *boxes,
            "</svg>\n",
        ]
    )


def _box(name, column, columns, row):
    width = (WIDTH - 2 * EDGE - (columns - 1) * GAP) / columns
    x = EDGE + column * (width + GAP)
    y = EDGE + row * ROW + GAP / 2
    shape = f'width="{width:.0f}" height="{ROW - GAP}" rx="8"'
    parts = [f'<rect x="{x:.0f}" y="{y:.0f}" {shape}/>']
    lines = [("n", 27, name), *(("a", 50, x) for x in _about(name))]
    for kind, down, text in lines:
        place = f'x="{x + 12:.0f}" y="{y + down:.0f}"'
        parts.append(f'<text class="{kind}" {place}>{html.escape(text)}</text>')
    return "".join(parts)


def _about(name):
    return [ABOUT[name]] if name in ABOUT else []


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(drawing(), encoding="utf-8")
