"""The examples of README.md, docs and docstrings do what they print."""

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
import shlex
import textwrap
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

import kerasfg
from kerasfg_cli import app

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "recipes/results/README.md",
    *sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    ),
)
# Those whose Python needs nothing but the folder `photos` and the table.
RUN = ("README.md", "docs/python.md")
# Those whose Python other tests run.
RUN_ELSEWHERE = ("docs/in_your_app/opencv.md", "docs/in_your_app/python.md")
BIRDS = ("chiffchaff", "willow_warbler", "wren", "dunnock")


def fences(text, language):
    """What stands between ``` of a language, without its indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.S | re.M)
    return [textwrap.dedent(block) for _, block in found]


def page(name):
    return (ROOT / name).read_text("utf-8")


# === Python of the pages ===


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder with what the examples name, which is the working directory."""
    rng = np.random.default_rng(0)
    for label, name in enumerate(BIRDS):
        folder = tmp_path / "photos" / name
        folder.mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 90, (70, 80, 3), dtype="uint8")
            pixels[..., label % 3] += 120
            Image.fromarray(pixels).save(folder / f"{i}.jpg")
    rows = [
        f"{name},{attribute},{value}"
        for i, name in enumerate(BIRDS)
        for attribute, value in (
            ("wing_bar", i % 2),
            ("habitat", ("wood", "garden")[i // 2]),
        )
    ]
    table = "class,attribute,value\n" + "\n".join(rows) + "\n"
    (tmp_path / "birds.csv").write_text(table)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    return tmp_path


# One epoch teaches nothing, of which `kerasfg.evaluate` warns.
@pytest.mark.filterwarnings("ignore:The model is no better than chance")
@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_python_runs_in_order(name, photos, monkeypatch, tiny_backbone):
    """As printed, but that the network is tiny and sees each picture once."""
    monkeypatch.setattr(
        "kerasfg.models.backbone",
        lambda name, image_size, **options: tiny_backbone(image_size),
    )
    names = {}
    for block in fences(page(name), "python"):
        block = re.sub(r"epochs=\d+", "epochs=1", block)
        exec(compile(block, name, "exec"), names)
    assert names["report"]["test"]["n"] == 12
    assert (photos / "photos.keras").exists()
    if name != "README.md":
        assert names["model"].attributes.attributes == ("wing_bar", "habitat")


@pytest.mark.parametrize(
    "name",
    [p for p in PAGES if p not in RUN_ELSEWHERE and fences(page(p), "python")],
)
def test_python_names_what_exists(name):
    """Also where it needs data that the reader has."""
    for block in fences(page(name), "python"):
        tree = ast.parse(block)
        assert all(exists(name) for name in attributes(tree)), block
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module)
                assert all(hasattr(module, x.name) for x in node.names), block


# === Commands of the pages ===


def command_lines():
    for name in PAGES:
        text = page(name)
        blocks = "\n".join(fences(text, "")).replace("\\\n", " ")
        prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
        inline = [x.replace("\n", " ") for x in re.findall(r"`([^`]+)`", prose)]
        for line in (*blocks.splitlines(), *inline):
            if re.match(r" *kerasfg [a-z]", line):
                yield " ".join(shlex.split(line, comments=True))


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_commands_and_their_options_exist(line):
    group = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    command = group.commands[words[0]]
    bare = typer.Context(command, info_name=words[0])
    options = {
        name: option
        for option in command.get_params(bare)
        for name in (*option.opts, *option.secondary_opts)
    }
    for word in words[1:]:
        if word.startswith("--") and word != "--help":
            assert word.split("=")[0] in options, word
    if {"...", "|"}.intersection(words) or len(words) == 1:
        return  # a mention, not a whole line
    context = command.make_context(words[0], words[1:], resilient_parsing=True)
    assert context.args == []  # nothing was left that is no argument


# === Paths of CONTRIBUTING.md ===


def paths():
    """Each path in backquotes, with the first one of its line."""
    path = r"`((?:[\w.*-]+/)+[\w.*-]*|[\w-]+\.(?:py|md|cfg|toml|js))`"
    for line in page("CONTRIBUTING.md").splitlines():
        found = re.findall(path, line)
        yield from ((name, found[0]) for name in found)


@pytest.mark.parametrize(("name", "first"), sorted(set(paths())))
def test_paths_exist(name, first):
    """From the root, or in the folder that the line is about."""
    pattern = name.replace("NAME", "*").rstrip("/")
    folders = (ROOT, ROOT / first)
    assert any(any(folder.glob(pattern)) for folder in folders)


# === Python of docstrings that is no doctest ===


def docstring_blocks():
    for package in (kerasfg, kerasfg.export):
        prefix = f"{package.__name__}."
        for info in pkgutil.walk_packages(package.__path__, prefix):
            if info.name == "kerasfg.recipes.keras_script":
                continue
            module = importlib.import_module(info.name)
            for node in ast.walk(ast.parse(inspect.getsource(module))):
                documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
                if isinstance(node, documented):
                    _, _, text = (ast.get_docstring(node) or "").partition(
                        "Example:"
                    )
                    for block in fences(text, "python"):
                        yield module, block


def test_blocks_of_docstrings_name_what_exists():
    blocks = list(docstring_blocks())
    assert len(blocks) > 10
    for module, block in blocks:
        tree = ast.parse(block)
        wrong = [name for name in attributes(tree) if not exists(name)]
        wrong += called(tree) - names_of(module, tree)
        assert not wrong, (module.__name__, block)


def attributes(tree):
    """The dotted names in a block that begin with kerasfg."""
    for node in ast.walk(tree):
        name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if re.fullmatch(r"kerasfg(\.\w+)+", name):
            yield name


def exists(name):
    thing = kerasfg
    for part in name.split(".")[1:]:
        thing = getattr(thing, part, None)
    return thing is not None


def called(tree):
    """Names of the functions that a block calls, without a dot."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}


def names_of(module, tree):
    """What a block may call: its own names, and what stands around it."""
    own = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return own.union(vars(builtins), vars(module), vars(kerasfg.export))
