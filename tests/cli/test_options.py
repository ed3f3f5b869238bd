"""The options of each command reach what it calls."""

import gc
import importlib
import importlib.util
import json
import sys
import warnings
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.config import Recipe
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.run.description import Description
from kerasfg_cli.export import _check_frame_size as check_frame_size
from kerasfg_cli.export import _folder as export_folder
from kerasfg_cli.export import _print_next as print_next_of_export
from kerasfg_cli.options import without_collection
from kerasfg_cli.options import without_unused_packages
from kerasfg_cli.processes import SHARING

runner = CliRunner()


COMMANDS = [
    "inspect",
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


def test_imports_collect_no_garbage(monkeypatch):
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    with pytest.raises(ImportError), without_collection():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()
    assert frozen == [False]


def test_packages_are_imported_without_what_they_do_not_need(monkeypatch):
    for name in ("jax", "pandas"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        assert importlib.util.find_spec(name)
    with without_unused_packages("jax"):
        assert importlib.util.find_spec("jax")
        with pytest.raises(ImportError, match="pandas is not used here"):
            importlib.import_module("pandas")
    assert importlib.util.find_spec("pandas")


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
    own |= {"engine", "ray_address"}
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
        effort="standard",
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


def test_resolutions_and_clients_reach_the_evaluation(monkeypatch):
    taken = {}
    monkeypatch.setattr("kerasfg_cli.evaluate.check_runs", lambda *given: None)
    monkeypatch.setattr(
        "kerasfg.run.evaluation.warn_of_chance", lambda report: None
    )

    class TrainedRun:
        def __init__(self, run, data, verbose):
            taken["run"] = run

        def read_attributes(self, table, names=()):
            return None

        def read_levels(self, **given):
            taken["levels"] = given

        def resolution_curve(self, resolutions):
            taken["resolutions"] = resolutions
            return ["the curve"]

        def client_table(self, exported):
            taken["exported"] = exported
            return "the table"

        def evaluate(self, attributes, resolutions, clients, levels, **asked):
            taken.update(asked)
            return {"resolutions": resolutions, "clients": clients}

    monkeypatch.setattr("kerasfg.run.TrainedRun", TrainedRun)
    arguments = ["evaluate", "run", "--json"]
    result = runner.invoke(kerasfg_cli.app, arguments)
    given = {"resolutions": None, "clients": None}
    assert json.loads(result.stdout) == given
    arguments += ["--resolutions", "64,16, 24"]
    result = runner.invoke(kerasfg_cli.app, arguments)
    given["resolutions"] = ["the curve"]
    assert json.loads(result.stdout) == given
    assert taken == {
        "run": Path("run"),
        "resolutions": [64, 16, 24],
        "levels": {"taxonomy": None, "level": (), "attributes": None},
        "questions": None,
        "by": (),
        "by_table": None,
        "precision": None,
        "negatives": None,
        "foreign": None,
    }
    more = ["--clients", "--level", "a", "--level", "b", "--questions"]
    more += ["--wrong-answers", "0.2", "--by", "size", "--by", "camera"]
    more += ["--precision", "0.9"]
    result = runner.invoke(kerasfg_cli.app, [*arguments, *more])
    assert taken["levels"]["level"] == ["a", "b"]
    assert taken["questions"] == 0.2
    assert taken["by"] == ("size", "camera") and taken["precision"] == 0.9
    assert json.loads(result.stdout)["clients"] == "the table"
    assert taken["exported"] is None


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
        *"--tflite --quantize int8 --quantize mixed --frame-size 224".split(),
        *"--data photos --crop whole --crop-fraction 0.5".split(),
        *"--input-range -1,1 --image-size 32 --class-order keras".split(),
        *"--untrained --class-level 2".split(),
        *"--output logits --output-name head --max-drop 0.02".split(),
        *("--author", "A. N. Other", "--license", "CC0", "--no-measure"),
    )
    assert taken.pop("result").exit_code == 0
    assert taken == {
        "model": (
            Path("m.keras"),
            ["photos"],
            Description(
                input_range="-1,1",
                output="logits",
                output_name="head",
                image_size=32,
                class_order="keras",
                crop="whole",
                crop_fraction=0.5,
                class_level=2,
                untrained=True,
            ),
        ),
        "formats": ["tflite"],
        "variants": ["int8", "mixed"],
        "frame_size": 224,
        "micro": False,
        "max_drop": 0.02,
        "measure": False,
        "author": "A. N. Other",
        "license": "CC0",
    }
    assert exported_with("--all")["variants"] == "all"


def test_the_files_of_a_run_go_to_its_folder_export(tmp_path):
    assert export_folder(tmp_path, None) == tmp_path / "export"
    assert export_folder(tmp_path, Path("out")) == Path("out")
    assert export_folder(Path("m.keras"), Path("out")) == Path("out")
    with pytest.raises(ValueError, match="give `out`. Received: model='m.ker"):
        export_folder(Path("m.keras"), None)


@pytest.mark.parametrize("size", ["7", "1025", "4000"])
def test_a_frame_that_no_file_takes_is_refused_at_once(exported_with, size):
    taken = exported_with("--frame-size", size)
    assert taken["result"].exit_code == 2
    assert "--frame-size" in taken["result"].output
    assert "formats" not in taken


def test_a_frame_smaller_than_the_network_of_a_run_is_refused(tmp_path):
    write_manifest(make_manifest(64, ["tit", "wren"]), tmp_path)
    check_frame_size(tmp_path, 64)
    with pytest.raises(ValueError, match="from the network's 64 to 1024"):
        check_frame_size(tmp_path, 32)


def test_a_refused_file_fails_a_strict_export(exported_with):
    error = exported_with("--strict")["result"].exception
    assert isinstance(error, ValueError)
    assert "Received: model_int8.tflite, refused" in str(error)


def test_a_long_error_is_cut(monkeypatch, capsys):
    module = sys.modules["kerasfg_cli.app"]

    def fail():
        raise ValueError("rule. Received: " + "5" * 100_000 + " at the end")

    monkeypatch.setattr(module, "app", fail)
    monkeypatch.setattr(module, "end_tidily", lambda: None)
    monkeypatch.setattr(warnings, "showwarning", None)
    with pytest.raises(SystemExit, match="1"):
        module.main()
    said = capsys.readouterr().err
    assert said.startswith("Error: rule.") and said.endswith("at the end\n")
    assert len(said) < 4000 and said.count("\n") == 1


@pytest.mark.parametrize(
    ("files", "next_command"),
    [
        ([("tflite", "float32"), ("onnx", "float32")], "--out app --serve"),
        ([("onnx", "float32")], "--out app --engine onnxruntime --serve"),
        ([("tflite", "micro")], None),
    ],
)
def test_export_names_the_command_for_the_app(capsys, files, next_command):
    facts = [{"format": kind, "variant": variant} for kind, variant in files]
    print_next_of_export(dict(enumerate(facts)), Path("my run/export"))
    begin = "Next: kerasfg phone 'my run/export' "
    expected = next_command and f"{begin}{next_command} --https\n"
    assert capsys.readouterr().out == (expected or "")
