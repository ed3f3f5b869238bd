"""Mistakes at the command line: one clear line, before much is loaded."""

import json
import re
import subprocess
import sys
import warnings

import pytest
import typer
from command_line import kerasfg
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg_cli.app import print_place
from kerasfg_cli.errors import Commands

runner = CliRunner()


def _answers(commands, cwd):
    """Runs commands one after the other, all in one process of Python.

    Returns, for each, its exit code, its lines, the modules that are loaded by
    then, and what is in the folder.
    """
    code = (
        "import contextlib, io, json, os, sys, kerasfg_cli\n"
        "for arguments in json.loads(sys.argv.pop()):\n"
        "    sys.argv, said = ['kerasfg', *arguments], io.StringIO()\n"
        "    try:\n"
        "        with contextlib.redirect_stderr(said): kerasfg_cli.main()\n"
        "    except SystemExit as end: code = end.code\n"
        "    answer = code, said.getvalue(), [*sys.modules], os.listdir()\n"
        "    sys.stdout.write('\\n' + json.dumps(answer))\n"
    )
    commands = [arguments.split() for arguments in commands]
    result = subprocess.run(
        [sys.executable, "-P", "-c", code, json.dumps(commands)],
        capture_output=True,
        text=True,
        cwd=cwd,
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    lines = result.stdout.splitlines()
    answers = [json.loads(line) for line in lines if line.startswith("[")]
    return [
        (code, said.splitlines(), set(modules), files)
        for code, said, modules, files in answers
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "absent"),
    [
        ("--help", 0, "pydantic numpy kerasfg"),
        ("--version", 0, "pydantic numpy kerasfg"),
        ("nothing", 2, "numpy kerasfg"),
        ("train --help", 0, "numpy"),
        ("train --dta x", 2, "numpy"),
        ("train", 2, "numpy"),
    ],
    ids=str,
)
def test_answers_before_anything_is_loaded(tmp_path, arguments, code, absent):
    ((found, _, modules, _),) = _answers([arguments], tmp_path)
    assert found == code
    assert not {"tensorflow", "keras", *absent.split()} & modules


MISTAKES = [
    "train --data absent",
    "train flowers17_32px",
    "train --data field_guide --attributes absent",
    "train --data field_guide --teacher absent",
    "train --data field_guide --weights absent",
    "train --data field_guide --latency soon",
    "train --data field_guide --latency 0.0001",
    "train --data field_guide --latency 2ms --backbone resnet_18",
    "train --resume absent",
    "evaluate absent",
    "predict absent absent.jpg",
    "export absent --out made",
    "tsne absent --out a.png",
    "phone absent --out made",
    "report absent --out made",
    "reproduce absent",
    "reproduce paper1_table1 --data absent",
    "evaluate absent --taxonomy absent.csv",
    "evaluate absent --precision 0.3",
    "evaluate absent --by-table absent.csv",
    "evaluate absent --by place --by-table absent.csv",
    "train --data absent --folds 1",
    "evaluate absent --negatives absent",
    "predict absent absent.jpg --ask",
    "predict absent absent.jpg --ask --coverage 0.9",
    "predict absent absent.jpg --attributes absent.csv",
    "predict absent absent.jpg --why",
    "distance absent --object-size 1 --fov 60 --sensor-pixels 4000",
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What is answered to each of `MISTAKES`."""
    given = _answers(MISTAKES, tmp_path_factory.mktemp("mistakes"))
    return dict(zip(MISTAKES, given, strict=True))


@pytest.mark.parametrize("arguments", MISTAKES)
def test_mistakes_are_answered_without_tensorflow(answers, arguments):
    code, lines, modules, files = answers[arguments]
    assert code == 1
    assert len(lines) == 1, lines
    assert "Received: " in lines[0]
    assert not {"tensorflow", "keras", "onnxruntime"} & modules
    assert files == []  # nothing was begun


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        ([], "The folder is empty."),
        (["0.png", "1.png"], "2 pictures are directly in the folder."),
        (["a/0.png"], "at least two class folders"),
        (["a/x/0.png", "b/y/0.png"], "Set `--class-level` to 1 if"),
    ],
    ids=["empty", "loose", "one class", "two levels"],
)
def test_a_folder_without_clear_classes_is_answered_without_tensorflow(
    tmp_path, pictures, said
):
    (tmp_path / "photos").mkdir()
    for name in pictures:
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"GIF89a")
    ((code, lines, modules, _),) = _answers(["train --data photos"], tmp_path)
    assert code == 1 and len(lines) == 1, lines
    assert said in lines[0] and "--data='photos'" in lines[0]
    assert not {"tensorflow", "keras"} & modules


@pytest.mark.parametrize("text", ["16,x", "16;24", "16, 24.5"])
def test_resolutions_are_whole_numbers(text):
    arguments = ["evaluate", "absent", "--resolutions", text]
    result = runner.invoke(kerasfg_cli.app, arguments)
    assert result.exit_code == 2
    assert "whole numbers separated by commas" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("train --data absent", "`--data` must .*--data='absent', which is "),
        ("train --data x --image-size 3", "`--image-size` .*--image-size=3$"),
        ("train --data x --batch-size 0", "`--batch-size` .*--batch-size=0$"),
        ("train --data x --balanced 5", "--balanced=5, --batch-size=32$"),
        ("train --data x --attribute a", "by `--attributes`.*--attributes=''$"),
        ("train --data field_guide --out .", "Received: --out='.'$"),
        ("train --data cub200:x", "Download .* Received: --data='x'$"),
        ("train --data field_guide --attributes x", "--attributes='x', which"),
        ("train --data field_guide --teacher x", "Received: --teacher='x'$"),
        ("train absent.toml", "Received: recipe="),
        ("train flowers17_32px", "`--data` must name .* Received: --data=''$"),
        (
            "train --data x --second-backbone vgg_16",
            "--second-backbone='vgg_16', --pooling='average'",
        ),
        (
            "train --data field_guide --images-per-class 3 --backbone x",
            "`--backbone` must .*--backbone='x'",
        ),
        ("train --resume absent", "Received: --resume='absent'$"),
        (
            "train --data field_guide --effort best --local-processes 2",
            "a larger `--image-size`.*Received: --effort='best', --teacher=''$",
        ),
        ("evaluate absent", "Received: run='absent'"),
        ("report absent --out a.html", "Received: run='absent'"),
        ("tsne absent --out a.png", "Received: run='absent'"),
        ("export absent --out out", "Received: model='absent'"),
        ("export . --out out", "Received: run='.'"),
        ("phone absent --out app", "Received: exported='absent'$"),
        ("phone absent --out app --accent red", "`--accent` must be a colour"),
        ("phone absent --out app --icon no.png", "`--icon` must be a file"),
        ("phone absent --out app --names no.csv", "`--names` must be a file"),
        ("phone absent --out app --examples no", "--examples='no', which is"),
        ("reproduce absent", "Received: grid='absent'"),
        ("reproduce awa2_tiny32_methods", "pictures: awa2/tiny32"),
        ("reproduce paper1_table1 --rows px9", "rows of this grid are px32"),
        ("reproduce paper1_table1 --data x", "Received: --data='x'$"),
        ("predict absent x.jpg", "Received: model='absent'"),
        ("distance x --object-size 1 --photo mine", "Received: run='x'"),
        ("evaluate . --data x", "Received: run='.'"),
        ("evaluate x --exported y", "add `--clients`.*--exported='y'$"),
        ("evaluate x --clients --exported y", "export`.*--exported='y'$"),
    ],
    ids=str,
)
def test_says_in_one_line_what_is_wrong(
    tmp_path, monkeypatch, capfd, arguments, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").touch()
    monkeypatch.setattr(sys, "argv", ["kerasfg", *arguments.split()])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as ended:
        kerasfg_cli.main()
    assert ended.value.code == 1
    stdout, stderr = capfd.readouterr()
    assert re.search(message, stderr.strip())
    assert len(stderr.splitlines()) == 1, stderr
    assert stdout == ""
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("command", ["train --data", "phone --out app"])
def test_a_process_of_its_own_says_no_more(tmp_path, command):
    result = kerasfg(*command.split(), "absent", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--attribute", "wram"], "lacks the attribute 'wram' (did you mean"),
        pytest.param(
            [],
            "more classes than these, set `--other-classes`.",
            marks=pytest.mark.slow,
        ),
    ],
    ids=str,
)
def test_says_what_is_wrong_with_a_table(
    picture_folder, tmp_path, options, message
):
    table = tmp_path / "table.csv"
    table.write_text("class,warm\namber,1\nblue,0\ncoral,1\ndaisy,1\n")
    result = kerasfg(
        "train",
        "--data",
        picture_folder,
        "--image-size",
        "16",
        "--attributes",
        table,
        *options,
        "--json",
        cwd=tmp_path,
        env={"KERASFG_CACHE": str(tmp_path / "cache"), "PATH": ""},
    )
    assert result.returncode == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert not (tmp_path / "runs").exists()


def test_a_path_is_no_markup(capsys):
    print_place("The page is", "out/[/b]x[bold].html")
    assert "out/[/b]x[bold].html." in capsys.readouterr().out


def test_a_file_that_ends_too_early_is_not_taken_for_ctrl_d():
    app = typer.Typer(cls=Commands)
    app.callback()(lambda: None)

    @app.command()
    def read():
        raise EOFError("No data left in file")

    error = runner.invoke(app, ["read"]).exception
    assert isinstance(error, OSError)
    assert str(error) == "A file ends too early: No data left in file"
