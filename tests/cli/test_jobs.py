"""Commands that do their whole job."""

import json
import sys
import warnings

import pytest
from command_line import kerasfg
from rich.console import Console
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.distributed import supervisor

runner = CliRunner()


@pytest.mark.parametrize("https", [False, True])
def test_phone_serves_until_it_is_interrupted(monkeypatch, tmp_path, https):
    from kerasfg.export.app.models import PhoneModel
    from kerasfg.export.app.server import PhoneServer

    def phone_app(exports, out, variant, engine, **theirs):
        assert (variant, engine) == ("int8", "litert")
        assert theirs["title"] == "Garden birds"
        assert theirs["accent"] == "#2a6"
        out.mkdir()
        (out / "app.json").write_text("{}")
        model = PhoneModel("Birds", "birds", "model_int8.tflite", engine)
        return {
            "version": "1",
            "title": theirs["title"],
            "models": [model],
            "bytes": 10_000_000,
        }

    def serve_forever(server):
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasfg.export.app.phone_app.phone_app", phone_app)
    monkeypatch.setattr(PhoneServer, "serve_forever", serve_forever)
    arguments = ["phone", "export", "--out", str(tmp_path / "app")]
    options = ["--variant", "int8", "--serve", "--port", "0", "--json"]
    options += ["--title", "Garden birds", "--accent", "#2a6"]
    result = runner.invoke(
        kerasfg_cli.app, [*arguments, *options, *["--https"] * https]
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["models"][0]["name"] == "Birds"
    assert f"http{'s' * https}://127.0.0.1:" in result.stderr
    assert ("a trusted certificate" in result.stderr) == https


def test_a_terminal_shows_the_address_as_a_code(monkeypatch, capsys):
    from kerasfg_cli import phone

    address = "https://192.0.2.1:8000/"
    phone._show_code(address)
    assert capsys.readouterr().err == ""  # it is no terminal
    console = Console(force_terminal=True, width=200)
    monkeypatch.setattr(phone, "error_console", console)
    phone._show_way(address)
    rows = [r for r in capsys.readouterr().err.split("\n") if r.strip()]
    assert len(rows) >= 16  # 25 rows of modules and a margin, two in a line
    assert "▀" in "".join(rows) and "▄" in "".join(rows)
    phone._show_way("https://127.0.0.1:8000/")
    said = "".join(capsys.readouterr())
    assert "join the phone's network" in said and "▀" not in said


def test_reproduce_lists_the_grids_of_both_scales():
    result = runner.invoke(kerasfg_cli.app, ["reproduce", "list"])
    assert result.exit_code == 0
    small, full = result.stdout.split("--scale full\n")
    assert small.startswith("--scale small\n  attribute_ranking: Which ")
    for part in (small, full):
        assert "  paper1_table3: Paper 1, Table III: attributes" in part
        _, _, after = part.partition("\n  paper1_table3: ")
        lines = after.partition("\n  paper")[0].split("\n")[1:]
        labels = [line.partition(":")[0].strip() for line in lines]
        assert sorted(set(labels)) == ["differs", "same"]
    assert "  results: " in small
    assert "  results: " not in full


def test_a_warning_is_shown_once(monkeypatch, capfd):
    def warn_again_and_again():
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for text in ("few", "few", "odd", "few"):
                warnings.warn_explicit(text, UserWarning, "kerasfg/a.py", 1)

    module = sys.modules["kerasfg_cli.app"]
    monkeypatch.setattr(module, "app", warn_again_and_again)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    kerasfg_cli.main()
    shown = capfd.readouterr()[1].splitlines()
    assert shown == ["Warning: few", "Warning: odd"]


def test_ctrl_c_tells_how_several_processes_go_on(tmp_path, monkeypatch, capfd):
    (tmp_path / "recipe.toml").touch()

    def supervise(*arguments):
        raise supervisor.WorkersInterrupted(str(tmp_path))

    monkeypatch.setattr(supervisor, "supervise", supervise)
    arguments = "kerasfg train --data field_guide --local-processes 2"
    monkeypatch.setattr(sys, "argv", arguments.split())
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as ended:
        kerasfg_cli.main()
    assert ended.value.code == 130
    assert (
        f"Resume it by: kerasfg train --resume {tmp_path}"
        in capfd.readouterr()[1]
    )


def _train_with(monkeypatch, options):
    arguments = f"kerasfg train --data field_guide {options}"
    monkeypatch.setattr(sys, "argv", arguments.split())
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as ended:
        kerasfg_cli.main()
    return ended.value.code


@pytest.mark.parametrize("number", [0, 1])
def test_each_process_gets_its_number(monkeypatch, number):
    begun = []
    monkeypatch.setattr(supervisor, "supervise", lambda *a: begun.append(a[1]))
    place = "--coordinator 10.0.0.1:80 --num-processes 2"
    assert _train_with(monkeypatch, f"{place} --process-id {number}") == 0
    assert begun == [[["10.0.0.1:80", 2, number]]]


def test_workers_on_ray_run_this_command_and_then_resume(monkeypatch, tmp_path):
    from kerasfg.engines import ray_cluster
    from kerasfg.engines import ray_training

    begun = []
    monkeypatch.setattr(ray_cluster, "check_cluster", lambda address: None)
    monkeypatch.setattr(
        ray_training.RayTraining, "train", lambda self: begun.append(self)
    )
    monkeypatch.chdir(tmp_path)
    options = "--engine ray --workers 4 --ray-address a:1 --devices 2 --json"
    assert _train_with(monkeypatch, options) == 0
    (training,) = begun
    assert (training.workers, training.address) == (4, "a:1")
    program = ["-P", "-m", "kerasfg_cli", "train"]
    typed = ["--data", "field_guide", *options.split()]
    out = "runs/field_guide-64px"
    assert training.command(False) == [*program, "--out", out, *typed]
    more = "--engine ray --workers 4 --devices 2 --json"
    resumed = ["--resume", out, *more.split()]
    assert training.command(True) == [*program, *resumed]


def test_workers_on_ray_leave_what_is_in_the_folder(
    monkeypatch, tmp_path, capfd
):
    from kerasfg.engines import ray_cluster

    monkeypatch.setattr(ray_cluster, "check_cluster", lambda address: None)
    (tmp_path / "recipe.toml").touch()
    options = f"--engine ray --workers 2 --out {tmp_path}"
    assert _train_with(monkeypatch, options) == 1
    assert "The run folder must be new or empty" in capfd.readouterr()[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--workers 2", "add --engine ray"),
        ("--engine ray --workers 2 --local-processes 2", "or --workers, or"),
        ("--distributed --process-id 0", "or --distributed, or"),
    ],
    ids=str,
)
def test_ways_to_train_in_several_processes_exclude_one_another(
    monkeypatch, capfd, options, message
):
    monkeypatch.setenv("COLUMNS", "200")
    assert _train_with(monkeypatch, options) == 2
    assert message in capfd.readouterr()[1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")  # of a broken picture
def test_the_whole_job_on_a_folder(picture_folder, tmp_path, monkeypatch):
    environment = {"KERASFG_CACHE": str(tmp_path / "cache"), "PATH": ""}

    def run(*arguments, code=0):
        result = kerasfg(*arguments, cwd=tmp_path, env=environment)
        assert result.returncode == code, result.stderr
        return result

    def answer(*arguments):
        """Of `predict` in this process: starting one takes seconds."""
        return runner.invoke(kerasfg_cli.app, ["predict", *map(str, arguments)])

    (picture_folder / "blue" / "broken.jpg").write_bytes(b"no picture")
    options = "--backbone mobilenet_v1_025 --weights none --json"
    options += " --image-size 32 --epochs 2 --batch-size 8"
    data = ["--data", picture_folder, "--out", "run"]
    trained = run("train", *data, *options.split())
    assert "blue/broken.jpg" in trained.stderr
    assert 0 <= json.loads(trained.stdout)["test"]["top_1"] <= 1
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASFG_CACHE", environment["KERASFG_CACHE"])
    evaluated = runner.invoke(kerasfg_cli.app, ["evaluate", "run"])
    assert "Top-1" in evaluated.stdout
    evaluated = runner.invoke(kerasfg_cli.app, ["evaluate", "run", "--json"])
    classes = ["amber", "blue", "coral"]
    assert json.loads(evaluated.stdout)["classes"] == classes
    exported = run("export", "run", "--out", "phone")
    assert "model.tflite" in exported.stdout
    assert "model.onnx" in exported.stdout
    models = ["run", "run/model.keras"]
    models += ["phone", "phone/model.tflite", "phone/model.onnx"]
    picture = picture_folder / "blue" / "00.png"
    first, *others = [
        json.loads(answer(model, picture, "--json").stdout) for model in models
    ]
    for other in others:
        assert other["class"] == first["class"]
        assert other["probability"] == pytest.approx(
            first["probability"], abs=1e-4
        )
    folder = answer("phone", picture_folder / "coral")
    assert len(folder.stdout.splitlines()) == 12
    bad = run("predict", "phone", picture_folder / "blue", code=1)
    assert "broken.jpg: cannot be read" in bad.stdout
