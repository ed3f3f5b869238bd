import keras
import numpy as np
import pytest

import kerasfg


@pytest.fixture
def data(picture_folder, tmp_path):
    return kerasfg.data.datasets_from_directory(
        picture_folder, 16, cache_dir=tmp_path / "cache"
    )


@pytest.fixture
def by_colour():
    """A model that knows the three classes by their brightest channel."""
    images = keras.Input((16, 16, 3))
    x = keras.layers.GlobalAveragePooling2D()(images)
    return keras.Model(images, keras.layers.Softmax()(x))


@pytest.mark.slow
def test_evaluates_a_run_folder_as_its_training_did(birds):
    run = kerasfg.run.RunFolder(birds / "plain")
    before = run.report.read_text()
    with pytest.warns(UserWarning, match="is no better than chance"):
        report = kerasfg.evaluate(run.path, verbose=False)
    assert run.report.read_text() == before
    assert report["test"]["n"] > 0


def test_evaluates_any_model_on_datasets(data, by_colour, tmp_path):
    pixels = {"input_range": (0, 255)}
    report = kerasfg.evaluate(
        by_colour, data, tmp_path / "new" / "report", **pixels
    )
    assert report["test"]["top_1"] == 1 and report["test"]["n"] == 9
    assert report["val"]["n"] == 6
    assert report["classes"] == list(data.class_names)
    files = {file.name for file in (tmp_path / "new" / "report").iterdir()}
    assert {"report.json", "confusion.png", "mistakes.png"} <= files
    table = kerasfg.AttributeTable.from_rows(
        [(name, "warm", str(name != "blue")) for name in data.class_names]
    )
    report = kerasfg.evaluate(by_colour, data, attributes=table, **pixels)
    assert "attributes" in report["test"]


def test_errors(data, by_colour, birds, classifier):
    with pytest.raises(ValueError, match=r"datasets_from_directory.*data=None"):
        kerasfg.evaluate(by_colour)
    with pytest.raises(ValueError, match=r"no `out`.*data=Datasets"):
        kerasfg.evaluate(birds / "plain", data)
    model = classifier(class_names=("blue", "amber", "coral"))
    with pytest.raises(ValueError, match=r"in the same order"):
        kerasfg.evaluate(model, data)
    with pytest.raises(ValueError, match=r"recipe\.toml"):
        kerasfg.evaluate(np.str_("nowhere"))
