import shutil
import warnings

import keras
import numpy as np
import pytest

from kerasfg.run import TrainedRun
from kerasfg.run import load_predictor
from kerasfg.run.description import Description
from kerasfg.run.explanation.explainer import load_explainer


def test_explains_an_answer_of_a_run(birds, tmp_path, monkeypatch):
    run = shutil.copytree(birds / "plain", tmp_path / "run")
    trained = TrainedRun(run, verbose=False)
    test = np.flatnonzero(trained.splits == "test")[0]
    photo = tmp_path / "photo.png"
    trained.pixels.read(trained.pixels.names[test]).save(photo)
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    predictor = load_predictor(run)
    explainer = load_explainer(predictor, run, examples=True, verbose=False)
    answer = {**predictor.predict(photo), "sure": False}
    found = explainer.explain(photo, answer)
    assert [name for name, _ in found.maps] == [x for x, _ in answer["top"][:2]]
    assert all(near.picture for near in found.nearest)
    train = np.flatnonzero(trained.splits == "train")
    features = trained.features("train")
    own = trained.features("test")[0]
    norms = np.linalg.norm(features, axis=1) * np.linalg.norm(own)
    best = np.argmax(features @ own / norms)
    assert found.nearest[0].name == trained.pixels.names[train[best]]
    # The features are kept, so that the pictures are needed no more.
    recipe = trained.recipe.with_options(data=str(tmp_path / "gone"))
    (run / "recipe.toml").write_text(recipe.to_toml())
    later = load_explainer(predictor, run, verbose=False)
    near = later.explain(photo, answer).nearest
    assert [x.name for x in near] == [x.name for x in found.nearest]
    assert not any(x.picture for x in near)


@pytest.fixture
def foreign(picture_folder, tmp_path):
    """A file of a model with logits, of another range and with one output."""
    pictures = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, 4, activation="relu")(pictures)
    x = keras.layers.GlobalAveragePooling2D()(x)
    keras.Model(pictures, keras.layers.Dense(3)(x)).save(tmp_path / "own.keras")
    return tmp_path / "own.keras"


def test_explains_a_model_from_elsewhere(foreign, picture_folder, monkeypatch):
    said = Description(
        input_range=(0, 1), output="logits", crop="center", untrained=True
    )
    predictor = load_predictor(foreign, picture_folder, said)
    photo = picture_folder / "blue" / "00.png"
    answer = predictor.predict(photo)
    found = load_explainer(
        predictor, foreign, picture_folder, said, verbose=False
    ).explain(photo, answer)
    assert found.method == "CAM" and found.maps[0][1].shape == (4, 4)
    assert len(found.nearest) == 3
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        alone = load_explainer(predictor, foreign, verbose=False)
    assert "--data" in str(caught[0].message)
    assert alone.explain(photo, answer).nearest is None
