"""Runs the tutorial and writes it as a page and as a notebook.

`python docs/tutorial/build.py` needs `pip install 'kerasfg[docs]'` and takes
some minutes. It writes, beside the text `field_guide.py`, `field_guide.md`, its
pictures in `field_guide/` and the notebook `field_guide.ipynb`; git ignores
them. With `--no-run` the page has no results, and is written in a second.
"""

import argparse
import base64
import re
import shutil
import tempfile
from pathlib import Path

import jupytext
import nbformat

HERE = Path(__file__).parent
SOURCE = HERE / "field_guide.py"
SECONDS = 600  # for a cell
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder")
    parser.add_argument("--no-run", action="store_true", help="without results")
    given = parser.parse_args()
    build(given.out, not given.no_run)


def build(out, run=True):
    """Writes the page, its pictures and the notebook.

    Args:
        out: Folder to write in.
        run: Whether to run the code. Defaults to `True`.

    Returns:
        `Path` of the page.
    """
    notebook = jupytext.read(SOURCE)
    if run:
        execute(notebook)
    pictures = out / SOURCE.stem
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    parts = [_markdown(cell, pictures) for cell in notebook.cells]
    page = out / f"{SOURCE.stem}.md"
    page.write_text("\n\n".join(filter(None, parts)) + "\n", "utf-8")
    nbformat.write(notebook, out / f"{SOURCE.stem}.ipynb")
    return page


def execute(notebook):
    """Runs the cells in a new process; an error in one ends it."""
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        ).execute()


def _markdown(cell, pictures):
    if cell.cell_type != "code":
        return cell.source
    parts = [f"```python\n{cell.source}\n```"]
    text = "".join(map(_text, cell.outputs)).strip("\n")
    if text:
        parts.append(f"```text\n{_ANSI.sub('', text)}\n```")
    alt = cell.metadata.get("alt", "")
    for output in cell.outputs:
        png = output.get("data", {}).get("image/png")
        if png:
            number = len(list(pictures.iterdir())) + 1
            file = pictures / f"{number:02}.png"
            file.write_bytes(base64.b64decode(png))
            parts.append(f"![{alt}]({pictures.name}/{file.name})")
    return "\n\n".join(parts)


def _text(output):
    """What a cell printed, or the value of its last line; no warnings."""
    if output.output_type == "stream":
        return output.text if output.name == "stdout" else ""
    data = output.get("data", {})
    return "" if "image/png" in data else data.get("text/plain", "")


if __name__ == "__main__":
    main()
