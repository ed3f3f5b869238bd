import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.models import FineGrainedClassifier
from kerasfg_cli.why import check_why


def test_options_that_do_not_fit_are_refused(tmp_path):
    model = Path("model.keras")
    with pytest.raises(ValueError, match="add `why`.*out='a.html'"):
        check_why(False, Path("a.html"), False, model)
    with pytest.raises(ValueError, match="add `why`.*examples='True'"):
        check_why(False, None, True, model)
    with pytest.raises(ValueError, match="layers of a Keras model"):
        check_why(True, None, False, Path("model.tflite"))
    with pytest.raises(ValueError, match="must be an .html file"):
        check_why(True, Path("a.png"), False, model)
    for good in (None, Path("a.html"), Path("new"), tmp_path):
        check_why(True, good, True, model)


@pytest.mark.filterwarnings("ignore:The model does not store")
def test_writes_a_page_for_a_model_alone(tiny_backbone, tmp_path):
    names = ["<b>amber", "blue", "coral"]
    model = FineGrainedClassifier(tiny_backbone(), 3, class_names=names)
    model.save(tmp_path / "model.keras")
    write_manifest(make_manifest(16, names, {"threshold": 1.0}), tmp_path)
    Image.new("RGB", (16, 16), "red").save(tmp_path / "0.png")
    (tmp_path / "1.png").write_text("no picture")
    typed = ["predict", str(tmp_path), str(tmp_path / "0.png"), "--why"]
    typed += [str(tmp_path / "1.png"), "--json", "--out", str(tmp_path / "new")]
    result = CliRunner().invoke(kerasfg_cli.app, typed)
    assert "1 of 2 files that are not" in str(result.exception)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    why = lines[0]["why"]
    assert why["method"] == "CAM" and why["nearest"] is None
    assert [x["class"] for x in why["maps"]] == [
        name for name, _ in lines[0]["top"][:2]
    ]
    assert "error" in lines[1]
    page = (tmp_path / "new" / "why.html").read_text("utf-8")
    assert page.count("<section") == 1 and "<b>amber" not in page
