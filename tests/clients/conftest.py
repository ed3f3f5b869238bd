"""The files that the clients run, and the pictures."""

from pathlib import Path

import numpy as np
import pytest
from clients.client import ask
from clients.client import ask_web
from clients.environments import modules_of
from clients.environments import python_of
from PIL import Image

from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.export import load


@pytest.fixture
def client(client_environments, tmp_path):
    """A function: the answers of a client's program, `job` by `job`."""

    def answers(environment, program, *jobs):
        python = python_of(environment, client_environments)
        given = ask(python, program, jobs, tmp_path)
        for one in given:
            if isinstance(one, Exception):
                raise one
        return given

    return answers


@pytest.fixture
def web_client(client_environments, tmp_path):
    """A function: the answers of MediaPipe for the web."""

    def answers(*jobs):
        return ask_web(modules_of(client_environments), jobs, tmp_path)

    return answers


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """A folder of all files of a small network; not to be written to."""
    from clients.network import export_network

    out = tmp_path_factory.mktemp("clients") / "exported"
    export_network(out)
    return out


@pytest.fixture(scope="session")
def birds():
    """Drawn birds of every other class."""
    source = field_guide(3)
    return [source.read(i) for i in range(0, len(source), 6)]


@pytest.fixture
def saved(tmp_path):
    """A function that saves pictures, and returns their paths."""

    def save(pictures, kind, suffix="png", **options):
        paths = [
            tmp_path / f"{kind}_{i}.{suffix}" for i in range(len(pictures))
        ]
        for picture, path in zip(pictures, paths, strict=True):
            picture.save(path, **options)
        return [str(path) for path in paths]

    return save


@pytest.fixture(scope="session")
def answers_of_kerasfg():
    """A function: what kerasfg's own runtime says of frames."""
    loaded = {}

    def answers(file, pictures):
        if file not in loaded:
            loaded[file] = load(Path(file))
        side = loaded[file].image_size
        frames = [
            np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))
            for picture in pictures
        ]
        return loaded[file].predict(np.stack(frames))

    return answers
