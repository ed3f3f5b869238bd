import numpy as np
import pytest
from PIL import Image


def noise(seed, color=(90, 90, 90), side=64):
    """A picture of one colour with noise, unlike those of other seeds."""
    random = np.random.default_rng(seed)
    coarse = random.integers(-70, 70, (8, 8, 3))
    fine = random.integers(-9, 9, (side, side, 3))
    big = np.kron(coarse, np.ones((side // 8, side // 8, 1)))
    pixels = np.clip(np.array(color) + big + fine, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture
def draw():
    return noise


@pytest.fixture
def photos(tmp_path):
    """A folder of two classes with twelve and one with two pictures."""
    folder = tmp_path / "photos"
    colors = {"owl": (200, 60, 60), "wren": (60, 60, 200), "emu": (60, 200, 60)}
    seed = 0
    for name, color in colors.items():
        (folder / name).mkdir(parents=True)
        for number in range(2 if name == "emu" else 12):
            seed += 1
            noise(seed, color).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
