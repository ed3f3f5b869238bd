"""The tutorial runs, and becomes a page with its pictures."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"


@pytest.fixture
def tutorial():
    """The module docs/tutorial/build.py."""
    for name in ("jupytext", "nbclient", "ipykernel"):
        pytest.importorskip(name, reason="pip install 'kerasfg[docs]'")
    spec = importlib.util.spec_from_file_location(
        "tutorial_build", TUTORIAL / "build.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(page):
    """The pictures that a page names."""
    return re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page.read_text("utf-8"))


@pytest.mark.slow
def test_without_a_run_the_page_has_the_text_and_the_code(tutorial, tmp_path):
    page = tutorial.build(tmp_path, run=False)
    text = page.read_text("utf-8")
    assert text.startswith("# From a folder of pictures")
    assert text.count("```python") == text.count("\n```\n") >= 10
    assert shown(page) == []


@pytest.mark.slow
def test_it_runs_and_shows_what_it_says(tutorial, tmp_path):
    page = tutorial.build(tmp_path)
    pictures = shown(page)
    assert len(pictures) == text_pictures()
    for alt, place in pictures:
        assert alt
        assert (tmp_path / place).read_bytes().startswith(b"\x89PNG")
    text = page.read_text("utf-8")
    assert "test pictures are named right" in text
    assert "model_int8.tflite" in text
    printed = text.replace("logging.disable(logging.WARNING)", "")
    assert "WARNING" not in printed and "Warning" not in printed
    assert str(Path(sys.prefix)) not in text and "/tmp/" not in text
    notebook = (tmp_path / "field_guide.ipynb").read_text("utf-8")
    assert '"output_type": "error"' not in notebook


def text_pictures():
    """How many cells of the text show a picture."""
    text = (TUTORIAL / "field_guide.py").read_text("utf-8")
    return len(re.findall(r"^# %% alt=", text, re.M))
