"""The demo's last step; .ci/run does all of it."""

import pytest
from rich.console import Console

from kerasfg import demo


@pytest.fixture
def console():
    return Console(record=True, width=200)


def test_the_app_is_built_of_the_export(monkeypatch, tmp_path, console):
    calls = []

    def phone_app(exports, out, title):
        calls.append((exports, out, title))
        return {"bytes": 12_345_678}

    monkeypatch.setattr(demo, "phone_app", phone_app)
    assert demo.build_app(tmp_path, console)
    assert calls == [([tmp_path / "export"], tmp_path / "app", "Field guide")]
    assert "12.3 MB" in console.export_text()


@pytest.mark.parametrize("error", [ValueError, OSError])
def test_without_npm_or_network_one_line_has_the_reason(
    monkeypatch, tmp_path, console, error
):
    def phone_app(exports, out, title):
        raise error("no [npm] on the PATH")

    monkeypatch.setattr(demo, "phone_app", phone_app)
    assert not demo.build_app(tmp_path, console)
    text = "The app is left out: no [npm] on the PATH\n"
    assert console.export_text() == text
