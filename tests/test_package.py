"""What holds for the package as a whole."""

import doctest
import importlib
import importlib.metadata
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import kerasfg
import kerasfg.export

PACKAGES = (
    "data",
    "evaluation",
    "export",
    "layers",
    "losses",
    "models",
    "training",
)


def modules():
    for package in (kerasfg, kerasfg.export):  # the second lies elsewhere
        prefix = f"{package.__name__}."
        for module in pkgutil.walk_packages(package.__path__, prefix):
            if module.name != "kerasfg.recipes.keras_script":  # trains
                yield module.name


@pytest.mark.parametrize("name", sorted(set(modules())))
def test_examples_in_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_are_listed_sorted_and_there(name):
    module = importlib.import_module(f"kerasfg.{name}")
    assert module.__all__ == sorted(module.__all__)
    for public in module.__all__:
        assert getattr(module, public).__doc__


def test_the_wheel_holds_every_module():
    files = {str(file) for file in importlib.metadata.files("kerasfg")}
    if any("__editable__" in file for file in files):
        pytest.skip("installed editable, not from a wheel")
    for name in modules():
        path = name.replace(".", "/")
        assert f"{path}.py" in files or f"{path}/__init__.py" in files
    assert "kerasfg/recipes/field_guide_32px.toml" in files
    assert "kerasfg/recipes/grids/small/awa2_tiny32_methods.toml" in files
    assert "kerasfg_cli/__main__.py" in files
    page = Path(__file__).parents[1] / "export" / "phone"
    for path in (*page.glob("[!.]*.*"), *page.glob("*/*.js")):
        assert f"kerasfg/export/{path.relative_to(page.parent)}" in files


def test_importing_it_brings_no_training_and_no_tfds():
    code = (
        "import sys, kerasfg\n"
        "names = {'kerasfg.training', 'tensorflow_datasets', 'keras_hub'}\n"
        "assert not names & set(sys.modules), names & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


def test_evaluation_measures_without_tensorflow_functions():
    code = (
        "import sys, types\n"
        "sys.modules['kerasfg'] = package = types.ModuleType('kerasfg')\n"
        f"package.__path__ = {list(kerasfg.__path__)!r}\n"
        "import kerasfg.evaluation, kerasfg.data\n"
        "assert 'tensorflow' not in sys.modules\n"
        "assert 'keras' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)
