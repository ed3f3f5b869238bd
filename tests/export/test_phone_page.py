"""The phone page shrinks pictures to the same pixels as Python."""

import base64
import json
import pathlib
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.low_resolution import CROPS
from kerasfg.data.pixels.low_resolution import shrink

TESTS = pathlib.Path(__file__).parents[1] / "phone" / "node"
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is missing")


@pytest.mark.slow
@needs_node
def test_page_shrinks_to_the_last_bit_as_pillow_does():
    random = np.random.default_rng(0)
    cases = [_case(random) for _ in range(200)]
    results = _shrink_in_node([case for case, _ in cases])
    for (case, expected), actual in zip(cases, results, strict=True):
        what = {key: case[key] for key in case if key != "pixels"}
        assert actual == expected, what


def _case(random):
    """A picture of noise, as a canvas gives it or RGB, and Python's result."""
    width, height = (int(x) for x in random.integers(1, 400, 2))
    size = int(random.choice([1, 7, 32, 33, 64, 100]))
    crop = str(random.choice(CROPS))
    fraction = float(random.choice([1, 0.5, 32 / 36, random.uniform(0.1, 1)]))
    pixels = random.integers(0, 256, (height, width, 3)).astype("uint8")
    if random.random() < 0.5:
        pixels = np.where(pixels < 128, 0, 255).astype("uint8")
    expected = shrink(Image.fromarray(pixels), size, crop, fraction)
    channels = int(random.choice([3, 4]))
    if channels == 4:
        opaque = np.full((height, width, 1), 255, "uint8")
        pixels = np.concatenate([pixels, opaque], axis=-1)
    case = {
        "width": width,
        "height": height,
        "crop": crop,
        "fraction": fraction,
        "size": size,
        "channels": channels,
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
    }
    return case, expected.tobytes()


def _shrink_in_node(cases):
    done = subprocess.run(
        [NODE, str(TESTS / "library" / "low_resolution_cases.mjs")],
        input="".join(json.dumps(case) + "\n" for case in cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return [base64.b64decode(line) for line in done.stdout.splitlines()]
