"""The site is built without a warning, and its pages are right in a browser."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("docs", "export", "kerasfg", "zensical.toml", "*.md")
TOOLS = ("zensical", "mkdocstrings_handlers", "l2m4m")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for name in TOOLS:
        if not importlib.util.find_spec(name):
            pytest.skip(f"absent package: {name}; pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for path in (path for name in NEEDED for path in ROOT.glob(name)):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=ignored)
        else:
            shutil.copy(path, folder)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "No issues found" in said, said
    assert "griffe" not in said, said
    return folder / "site"


@pytest.mark.parametrize(
    "page", sorted(path.stem for path in (ROOT / "docs/api").glob("[!i]*.md"))
)
def test_the_api_has_each_public_name_and_its_example(page, site):
    text = (site / "api" / f"{page}.html").read_text("utf-8")
    names = [name for name in public_names(page) if not name.isupper()]
    assert names
    for name in names:
        assert f'id="kerasfg.{page}.{name}"' in text, name
    prose = re.sub(r"<pre>.*?</pre>", "", text, flags=re.S)
    assert "&gt;&gt;&gt; " not in prose


def public_names(package):
    folder = ROOT / ("export" if package == "export" else f"kerasfg/{package}")
    for node in ast.parse((folder / "__init__.py").read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return ast.literal_eval(node.value)


def test_its_links_and_files_are_there(site):
    wrong = []
    for path in site.rglob("*.html"):
        if path.name == "404.html":  # its links begin at the root of the host
            continue
        text = path.read_text("utf-8")
        for target in re.findall(r'(?:href|src)="([^"#?]+)', text):
            if re.match(r"\w+:", target):
                continue
            if not (path.parent / target).exists():
                wrong.append((path.name, target))
    assert not wrong


def test_it_loads_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]* src=\"(\w+:)", text)
        loaded += re.findall(
            r'<link(?=[^>]*rel="(?:stylesheet|preload|preconnect)")[^>]*'
            r'href="(https?:)',
            text,
        )
        assert not loaded, path.name


def test_its_pages_are_right_in_a_browser(site):
    chromium = shutil.which("chromium")
    if not chromium or not shutil.which("node"):
        pytest.skip("absent program: node or chromium")
    modules = os.environ.get("KERASFG_NODE_MODULES", "absent")
    if not Path(modules, "playwright-core").is_dir():
        pytest.skip("absent packages: set KERASFG_NODE_MODULES")
    done = subprocess.run(
        ["node", Path(__file__).parent / "site.mjs", site],
        env={**os.environ, "KERASFG_CHROMIUM": chromium},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
