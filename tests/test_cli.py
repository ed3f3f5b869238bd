"""The command line, run as a user runs it."""

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.config import Recipe
from kerasfg.distributed import supervisor
from kerasfg_cli.processes import SHARING

runner = CliRunner()


def kerasfg(*arguments, **options):
    """Runs the installed command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "kerasfg_cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        **options,
    )


COMMANDS = [
    "train",
    "evaluate",
    "report",
    "tsne",
    "predict",
    "export",
    "phone",
    "reproduce",
    "demo",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command):
    result = runner.invoke(kerasfg_cli.app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: kerasfg {command}" in result.output


def test_train_has_the_options_of_a_recipe():
    command = typer.main.get_command(kerasfg_cli.app).commands["train"]
    context = typer.Context(command)
    parameters = {p.name: p for p in command.get_params(context)}
    del parameters["help"]
    options = Recipe.options()
    for name, option in options.items():
        if not option.flag:  # it is for a recipe file
            assert name not in parameters
            continue
        parameter = parameters[name]
        assert option.flag in parameter.opts
        assert parameter.help == option.description
        assert parameter.rich_help_panel == option.panel
        assert parameter.show_default == (option.shown or True)
        assert parameter.default is None
        negative = [f"--no-{option.flag[2:]}"]
        has_negative = option.type is bool and option.has_negative
        assert parameter.secondary_opts == negative * has_negative
    own = {"recipe", "out", "resume", "as_json", "devices", *SHARING}
    assert parameters.keys() - options.keys() == own
    assert parameters["attribute"].multiple


@pytest.fixture
def any_place(monkeypatch):
    """Lets recipes name pictures, tables and teachers that are not there."""
    for check in ("pictures", "attribute_table"):
        monkeypatch.setattr(
            f"kerasfg.config.places.check_{check}", lambda *given: None
        )
    monkeypatch.setattr(
        "kerasfg.run.run_folder.RunFolder.check_trained", lambda run: None
    )


def test_the_options_of_train_reach_the_recipe(monkeypatch, any_place):
    taken = {}

    def train(recipe, out, resume, verbose, devices):
        taken["recipe"] = recipe
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasfg.training.train", train)
    arguments = (
        "train --data pictures --out run --attention --pooling bilinear "
        "--second-backbone vgg_16 --attributes table.csv --attribute patches "
        "--attribute forest --attribute-threshold 0.3 --split-features "
        "--class-variance 0.1 --on map --balanced 4 --crop-from 72 "
        "--augment-at 128 --train-resolutions 16,24 --train-share 0.5 "
        "--val-share 0.1 "
        "--classes 10 --teacher larger --teacher-weight 0.7 "
        "--teacher-temperature 4"
    )
    runner.invoke(kerasfg_cli.app, arguments.split())
    assert taken["recipe"] == Recipe().with_options(
        data="pictures",
        attention=True,
        pooling="bilinear",
        second_backbone="vgg_16",
        attributes="table.csv",
        attribute=("patches", "forest"),
        attribute_threshold=0.3,
        split_features=True,
        class_variance=0.1,
        on="map",
        balanced=4,
        crop_from=72,
        augment_at=128,
        train_resolutions=(16, 24),
        train_share=0.5,
        val_share=0.1,
        classes=10,
        teacher="larger",
        teacher_weight=0.7,
        teacher_temperature=4,
    )


def test_a_recipe_keeps_its_attributes_unless_others_are_named(
    monkeypatch, tmp_path, any_place
):
    taken = []

    def train(recipe, out, resume, verbose, devices):
        taken.append(recipe.attributes.names)
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasfg.training.train", train)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[attributes]\ntable = "a"\nnames = "white"\n')
    for options in ([], ["--attribute", "forest"]):
        arguments = ["train", str(recipe), "--data", "x", "--out", "run"]
        runner.invoke(kerasfg_cli.app, [*arguments, *options])
    assert taken == [("white",), ("forest",)]


def _modules_loaded_by(arguments, cwd):
    """Runs a command; returns its exit code, its lines and what it loaded."""
    code = (
        "import sys, kerasfg_cli\n"
        f"sys.argv = ['kerasfg', *{arguments!r}]\n"
        "try: kerasfg_cli.main()\n"
        "except SystemExit as end: code = end.code\n"
        "sys.stdout.write('\\n' + ' '.join(sys.modules))\n"
        "sys.exit(code)\n"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        cwd=cwd,
    )
    assert "Traceback" not in result.stderr
    modules = set(result.stdout.rpartition("\n")[2].split())
    return result.returncode, result.stderr.splitlines(), modules


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
    found, _, modules = _modules_loaded_by(arguments.split(), tmp_path)
    assert found == code
    assert not {"tensorflow", "keras", *absent.split()} & modules


@pytest.mark.parametrize(
    "arguments",
    [
        "train --data absent",
        "train flowers17_32px",
        "train --data field_guide --attributes absent",
        "train --data field_guide --teacher absent",
        "train --resume absent",
        "evaluate absent",
        "predict absent absent.jpg",
        "export absent --out made",
        "tsne absent --out a.png",
        "phone absent --out made",
        "report absent --out made",
        "reproduce absent",
        "reproduce paper1_table1 --data absent",
    ],
)
def test_mistakes_are_answered_without_tensorflow(tmp_path, arguments):
    code, lines, modules = _modules_loaded_by(arguments.split(), tmp_path)
    assert code == 1
    assert len(lines) == 1, lines
    assert "Received: " in lines[0]
    assert not {"tensorflow", "keras", "onnxruntime"} & modules
    assert list(tmp_path.iterdir()) == []  # nothing was begun


@pytest.mark.parametrize("https", [False, True])
def test_phone_serves_until_it_is_interrupted(monkeypatch, tmp_path, https):
    from kerasfg.export.app.models import PhoneModel
    from kerasfg.export.app.server import PhoneServer

    def phone_app(exports, out, variant, engine):
        assert (variant, engine) == ("int8", "litert")
        out.mkdir()
        (out / "app.json").write_text("{}")
        model = PhoneModel("Birds", "birds", "model_int8.tflite", engine)
        return {"version": "1", "models": [model], "bytes": 10_000_000}

    def serve_forever(server):
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasfg.export.app.phone_app.phone_app", phone_app)
    monkeypatch.setattr(PhoneServer, "serve_forever", serve_forever)
    arguments = ["phone", "export", "--out", str(tmp_path / "app")]
    options = ["--variant", "int8", "--serve", "--port", "0", "--json"]
    result = runner.invoke(
        kerasfg_cli.app, [*arguments, *options, *["--https"] * https]
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["models"][0]["name"] == "Birds"
    assert f"http{'s' * https}://127.0.0.1:" in result.stderr
    assert ("that the phone trusts" in result.stderr) == https


def test_resolutions_reach_the_evaluation(monkeypatch):
    taken = {}
    monkeypatch.setattr("kerasfg_cli.evaluate._check_runs", lambda *given: None)

    class TrainedRun:
        def __init__(self, run, data, verbose):
            taken["run"] = run

        def read_attributes(self, table, names):
            return None

        def resolution_curve(self, resolutions):
            taken["resolutions"] = resolutions
            return ["the curve"]

        def evaluate(self, attributes, resolutions):
            return {"resolutions": resolutions}

    monkeypatch.setattr("kerasfg.run.TrainedRun", TrainedRun)
    arguments = ["evaluate", "run", "--json"]
    result = runner.invoke(kerasfg_cli.app, arguments)
    assert json.loads(result.stdout) == {"resolutions": None}
    arguments += ["--resolutions", "64,16, 24"]
    result = runner.invoke(kerasfg_cli.app, arguments)
    assert json.loads(result.stdout) == {"resolutions": ["the curve"]}
    assert taken == {"run": Path("run"), "resolutions": [64, 16, 24]}


def test_reproduce_lists_the_grids_of_both_scales():
    result = runner.invoke(kerasfg_cli.app, ["reproduce", "list"])
    assert result.exit_code == 0
    small, full = result.stdout.split("--scale full\n")
    assert small.startswith("--scale small\n  attribute_ranking: Which ")
    for part in (small, full):
        assert "  paper1_table3: Paper 1, Table III: attributes" in part
    assert "  results: " in small
    assert "  results: " not in full


@pytest.mark.parametrize("text", ["16,x", "16;24", "16, 24.5"])
def test_resolutions_are_whole_numbers(text):
    arguments = ["evaluate", "absent", "--resolutions", text]
    result = runner.invoke(kerasfg_cli.app, arguments)
    assert result.exit_code == 2
    assert "whole numbers with commas between" in result.output


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
        ("evaluate absent", "Received: run='absent'"),
        ("report absent --out a.html", "Received: run='absent'"),
        ("tsne absent --out a.png", "Received: run='absent'"),
        ("export absent --out out", "Received: model='absent'"),
        ("export . --out out", "Received: run='.'"),
        ("phone absent --out app", "Received: exported='absent'$"),
        ("reproduce absent", "Received: grid='absent'"),
        ("reproduce awa2_tiny32_methods", "which are awa2/tiny32"),
        ("reproduce paper1_table1 --rows px9", "rows of this grid are px32"),
        ("reproduce paper1_table1 --data x", "Received: --data='x'$"),
        ("predict absent x.jpg", "Received: model='absent'"),
        ("evaluate . --data x", "Received: run='.'"),
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
        f"Go on by: kerasfg train --resume {tmp_path}" in capfd.readouterr()[1]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--attribute", "wram"], "lacks the attribute 'wram' (did you mean"),
        ([], "more classes than these, set `--other-classes`."),
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


class _Exported:
    """Stands for what an export found out: one file was refused."""

    refused = {"model_int8.tflite": "It lost 3 points."}

    def to_dict(self):
        return {"refused": self.refused}


@pytest.fixture
def exported_with(monkeypatch):
    """Runs `kerasfg export` on nothing, and returns what it asked for."""
    taken = {}

    class Exportable:
        metadata = {}

        def export(self, out, formats, variants, **options):
            taken.update(options, formats=formats, variants=variants)
            return _Exported()

    def exportable(*arguments, **options):
        taken["model"] = arguments
        return Exportable()

    monkeypatch.setattr("kerasfg.run.exportable.exportable", exportable)
    monkeypatch.setattr(
        "kerasfg.run.given_paths.check_exportable", lambda *given: None
    )

    def run(*arguments):
        taken["result"] = runner.invoke(
            kerasfg_cli.app,
            ["export", "m.keras", "--out", "out", "--json", *arguments],
        )
        return {**taken, **Exportable.metadata}

    return run


def test_export_writes_both_formats_in_float32(exported_with):
    taken = exported_with()
    assert taken["formats"] == ["tflite", "onnx"]
    assert taken["variants"] == ()
    assert taken["measure"] is True
    assert taken["result"].exit_code == 0
    assert json.loads(taken["result"].stdout) == _Exported().to_dict()


def test_the_options_of_export_reach_it(exported_with):
    taken = exported_with(
        *"--tflite --quantize int8 --quantize mixed --camera 224".split(),
        *"--data photos --crop whole --crop-fraction 0.5".split(),
        *"--input-range -1,1".split(),
        *"--output logits --output-name head --max-drop 0.02".split(),
        *("--author", "A. N. Other", "--license", "CC0", "--no-measure"),
    )
    assert taken.pop("result").exit_code == 0
    assert taken == {
        "model": (Path("m.keras"), Path("photos"), "whole", 0.5),
        "formats": ["tflite"],
        "variants": ["int8", "mixed"],
        "camera": 224,
        "max_drop": 0.02,
        "measure": False,
        "input_range": "-1,1",
        "output": "logits",
        "output_name": "head",
        "author": "A. N. Other",
        "license": "CC0",
    }
    assert exported_with("--all")["variants"] == "all"


def test_a_refused_file_fails_a_strict_export(exported_with):
    error = exported_with("--strict")["result"].exception
    assert isinstance(error, ValueError)
    assert "Received: model_int8.tflite, refused" in str(error)


@pytest.mark.slow
def test_the_whole_job_on_a_folder(picture_folder, tmp_path):
    environment = {"KERASFG_CACHE": str(tmp_path / "cache"), "PATH": ""}

    def run(*arguments):
        result = kerasfg(*arguments, cwd=tmp_path, env=environment)
        assert result.returncode == 0, result.stderr
        return result

    (picture_folder / "blue" / "broken.jpg").write_bytes(b"no picture")
    trained = run(
        "train",
        "--data",
        picture_folder,
        "--out",
        "run",
        "--image-size",
        "32",
        "--weights",
        "none",
        "--epochs",
        "2",
        "--batch-size",
        "8",
        "--json",
    )
    assert "blue/broken.jpg" in trained.stderr
    assert 0 <= json.loads(trained.stdout)["test"]["top_1"] <= 1
    evaluated = run("evaluate", "run")
    assert "Top-1" in evaluated.stdout
    assert json.loads(run("evaluate", "run", "--json").stdout)["classes"] == [
        "amber",
        "blue",
        "coral",
    ]
    exported = run("export", "run", "--out", "phone")
    assert "model.tflite" in exported.stdout
    assert "model.onnx" in exported.stdout
    answers = []
    for model in (
        "run",
        "run/model.keras",
        "phone",
        "phone/model.tflite",
        "phone/model.onnx",
    ):
        picture = picture_folder / "blue" / "00.png"
        line = run("predict", model, picture, "--json").stdout
        answers.append(json.loads(line))
    for answer in answers:
        assert answer["class"] == answers[0]["class"]
        assert answer["probability"] == pytest.approx(
            answers[0]["probability"], abs=1e-4
        )
    folder = run("predict", "phone", picture_folder / "coral")
    assert len(folder.stdout.splitlines()) == 12
    bad = kerasfg(
        "predict",
        "phone",
        picture_folder / "blue",
        cwd=tmp_path,
        env=environment,
    )
    assert bad.returncode == 1
    assert "broken.jpg: cannot be read" in bad.stdout
