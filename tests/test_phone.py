"""The phone app: its scripts in Node, the whole app in a real browser, and its
library as a package.

The tests are in tests/phone. Those in a browser need Chromium, and the packages
of export/phone/package.json in a folder that `KERASFG_NODE_MODULES` names: copy
that file, package-lock.json and .npmrc to a folder, and run `npm ci` there.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kerasfg.export.app.packages import packages_folder

TESTS = Path(__file__).parent / "phone"
_COUNTS = "|".join(
    "Subtest tests suites pass fail cancelled skipped todo duration_ms".split()
)
PAGE = TESTS.parents[1] / "export" / "phone"
# What TypeScript says of a page that uses the library: nothing, or an error.
USES = {
    "const answers: { label: string; probability: number }[] =\n"
    "  await classifier.classify(document.querySelector('img')!, { top: 3 });\n"
    "const text: string = new Problem('noSimd').key;": "",
    "await classifier.classify('photo.jpg');": "TS2345",
    "classifier.lables;": "TS2551",
}
IN_NODE = sorted(TESTS.glob("node/**/*.test.mjs"))
IN_BROWSER = sorted(TESTS.glob("browser/*.test.mjs"))


@pytest.fixture(scope="module")
def node():
    if not shutil.which("node"):
        pytest.skip("absent program: node")
    return "node"


@pytest.fixture(scope="module")
def prepared(node, tmp_path_factory):
    """The environment for the tests in a browser."""
    if not shutil.which("chromium"):
        pytest.skip("absent program: chromium")
    modules = Path(os.environ.get("KERASFG_NODE_MODULES", "absent"))
    if not (modules / "playwright-core").is_dir():
        pytest.skip("absent packages: set KERASFG_NODE_MODULES")
    folder = tmp_path_factory.mktemp("phone")
    # The app is built from the same packages, without the network.
    packages = folder / "cache" / "phone" / packages_folder().name
    packages.mkdir(parents=True)
    (packages / "node_modules").symlink_to(modules.resolve())
    environment = {
        **os.environ,
        "KERASFG_CACHE": str(folder / "cache"),
        "KERASFG_NODE_MODULES": str(modules.resolve()),
        "KERASFG_PREPARED": str(folder / "prepared"),
        "KERASFG_PYTHON": sys.executable,
    }
    # Not -P: it imports the other files of its folder.
    command = [sys.executable, TESTS / "prepare.py", folder / "prepared"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return environment


def _run(node, files, capsys, **options):
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files],
        capture_output=True,
        text=True,
        **options,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert int(re.search(r"^# pass (\d+)$", done.stdout, re.M)[1]) > 0
    # The times and sizes that the tests have measured.
    measured = re.findall(f"^# (?!{_COUNTS})(.+)$", done.stdout, re.M)
    with capsys.disabled():
        print("", *measured, sep="\n    ")


@pytest.mark.slow
def test_scripts_in_node(node, capsys):
    _run(node, IN_NODE, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("file", IN_BROWSER, ids=lambda file: file.name)
def test_app_in_a_browser(node, prepared, capsys, file):
    _run(node, [file], capsys, env=prepared)


def test_library_has_the_version_of_the_package():
    package = json.loads((PAGE / "kerasfg" / "package.json").read_text("utf-8"))
    assert package["version"] == importlib.metadata.version("kerasfg")


@pytest.mark.slow
def test_library_as_a_package_of_npm(prepared, tmp_path):
    modules = Path(prepared["KERASFG_NODE_MODULES"])
    if not (modules / "typescript").is_dir():
        pytest.skip("absent package: typescript, in KERASFG_NODE_MODULES")

    def run(*command):
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True
        )

    app = Path(prepared["KERASFG_PREPARED"]) / "app" / "kerasfg"
    folder = tmp_path / "kerasfg"
    shutil.copytree(app, folder)
    (folder / "node_modules").symlink_to(modules)  # npx finds tsc there
    packed = run("npm", "pack", "--json", "./kerasfg")
    assert packed.returncode == 0, packed.stderr
    (facts,) = json.loads(packed.stdout[packed.stdout.index("[") :])
    names = {file["path"] for file in facts["files"]}
    own = {
        path.relative_to(app).as_posix()
        for path in app.rglob("*.*")
        if path.is_file()
    }
    assert own - {"tsconfig.json"} <= names
    assert {"classifier.d.ts", "answer/question.d.ts"} <= names
    left = [*folder.glob("*.d.ts"), *folder.glob("answer/*.d.ts")]
    assert not left  # `kerasfg phone` would find them
    options = ("--offline", "--no-audit", "--no-fund", "--prefix", ".")
    installed = run("npm", "install", *options, f"./{facts['filename']}")
    assert installed.returncode == 0, installed.stderr
    for use, error in USES.items():
        (tmp_path / "page.ts").write_text(
            "import { Classifier, Problem } from 'kerasfg';\n"
            "const classifier = await Classifier.load('./model/');\n"
            "export { Problem };\n" + use
        )
        checked = run(
            modules / ".bin" / "tsc",
            *("--noEmit", "--strict", "--target", "es2022"),
            *("--module", "esnext", "--moduleResolution", "bundler"),
            "page.ts",
        )
        assert error in checked.stdout
        assert bool(checked.returncode) == bool(error), checked.stdout
