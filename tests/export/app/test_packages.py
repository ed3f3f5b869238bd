"""The packages from npm: installed once, copied as a page can load them."""

import json
import re
import stat
import sys

import pytest

from kerasfg.export.app.packages import PAGE
from kerasfg.export.app.packages import copy_runtimes
from kerasfg.export.app.packages import installed_packages
from kerasfg.export.app.packages import packages_folder

NPM = """\
#!{python} -P
import pathlib, sys
assert sys.argv[1:3] == ["ci", "--omit=dev"], sys.argv
assert "--ignore-scripts" in sys.argv
assert pathlib.Path("package-lock.json").exists()
{action}
"""


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """A function that puts an npm of the given code on the PATH."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def write(action):
        path = tmp_path / "bin" / "npm"
        path.parent.mkdir(exist_ok=True)
        path.write_text(NPM.format(python=sys.executable, action=action))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return write


def test_copies_what_the_page_loads(fake_packages, tmp_path):
    copy_runtimes("litert", tmp_path / "lib")
    files = {
        path.relative_to(tmp_path / "lib").as_posix()
        for path in (tmp_path / "lib").rglob("*.*")
    }
    assert files == {
        "litert/index.js",
        "litert/wasm-utils.js",
        *(
            f"litert/wasm/litert_wasm_{build}internal.{suffix}"
            for build in ("", "compat_", "threaded_")
            for suffix in ("js", "wasm")
        ),
    }


def test_the_bare_import_becomes_a_path_and_the_source_map_goes(
    fake_packages, tmp_path
):
    name = "@litertjs/core/dist/index.js"
    (fake_packages / name).write_text(
        'import { x } from "@litertjs/wasm-utils";\nx();\n'
        "//# sourceMappingURL=index.js.map"
    )
    copy_runtimes("litert", tmp_path / "lib")
    text = (tmp_path / "lib" / "litert" / "index.js").read_text()
    assert text == 'import { x } from "./wasm-utils.js";\nx();\n'


@pytest.mark.parametrize("count", [0, 2])
def test_a_runtime_with_other_imports_is_refused(
    fake_packages, tmp_path, count
):
    name = "@litertjs/core/dist/index.js"
    line = 'import { x } from "@litertjs/wasm-utils";\n'
    (fake_packages / name).write_text(line * count)
    with pytest.raises(ValueError, match=f"once. Received: {count} imports"):
        copy_runtimes("litert", tmp_path / "lib")


def test_wasm_stays_as_it_is(fake_packages, tmp_path):
    name = "litert_wasm_internal.wasm"
    contents = b"\0asm\n//# sourceMappingURL=x"
    (fake_packages / "@litertjs/core/wasm" / name).write_bytes(contents)
    copy_runtimes("litert", tmp_path / "lib")
    copied = tmp_path / "lib" / "litert" / "wasm" / name
    assert copied.read_bytes() == contents


def test_npm_is_called_once(npm):
    npm("pathlib.Path('node_modules').mkdir()")
    modules = installed_packages()
    assert modules == packages_folder() / "node_modules"
    assert modules.is_dir()
    npm("sys.exit(1)")
    assert installed_packages() == modules
    assert [x.name for x in packages_folder().parent.iterdir()] == [
        packages_folder().name
    ]


def test_without_npm_the_error_names_where_to_get_it(npm):
    with pytest.raises(ValueError, match="Install Node.js 20 .* no npm on the"):
        installed_packages()


def test_a_failing_npm_is_quoted_without_addresses(npm):
    npm(
        "print('npm error code ENOTFOUND\\n'"
        "'npm error request to https://packages.example/x failed\\n'"
        "'npm error A complete log of this run is in: /log', file=sys.stderr)\n"
        "pathlib.Path('node_modules').mkdir()\n"
        "sys.exit(1)"
    )
    with pytest.raises(OSError) as caught:
        installed_packages()
    assert str(caught.value).endswith(
        "Check the network connection. Its message: code ENOTFOUND request to "
        "… failed"
    )
    assert list(packages_folder().parent.iterdir()) == []


def test_incomplete_packages_are_named(fake_packages, tmp_path):
    (fake_packages / "onnxruntime-web/dist/ort.wasm.min.mjs").unlink()
    copy_runtimes("litert", tmp_path / "lib")
    with pytest.raises(ValueError, match="delete their folder and try again"):
        copy_runtimes("onnxruntime", tmp_path / "lib")


def test_the_pinned_packages_are_locked_by_hash_and_without_hosts():
    package = json.loads((PAGE / "package.json").read_text())
    text = (PAGE / "package-lock.json").read_text()
    lock = json.loads(text)["packages"]
    assert lock[""]["dependencies"] == package["dependencies"]
    assert lock[""]["devDependencies"] == package["devDependencies"]
    wanted = package["dependencies"] | package["devDependencies"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in lock[name] for name in lock if name)
    assert "resolved" not in text
