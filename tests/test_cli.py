"""The command line, run as a user runs it."""

import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.config import Recipe
from kerasfg.config.sections import BY_OPTIMIZER
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


def test_train_has_an_option_for_each_key_of_a_recipe():
    command = typer.main.get_command(kerasfg_cli.app).commands["train"]
    options = {parameter.name for parameter in command.params}
    recipe = Recipe().model_dump()
    keys = {key for section in recipe.values() for key in section}
    rare = {
        "flip",
        "shift",
        "scale",
        "color",
        "step_epochs",
        "warmup_epochs",
        "gradient_clip",
        "head_learning_rate",
        "deterministic",
        "boxes",
    }
    assert keys - options == rare  # these are for a recipe file
    sharing = {"devices", *SHARING}
    assert options - keys == {"recipe", "out", "resume", "as_json"} | sharing


def test_train_shows_the_defaults_of_a_recipe():
    command = typer.main.get_command(kerasfg_cli.app).commands["train"]
    shown = {p.name: p.show_default for p in command.params}
    for section in Recipe().model_dump().values():
        for key, value in section.items():
            if key not in shown:
                continue
            by_optimizer = [
                of[key] for of in BY_OPTIMIZER.values() if key in of
            ]
            if by_optimizer:
                assert shown[key] == "{}; sgd: {}".format(*by_optimizer)
            elif value in ("", None, ()):  # nothing to show
                assert not isinstance(shown[key], str)
            elif isinstance(value, bool):
                assert shown[key] == ("yes" if value else "no")
            else:
                assert shown[key] == str(value)


def test_the_options_of_train_reach_the_recipe(monkeypatch):
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
    monkeypatch, tmp_path
):
    taken = []

    def train(recipe, out, resume, verbose, devices):
        taken.append(recipe.attributes.attribute)
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasfg.training.train", train)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[attributes]\nattributes = "a"\nattribute = "white"\n')
    for options in ([], ["--attribute", "forest"]):
        arguments = ["train", str(recipe), "--out", "run", *options]
        runner.invoke(kerasfg_cli.app, arguments)
    assert taken == [("white",), ("forest",)]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["train", "--dta", "x"], ["train"], ["nothing"]]
)
def test_answers_without_tensorflow(arguments):
    code = (
        "import sys, kerasfg_cli\n"
        f"sys.argv = ['kerasfg', *{arguments!r}]\n"
        "try: kerasfg_cli.main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'tensorflow', 'keras', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "sys.exit(code)\n"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True
    )
    assert result.returncode == (0 if arguments == ["--help"] else 2)
    assert "Traceback" not in result.stderr


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


@pytest.mark.parametrize("command", ["phone", "report"])
def test_answers_with_kerasfg_but_without_tensorflow(tmp_path, command):
    code = (
        "import sys, kerasfg_cli\n"
        f"sys.argv = ['kerasfg', {command!r}, 'absent', '--out', 'made']\n"
        "try: kerasfg_cli.main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'tensorflow', 'keras', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "sys.exit(code)\n"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert result.returncode == 1
    assert "absent" in result.stderr.partition("Received: ")[2]
    assert len(result.stderr.splitlines()) == 1, result.stderr


def test_resolutions_reach_the_evaluation(monkeypatch):
    taken = {}

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
        ("train --data absent", "absent', which is missing"),
        ("train --data x --image-size 3", "image_size=3"),
        ("train absent.toml", "Received: recipe="),
        ("train flowers17_32px", "add --data DIR"),
        (
            "train --data x --second-backbone vgg_16",
            "second_backbone='vgg_16', pooling='average'",
        ),
        ("train --resume absent", "Received: run='absent'"),
        ("evaluate absent", "Received: run='absent'"),
        ("report absent --out a.html", "Received: run='absent'"),
        ("tsne absent --out a.png", "Received: run='absent'"),
        ("export absent --out out", "Received: model='absent'"),
        ("phone absent --out app", "Received: absent"),
        ("reproduce absent", "Received: grid='absent'"),
        ("reproduce awa2_tiny32_methods", "which are awa2/tiny32"),
        ("reproduce paper1_table1 --rows px9", "rows of this grid are px32"),
        ("predict absent x.jpg", "Received: pictures='x.jpg'"),
    ],
    ids=str,
)
def test_says_in_one_line_what_is_wrong(
    tmp_path, monkeypatch, capfd, arguments, message
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["kerasfg", *arguments.split()])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as ended:
        kerasfg_cli.main()
    assert ended.value.code == 1
    stdout, stderr = capfd.readouterr()
    assert message in stderr
    assert len(stderr.splitlines()) == 1, stderr
    assert stdout == ""
    assert list(tmp_path.iterdir()) == []  # nothing was begun


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
    arguments = "kerasfg train --data x --local-processes 2"
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
        ([], "'daisy'. If it is meant for more classes than these, add --oth"),
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


def test_help_is_quick_beside_an_import_of_keras():
    def seconds(*command):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-P", *command], capture_output=True)
        return time.perf_counter() - began

    # a ratio within one run, since the machine may be busy
    answer = min(seconds("-m", "kerasfg_cli", "--help") for _ in range(3))
    assert answer < seconds("-c", "import keras")
