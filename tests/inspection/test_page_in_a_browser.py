"""The page of an inspection in a real browser; see tests/test_phone.py."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kerasfg.config import Recipe
from kerasfg.data.decisions import read_decisions
from kerasfg.inspection.inspect_data import inspect_data


@pytest.mark.slow
def test_a_reader_decides_and_saves(photos, tmp_path):
    modules = os.environ.get("KERASFG_NODE_MODULES", "absent")
    chromium = shutil.which("chromium")
    if not shutil.which("node") or not chromium:
        pytest.skip("absent program: node or chromium")
    if not (Path(modules) / "playwright-core").is_dir():
        pytest.skip("absent packages: set KERASFG_NODE_MODULES")
    odd = b"owl/caf\xe9.png".decode("utf-8", "surrogateescape")
    shutil.copy(photos / "owl/3.png", photos / 'owl/3, "(1).png')
    shutil.copy(photos / "owl/4.png", photos / odd)
    shutil.copy(photos / "wren/5.png", photos / "owl/lost.png")
    recipe = Recipe().with_options(data=str(photos))
    inspect_data(recipe, tmp_path / "out", labels=False, verbose=False)
    done = subprocess.run(
        [
            "node",
            Path(__file__).with_name("decide.mjs"),
            tmp_path / "out" / "inspection.html",
            tmp_path / "saved.csv",
        ],
        env={
            **os.environ,
            "KERASFG_CHROMIUM": chromium,
            "KERASFG_NODE_MODULES": str(Path(modules).resolve()),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout)
    assert seen["complaints"] == seen["barriers"] == []
    assert seen["widths"] == {"320": 320, "390": 390, "1200": 1200}
    assert seen["own"] == ["", "emu", "wren"]  # not its own label
    assert read_decisions(tmp_path / "saved.csv") == {
        "wren/5.png": None,
        "owl/lost.png": "",
        'owl/3, "(1).png': "wren",
        odd: None,
    }
