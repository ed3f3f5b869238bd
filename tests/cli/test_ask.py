import json
import sys

import pytest
from PIL import Image
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.models import FineGrainedClassifier
from kerasfg_cli.ask import check_ask
from kerasfg_cli.ask import option_of

OPTIONS = ("black", "blue", "red")
TABLE = "class,coat\namber,long\nblue,short\ncoral,long\n"


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("1", 0),
        (" 3 ", 2),
        ("red", 2),
        ("R", 2),
        ("blac", 0),
        ("", None),
        ("?", None),
        ("Don't know", None),
    ],
)
def test_a_number_or_the_beginning_of_a_word_is_an_answer(typed, place):
    assert option_of(typed, OPTIONS) == place


@pytest.mark.parametrize("typed", ["0", "4", "-1", "bl", "green", "\u00b2"])
def test_says_what_can_be_typed(typed):
    with pytest.raises(ValueError, match="Type a number from 1 to 3"):
        option_of(typed, OPTIONS)


def test_ask_without_a_terminal_or_with_other_options_is_an_error(monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(ValueError, match="needs a terminal"):
        check_ask(True, None, None, None)
    with pytest.raises(ValueError, match="guaranteed coverage.*coverage=0.9"):
        check_ask(True, 0.9, None, None)
    with pytest.raises(ValueError, match="add `ask`.*attribute=\\['x'\\]"):
        check_ask(False, None, None, ["x"])
    check_ask(False, 0.9, None, None)


def test_asks_at_the_terminal(tiny_backbone, tmp_path, monkeypatch):
    names = ["amber", "blue", "coral"]
    model = FineGrainedClassifier(tiny_backbone(), 3, class_names=names)
    model.save(tmp_path / "model.keras")
    manifest = make_manifest(16, names, {"threshold": 1.0})
    write_manifest(manifest, tmp_path)
    Image.new("RGB", (16, 16)).save(tmp_path / "0.png")
    (tmp_path / "coats.csv").write_text(TABLE)
    monkeypatch.setattr("kerasfg_cli.predict.check_ask", lambda *_: None)
    runner = CliRunner()
    typed = ["predict", str(tmp_path), str(tmp_path / "0.png")]
    typed += ["--ask", "--json"]
    refused = runner.invoke(kerasfg_cli.app, typed)
    assert "give a table of `--attributes`" in str(refused.exception)
    typed += ["--attributes", str(tmp_path / "coats.csv")]
    result = runner.invoke(kerasfg_cli.app, typed, input="medium\nsh\n")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout.splitlines()[-1])
    asked = [{"question": "Coat?", "answer": "short"}]
    assert answer["questions"] == asked
    assert answer["class"] == "blue"
    assert "Type a number from 1 to 2" in result.stderr
    assert "1 long  2 short" in result.stderr
