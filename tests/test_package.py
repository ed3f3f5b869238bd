"""What holds for the package as a whole."""

import doctest
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import kerasfg
import kerasfg.export

PACKAGES = (
    "callbacks",
    "config",
    "data",
    "distributed",
    "evaluation",
    "evaluation.plots",
    "export",
    "layers",
    "losses",
    "models",
    "run",
    "training",
)
LAZY = (
    "Recipe",
    "callbacks",
    "data",
    "evaluate",
    "evaluation",
    "export",
    "keep_freed_memory",
    "run",
    "train",
)


def modules():
    for package in (kerasfg, kerasfg.export):  # the second lies elsewhere
        prefix = f"{package.__name__}."
        for module in pkgutil.walk_packages(package.__path__, prefix):
            if module.name != "kerasfg.recipes.keras_script":  # trains
                yield module.name


def run(code):
    """In a new process, as what is imported stays so."""
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


@pytest.mark.parametrize("name", sorted(set(modules())))
def test_examples_in_docstrings_run(name, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path))
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_are_listed_sorted_and_there(name):
    module = importlib.import_module(f"kerasfg.{name}")
    assert module.__all__ == sorted(module.__all__)
    for public in module.__all__:
        assert getattr(module, public).__doc__
        assert public in dir(module)


def test_the_names_of_the_package_are_listed_sorted_and_there():
    assert kerasfg.__all__ == sorted(kerasfg.__all__)
    for name in (*kerasfg.__all__, *LAZY):
        assert getattr(kerasfg, name).__doc__
        assert name in dir(kerasfg)
    with pytest.raises(AttributeError, match="no attribute 'lossess'"):
        kerasfg.lossess  # noqa: B018


@pytest.mark.slow
def test_what_is_imported_on_first_use_is_there_without_more():
    names = ", ".join(f"kerasfg.{name}" for name in LAZY)
    run(f"import kerasfg; [{names}]")


@pytest.mark.slow
@pytest.mark.parametrize("first", ["kerasfg", "modules"])
def test_a_name_is_the_function_whatever_was_imported_first(first):
    """Where a module has the name of the function that it holds."""
    code = "import importlib, types\n"
    if first == "modules":
        code += (
            "import kerasfg.training.train, kerasfg.data.field_guide\n"
            "import kerasfg.export.quantize, kerasfg.export.bundle\n"
            "import kerasfg.evaluation.evaluate_model, kerasfg.run.evaluation\n"
        )
    code += (
        "import kerasfg\n"
        "found = [kerasfg.train, kerasfg.evaluate]\n"
        f"for package in {PACKAGES}:\n"
        "    module = importlib.import_module(f'kerasfg.{package}')\n"
        "    found += [getattr(module, name) for name in module.__all__]\n"
        "wrong = [x for x in found if isinstance(x, types.ModuleType)]\n"
        "assert not wrong, wrong\n"
        "assert kerasfg.train is kerasfg.training.train\n"
    )
    run(code)


def public_docstrings():
    """Those of what `help` shows of a public package."""
    for package in ("", *(f".{name}" for name in PACKAGES)):
        module = importlib.import_module(f"kerasfg{package}")
        for name in module.__all__:
            thing = getattr(module, name)
            if isinstance(thing, types.ModuleType):
                continue
            yield inspect.getdoc(thing) or ""
            if inspect.isclass(thing):
                for member in vars(thing).values():
                    yield inspect.getdoc(member) or ""


def test_the_names_that_docstrings_print_are_there():
    printed = {
        name
        for text in public_docstrings()
        for name in re.findall(r"(?<![\w.])kerasfg(?:\.[A-Za-z_]\w*)+", text)
    } - {"kerasfg.json"}
    assert "kerasfg.data.shrink" in printed
    missing = []
    for name in sorted(printed):
        thing = kerasfg
        for part in name.split(".")[1:]:
            thing = getattr(thing, part, None)
        if thing is None:
            missing.append(name)
    assert not missing


def test_the_wheel_holds_every_module():
    files = {str(file) for file in importlib.metadata.files("kerasfg")}
    if any("__editable__" in file for file in files):
        pytest.skip("installed editable, not from a wheel")
    for name in modules():
        path = name.replace(".", "/")
        assert f"{path}.py" in files or f"{path}/__init__.py" in files
    assert "kerasfg/py.typed" in files
    assert "kerasfg/recipes/field_guide_32px.toml" in files
    assert "kerasfg/recipes/grids/small/awa2_tiny32_methods.toml" in files
    assert "kerasfg_cli/__main__.py" in files
    page = Path(__file__).parents[1] / "export" / "phone"
    scripts = (*page.glob("*/*.js"), *page.glob("kerasfg/*.json"))
    for path in (*page.glob("[!.]*.*"), *scripts):
        assert f"kerasfg/export/{path.relative_to(page.parent)}" in files


@pytest.mark.slow
def test_importing_it_brings_no_training_and_no_tfds():
    run(
        "import sys, kerasfg\n"
        "names = {'kerasfg.training', 'kerasfg.run', 'kerasfg.export',\n"
        "         'tensorflow_datasets', 'keras_hub', 'pydantic'}\n"
        "assert not names & set(sys.modules), names & set(sys.modules)\n"
    )


@pytest.mark.slow
def test_evaluation_measures_without_tensorflow_functions():
    """Nor does it load at once what only some measures and plots want."""
    run(
        "import sys, types\n"
        "sys.modules['kerasfg'] = package = types.ModuleType('kerasfg')\n"
        f"package.__path__ = {list(kerasfg.__path__)!r}\n"
        "import kerasfg.evaluation, kerasfg.data\n"
        "names = {'tensorflow', 'keras', 'sklearn', 'pandas', 'matplotlib',\n"
        "         'scipy.stats', 'scipy.optimize'}\n"
        "assert not names & set(sys.modules), names & set(sys.modules)\n"
    )


def test_what_jax_needs_is_what_the_package_needs():
    lines = Path(__file__).parents[1].joinpath("requirements-jax.txt")
    needed = {
        line
        for line in lines.read_text().splitlines()
        if line and not line.startswith("#")
    }
    own = importlib.metadata.requires("kerasfg")
    own = {line.replace(" ", "").partition(";")[0] for line in own}
    of_hub = {"regex", "sentencepiece", "tokenizers"}
    others = {line for line in needed if line not in own}
    assert {re.split("[>=]", line)[0] for line in others} == of_hub
    assert not [line for line in needed if "tensorflow" in line]
