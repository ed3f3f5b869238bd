"""The code of the guides in docs/in_your_app gives what kerasfg gives.

The web page's is run by tests/phone/browser/library.test.mjs.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from clients.environments import python_of
from PIL import Image

from kerasfg.export import export
from kerasfg.export import load

GUIDES = Path(__file__).parents[2] / "docs" / "in_your_app"
SIZE = 16
OPENCV = "opencv-python-headless==5.0.*"
# What a guide would answer that did not do one of its steps.
NAMES = ("right", "not turned", "blue for red", "not cut out")


def blocks(page, language):
    text = (GUIDES / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def halves(first, second, axis):
    """A picture of two colours: one above the other, or beside it (axis 1)."""
    colors = [np.full((SIZE, SIZE, 3), color) for color in (first, second)]
    parts = [np.array_split(color, 2, axis)[0] for color in colors]
    return np.concatenate(parts, axis).astype("uint8")


def squares():
    """What the network sees of the photo for each of `NAMES`."""
    red, green, blue = np.eye(3) * 255
    upright = halves(red, green, 0)
    return np.stack(
        [
            upright,
            np.rot90(upright),
            upright[..., ::-1],
            np.full_like(upright, blue),
        ]
    )


def network():
    """Names the picture of `squares` that an image is most like."""
    images = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    x = keras.layers.AveragePooling2D(SIZE // 2)(x)
    x = keras.layers.Flatten()(x)
    dense = keras.layers.Dense(len(NAMES), use_bias=False)
    model = keras.Model(images, keras.layers.Softmax()(dense(x)))
    features = keras.Model(images, x)(squares().astype("float32"))
    dense.set_weights([np.asarray(features).T / 3])
    return model


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An export, and `photo.jpg`: wide, and turned by EXIF."""
    folder = tmp_path_factory.mktemp("guides") / "export"
    rng = np.random.default_rng(0)
    others = rng.integers(0, 256, (4, SIZE, SIZE, 3), dtype="uint8")
    export(
        network(),
        folder,
        np.concatenate([squares(), others]),
        class_names=NAMES,
        metadata={"temperature": 2.0, "threshold": 0.5},
    )
    square = Image.fromarray(squares()[0]).resize((300, 300), 0)
    photo = Image.new("RGB", (1000, 300), "blue")
    photo.paste(square, (350, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    lying = photo.transpose(Image.Transpose.ROTATE_90)
    lying.save(folder / "photo.jpg", exif=exif, quality=95)
    return folder


@pytest.fixture
def in_export(exported, monkeypatch):
    monkeypatch.chdir(exported)
    return exported


def run(code, names):
    exec(compile(code, "guide", "exec"), names)


def change_manifest(folder, **changes):
    path = folder / "kerasfg.json"
    before = path.read_text("utf-8")
    path.write_text(json.dumps({**json.loads(before), **changes}), "utf-8")
    return lambda: path.write_text(before, "utf-8")


@pytest.mark.slow
def test_python(in_export, capsys):
    names = {}
    litert, onnx, _, self_test = blocks("python.md", "python")
    assert "kerasfg" not in re.findall(r"^(?:import|from) (\w+)", litert, re.M)
    run(litert, names)
    run(onnx, names)
    assert capsys.readouterr().out.split("\n")[:2] == ["right", "right"]
    pixels = names["square"]("photo.jpg", names["taken"]["shape"][1])
    (expected,) = load("model.tflite").predict(pixels)
    given = names["interpreter"].get_tensor(names["given"]["index"])[0]
    np.testing.assert_allclose(given, expected, atol=1e-6)
    np.testing.assert_allclose(names["probabilities"][0], expected, atol=1e-5)
    run(self_test, names)
    assert len(names["difference"]) == len(NAMES)


@pytest.mark.slow
def test_python_is_not_sure_below_the_threshold(in_export, capsys):
    powers = np.sqrt(load("model.tflite").predict(_pixels())[0].astype("f8"))
    calibrated = powers.max() / powers.sum()
    for threshold, answer in (
        (calibrated - 1e-3, "right"),
        (calibrated + 1e-3, "None"),
        (None, "right"),
    ):
        restore = change_manifest(in_export, threshold=threshold)
        run(blocks("python.md", "python")[0], {})
        restore()
        assert capsys.readouterr().out == f"{answer}\n"


def _pixels():
    """Of the photo, by the guide's own function."""
    names = {}
    (_, function, _) = re.split(
        r"^(def square.*?)(?=^def answer)",
        blocks("python.md", "python")[0],
        flags=re.S | re.M,
    )
    head = "import numpy as np\nfrom PIL import Image, ImageOps\n"
    run(head + function, names)
    return names["square"]("photo.jpg", load("model.tflite").image_size)


@pytest.mark.slow
def test_mediapipe(in_export, client_environments):
    python = python_of("new", client_environments)
    code = blocks("python.md", "python")[2]
    done = subprocess.run(
        [python, "-P", "-c", code], capture_output=True, text=True
    )
    assert done.stdout == "right\n", done.stderr


@pytest.mark.slow
def test_opencv(in_export, tmp_path):
    """In a process of its own: OpenCV is no dependency of ours."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*install, "--target", tmp_path, OPENCV], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"absent package: {OPENCV} ({done.stderr[-200:]})")
    (code,) = blocks("opencv.md", "python")
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(tmp_path), "OPENCV_LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "right\n", done.stderr


@pytest.mark.slow
def test_the_guides_steps_are_needed(in_export):
    """The photo tells a missing step from the right one."""
    classifier = load("model.tflite")
    size = classifier.image_size
    photo = Image.open("photo.jpg").convert("RGB")
    upright = photo.transpose(Image.Transpose.ROTATE_270)
    small = upright.crop((350, 0, 650, 300)).resize((size, size))
    wrong = {
        "not turned": photo.crop((0, 350, 300, 650)).resize((size, size)),
        "blue for red": Image.merge("RGB", small.split()[::-1]),
        "not cut out": upright.resize((size, size)),
    }
    for name, picture in wrong.items():
        (row,) = classifier.predict(np.asarray(picture)[None])
        assert NAMES[row.argmax()] == name


@pytest.mark.parametrize(
    "page", sorted(path.name for path in GUIDES.glob("*.md"))
)
def test_links_lead_somewhere_and_what_was_not_run_is_named(page):
    text = (GUIDES / page).read_text("utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)#]+?)(?:#[\w-]+)?\)", prose):
        if "://" not in target:
            assert (GUIDES / target.replace("\n", " ")).exists(), target
    is_run = page in ("README.md", "python.md", "web.md", "opencv.md")
    assert ("not run by us" in text.lower()) or is_run
