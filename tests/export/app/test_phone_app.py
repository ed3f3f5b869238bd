"""The folder of the phone app."""

import hashlib
import json
import re

import pytest

from kerasfg.export.app import phone_app as module
from kerasfg.export.app.models import PhoneModel
from kerasfg.export.app.packages import PAGE
from kerasfg.export.app.phone_app import phone_app


@pytest.fixture(autouse=True)
def packages(fake_packages):
    return fake_packages


def _contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_holds_page_runtime_models_icons_and_licenses(make_export, tmp_path):
    result = phone_app([make_export()], tmp_path / "app")
    names = set(_contents(tmp_path / "app"))
    assert {
        "index.html",
        "styles/base.css",
        "languages/en.json",
        "about.json",
        "app.js",
        "kerasfg/classifier.js",
        "kerasfg/package.json",
        "service-worker.js",
        "manifest.webmanifest",
        "icons/icon-192.png",
        "icons/icon-512.png",
        "kerasfg/lib/litert/index.js",
        "kerasfg/lib/litert/wasm-utils.js",
        "kerasfg/lib/litert/wasm/litert_wasm_internal.wasm",
        "kerasfg/lib/litert/wasm/litert_wasm_compat_internal.js",
        "kerasfg/LICENSES.txt",
        "models/models.json",
        "models/birds/kerasfg.json",
        "models/birds/model_pixels8.tflite",
        "app.json",
    } <= names
    scripts = PAGE.glob("*/*.js")
    assert {path.relative_to(PAGE).as_posix() for path in scripts} <= names
    assert not {
        name for name in names if name.startswith(("kerasfg/lib/ort", "."))
    }
    assert not {"package.json", "package-lock.json"} & names
    assert result["models"] == [
        PhoneModel("Birds", "birds", "model_pixels8.tflite", "litert")
    ]


def test_title_and_accent_stand_wherever_a_phone_shows_them(
    make_export, tmp_path
):
    title = 'Birds & <b>"trees"</b>'
    out = tmp_path / "app"
    phone_app([make_export()], out, title=f" {title} ", accent="#2a6")
    page = (out / "index.html").read_text("utf-8")
    assert "<title>Birds &amp; &lt;b&gt;&quot;trees&quot;&lt;/b&gt;<" in page
    assert 'app-title" content="Birds &amp; &lt;b&gt;&quot;trees' in page
    about = json.loads((out / "about.json").read_text("utf-8"))
    assert (about["title"], about["accent"]) == (title, "#19804d")
    manifest = json.loads((out / "manifest.webmanifest").read_text("utf-8"))
    assert (manifest["name"], manifest["short_name"]) == (title, "Birds")
    assert manifest["theme_color"] == "#19804d"
    assert manifest["background_color"] == "#f7f6f2"
    assert "--accent: #19804d" in (out / "styles/accent.css").read_text("utf-8")


def test_without_them_the_title_is_that_of_the_model(make_export, tmp_path):
    out = tmp_path / "app"
    assert phone_app([make_export()], out)["title"] == "Birds"
    assert "<title>Birds</title>" in (out / "index.html").read_text("utf-8")
    assert "--accent:" not in (out / "styles/accent.css").read_text("utf-8")


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"accent": "green"}, {"icon": "absent.png"}]
)
def test_wrong_ones_are_refused_before_anything_is_written(
    make_export, tmp_path, wrong
):
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
        phone_app([make_export()], tmp_path / "app", **wrong)
    assert not (tmp_path / "app").exists()


def test_lists_every_file_by_its_hash(make_export, tmp_path):
    result = phone_app([make_export()], tmp_path / "app")
    contents = _contents(tmp_path / "app")
    listed = json.loads(contents.pop("app.json"))
    assert listed["files"] == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in contents.items()
    }
    assert listed["version"] == result["version"]
    assert result["bytes"] == sum(
        path.stat().st_size for path in (tmp_path / "app").rglob("*.*")
    )


def test_the_same_gives_the_same_and_another_model_another_version(
    make_export, tmp_path
):
    export = make_export()
    first = phone_app([export], tmp_path / "app")
    before = _contents(tmp_path / "app")
    assert phone_app([export], tmp_path / "app") == first
    assert _contents(tmp_path / "app") == before
    other = phone_app([export, make_export("more")], tmp_path / "app")
    assert other["version"] != first["version"]


def test_licenses_are_those_of_the_runtimes(make_export, tmp_path):
    export = make_export()
    phone_app([export], tmp_path / "app")
    text = (tmp_path / "app" / "kerasfg/LICENSES.txt").read_text("utf-8")
    assert "Apache License" in text and "@litertjs/core" in text
    assert "MIT License" not in text
    phone_app([export], tmp_path / "app", engine="onnxruntime")
    text = (tmp_path / "app" / "kerasfg/LICENSES.txt").read_text("utf-8")
    assert "MIT License" in text and "Microsoft" in text
    assert (tmp_path / "app" / "kerasfg/lib/ort/ort.wasm.min.mjs").exists()
    assert (tmp_path / "app" / "models/birds/model_pixels8.onnx").exists()


def test_an_app_is_replaced_and_the_users_files_stay(make_export, tmp_path):
    out = tmp_path / "app"
    phone_app([make_export("a", name="A")], out, engine="onnxruntime")
    (out / "CNAME").write_text("birds.example")
    phone_app([make_export("b", name="B")], out)
    names = set(_contents(out))
    assert "CNAME" in names and "models/b/model_pixels8.tflite" in names
    assert not {
        x for x in names if x.startswith(("models/a/", "kerasfg/lib/ort"))
    }


@pytest.mark.parametrize(
    "name", ["kerasfg/lib/mine.js", "models/birds/mine.txt"]
)
def test_a_users_file_inside_the_app_is_not_deleted(
    make_export, tmp_path, name
):
    export, out = make_export(), tmp_path / "app"
    phone_app([export], out)
    (out / name).write_text("mine")
    before = _contents(out)
    with pytest.raises(ValueError, match="would be deleted: move it away"):
        phone_app([export], out)
    assert _contents(out) == before


@pytest.mark.parametrize(
    "app", [None, "{", "[]", '{"files": 3}', '{"files": [3]}', "{}"]
)
def test_a_folder_of_something_else_is_refused(make_export, tmp_path, app):
    out = tmp_path / "app"
    out.mkdir()
    (out / "index.html").write_text("mine")
    if app is not None:
        (out / "app.json").write_text(app)
    before = _contents(out)
    with pytest.raises(ValueError, match=r"holds files, but no app \(app\.js"):
        phone_app([make_export()], out)
    assert _contents(out) == before


def test_a_folder_of_an_export_is_refused(make_export):
    export = make_export()
    with pytest.raises(ValueError, match="holds files, but no app"):
        phone_app([export], export)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_failure_leaves_what_was_there(
    make_export, tmp_path, monkeypatch, is_new
):
    export, out = make_export(), tmp_path / "app"
    if not is_new:
        phone_app([export], out)
    before = _contents(out)

    def fail(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_icons", fail)
    with pytest.raises(KeyboardInterrupt):
        phone_app([export, make_export("more")], out)
    assert _contents(out) == before
    assert out.exists() != is_new


def test_a_failure_while_moving_files_leaves_what_was_there(
    make_export, tmp_path, monkeypatch
):
    export, out = make_export(), tmp_path / "app"
    phone_app([export], out)
    before = _contents(out)
    from kerasfg.export import replaced_files

    rename, calls = replaced_files.os.rename, []

    def interrupted(source, target):
        calls.append(source)
        if len(calls) == 25:
            raise OSError("disk")
        rename(source, target)

    monkeypatch.setattr(replaced_files.os, "rename", interrupted)
    with pytest.raises(OSError, match="disk"):
        phone_app([export, make_export("more")], out)
    assert len(calls) > 25  # it has moved them back
    assert _contents(out) == before


def test_an_unknown_engine_is_refused(make_export, tmp_path):
    with pytest.raises(
        ValueError, match="one of litert, onnxruntime. Received"
    ):
        phone_app([make_export()], tmp_path / "app", engine="tfjs")


def test_no_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one model. Received"):
        phone_app([], tmp_path / "app")
    assert not (tmp_path / "app").exists()


def test_the_page_fetches_all_its_scripts_at_once(make_export, tmp_path):
    out = tmp_path / "app"
    phone_app([make_export()], out)
    page = (out / "index.html").read_text("utf-8")
    names = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert all((out / name).is_file() for name in names)
    assert len(names) == len(set(names))
    # Imported by the first script, and by one that is imported.
    assert {"ui/texts.js", "kerasfg/answer/question.js"} <= set(names)
    # The worker's own, and what is loaded only when it is needed.
    assert not {"app.js", "inference/host.js", "service-worker.js"} & set(names)
    assert page.index(names[-1]) < page.index('src="app.js"')
