"""Renews `docs/results` and the table of README.md.

`python -m kerasfg.reproduce.story` in the repository, after new results.
A figure is drawn again if its data has changed; remove the picture to draw it
in any case.
"""

import sys
from pathlib import Path

from kerasfg.reproduce.story.pages import write

if __name__ == "__main__":
    for file in write(Path(sys.argv[1] if sys.argv[1:] else ".")):
        sys.stdout.write(f"written: {file}\n")
