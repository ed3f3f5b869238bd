"""What the installed Chromium draws on a canvas, against the simulation."""

import base64
import io
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.clients import canvas

PAGE = """<body><script>
function copy(image) {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas;
}
async function draw(uri, side, source) {
  const image = new Image();
  await new Promise((ready) => {
    image.onload = ready;
    image.src = uri;
  });
  const sources = {
    img: () => image,
    bitmap: () => createImageBitmap(image),
    canvas: () => copy(image),
  };
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  context.drawImage(await sources[source](), 0, 0, side, side);
  return [...context.getImageData(0, 0, side, side).data];
}
(async () => {
  const found = [];
  for (const task of TASKS) found.push(await draw(...task));
  document.body.textContent = `DRAWN${JSON.stringify(found)}`;
})();
</script></body>"""


@pytest.fixture
def drawn(tmp_path):
    """A function: what Chromium draws of pictures, in one start of it."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("absent program: chromium")

    def draw(tasks):
        tasks = [(_uri(pixels), side, kind) for pixels, side, kind in tasks]
        page = tmp_path / "page.html"
        page.write_text(PAGE.replace("TASKS", json.dumps(tasks)))
        done = subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={tmp_path / 'profile'}",
                "--virtual-time-budget=60000",
                "--dump-dom",
                page.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=300,
        )
        (found,) = re.findall(r">DRAWN(\[.*\])<", done.stdout)
        return [
            np.array(values, "uint8").reshape(side, side, 4)[..., :3]
            for values, (_, side, _) in zip(
                json.loads(found), tasks, strict=True
            )
        ]

    return draw


def _uri(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.mark.slow
def test_canvas_draws_as_simulated(drawn):
    rng = np.random.default_rng(0)
    sizes = ((224, 224, 32), (480, 640, 64), (100, 100, 64), (20, 24, 32))
    sizes += ((1080, 1080, 32), (33, 33, 32), (500, 375, 32))
    pictures = [
        (rng.integers(0, 256, (height, width, 3), "uint8"), side)
        for height, width, side in sizes
    ]
    for kind in ("bitmap", "canvas"):
        found = drawn([(*picture, kind) for picture in pictures])
        for made, picture in zip(found, pictures, strict=True):
            assert np.array_equal(made, canvas.draw_video(*picture))
    found = drawn([(*picture, "img") for picture in pictures])
    for made, (pixels, side) in zip(found, pictures, strict=True):
        expected = canvas.draw_image(pixels, side)
        halved = min(pixels.shape[:2]) // side
        steps = 2 ** (halved.bit_length() - 1)
        if pixels.shape[0] % steps or pixels.shape[1] % steps:
            # of noise, on which `draw_video` is wrong by more than 60
            assert np.abs(made.astype(float) - expected).mean() < 6
        else:
            assert np.array_equal(made, expected)
