"""Models that kerasfg did not make: what they do not show is never guessed.

The classes are colours, which a model without any training tells apart: the
logit of a colour is twice its product with the picture's, less its square.
"""

import warnings

import keras
import numpy as np
import pytest
from command_line import kerasfg
from PIL import Image

from kerasfg import evaluate
from kerasfg.export import read_manifest
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.run.description import Description
from kerasfg.run.exportable import exportable
from kerasfg.run.predictor import check_crop
from kerasfg.run.predictor import load_predictor

NUMBERS = tuple(str(i) for i in range(1, 13))
LETTERS = tuple("abcdefghijkl")
TREES = ("ash", "beech", "cedar")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))


def colour(i):
    return np.array([37 + 67 * i % 191, 23 + 113 * i % 209, 11 + 149 * i % 223])


def photos(folder, names, count=8, size=(16, 16), edge=None):
    """Writes pictures, each of the colour of its class and some noise."""
    rng = np.random.default_rng(0)
    for i, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for k in range(count):
            pixels = np.tile(colour(i), (size[1], size[0], 1))
            if edge is not None:  # beside the square in the middle
                side = (size[0] - size[1]) // 2
                pixels[:, :side] = pixels[:, -side:] = colour(edge(i))
            pixels = pixels + rng.integers(-9, 10, pixels.shape)
            image = Image.fromarray(pixels.clip(0, 255).astype("uint8"))
            image.save(folder / name / f"{k}.png")
    return folder


def model_of(
    colours, path, low=0.0, high=255.0, shown=True, last="softmax", channels=3
):
    """Saves a model that knows colours 0 to 255 after scaling them."""
    images = keras.Input((16, 16, channels))
    x, centres = images, np.array(colours, "float32") / 255
    if shown:  # the layer shows that it takes 0 to 255
        x = keras.layers.Rescaling(1 / 255)(images)
    elif high != 1 or low != 0:
        centres = low + centres * (high - low)
    x = keras.layers.GlobalAveragePooling2D()(x)
    kernel = 2 * centres.T
    bias = -(centres**2).sum(axis=1)
    sharp = 40 / (1 if shown else (high - low) ** 2)
    if last == "sigmoid" or last is None and len(colours) == 1:
        kernel, bias = kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1]
    head = keras.layers.Dense(len(bias), activation=last, name="head")
    model = keras.Model(images, head(x))
    head.set_weights([sharp * kernel, sharp * bias])
    model.save(path)
    return path


def wants(path, folder, **answers):
    """Loads for an export; returns the message of the refusal."""
    with pytest.raises(ValueError) as caught:
        exportable(path, folder, Description(**answers), verbose=False)
    return str(caught.value)


def test_order_of_numbered_folders_is_asked(tmp_path):
    folder = photos(tmp_path / "photos", NUMBERS)
    by_keras = [colour(int(name) - 1) for name in sorted(NUMBERS)]
    path = model_of(by_keras, tmp_path / "own.keras")
    asked = wants(path, folder)
    assert "give the `class_order`" in asked
    assert "1.000 with `class_order` keras; 0.083 with" in asked
    refused = wants(path, folder, class_order="natural")
    assert "fits the pictures clearly better: accuracy 1.000" in refused
    described = Description(class_order="keras")
    loaded = exportable(path, folder, described, verbose=False)
    assert loaded.pixels.class_names == tuple(sorted(NUMBERS))
    for name, label in zip(
        loaded.pixels.names, loaded.pixels.labels, strict=True
    ):
        assert loaded.pixels.class_names[label] == name.partition("/")[0]


def test_keras_sorts_folders_as_they_are_spelled(tmp_path):
    # decomposed "ea" comes before "z", composed after it; a blank before all
    names = ("e\u0301a", "z", " wren")
    folder = photos(tmp_path / "photos", names)
    by_keras = [colour(names.index(name)) for name in sorted(names)]
    path = model_of(by_keras, tmp_path / "own.keras")
    described = Description(class_order="keras")
    loaded = exportable(path, folder, described, verbose=False)
    assert loaded.pixels.class_names == ("wren", "\u00e9a", "z")


def test_labels_say_the_order_and_wrong_ones_are_refused(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    path = model_of([colour(i) for i in (2, 0, 1)], tmp_path / "own.keras")
    labels = tmp_path / "labels.txt"
    labels.write_text("cedar\r\nash\r\nbeech\r\n")
    report = evaluate(path, folder, labels=labels, verbose=False)
    assert report["classes"] == ["cedar", "ash", "beech"]
    assert report["test"]["top_1"] == 1
    refused = wants(path, folder)  # both usual orders are the same, and wrong
    assert "pictures of 'ash' as 'beech', 'beech' as 'cedar'" in refused
    assert (
        exportable(
            path, folder, Description(untrained=True), False
        ).pixels.class_names
        == TREES
    )
    labels.write_text("cedar\nash\noak\n")
    assert "like the model's classes: cedar, ash, oak" in wants(
        path, folder, labels=labels
    )


def test_labels_lose_the_blanks_at_their_ends(tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("ash \r\nbeech\t oak\n cedar\n \n")
    names = Description(labels=labels).class_names()
    assert names == ("ash", "beech\t oak", "cedar")


def test_classes_may_be_two_folders_down(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    (folder / "trees").mkdir()
    for name in TREES[:2]:
        (folder / name).rename(folder / "trees" / name)
    (folder / "needles").mkdir()
    (folder / TREES[2]).rename(folder / "needles" / TREES[2])
    path = model_of([colour(i) for i in range(3)], tmp_path / "own.keras")
    assert "Set `class_level` to 1" in wants(path, folder)
    described = Description(class_level=2)
    loaded = exportable(path, folder, described, verbose=False)
    assert loaded.pixels.class_names == TREES
    with pytest.raises(ValueError, match=r"`class_level` is for labelled"):
        load_predictor(path, None, Description(class_level=2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ash\nash\nbeech\n", "'ash' more than once"),
        ("ash\n\nbeech\n", "a different name on each line"),
        (b"\xff\xfe", "in UTF-8"),
    ],
)
def test_broken_labels_are_refused(tmp_path, text, message):
    path = tmp_path / "labels.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=f"`labels` .*{message}"):
        Description(labels=path).class_names()


def test_pixel_range_is_asked_and_a_wrong_one_is_refused(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    colours = [colour(i) for i in range(3)]
    path = model_of(colours, tmp_path / "own.keras", 0, 1, shown=False)
    asked = wants(path, folder)
    assert "give the `input_range`" in asked
    assert "1.000 with `input_range` 0,1" in asked
    refused = wants(path, folder, input_range="-1,1")
    assert "1.000 with `input_range` 0,1, but" in refused
    report = evaluate(path, folder, input_range=(0, 1), verbose=False)
    assert report["test"]["top_1"] == 1


@pytest.mark.parametrize("head", ["logits", "sigmoid"])
def test_logits_and_one_sigmoid(tmp_path, head):
    names = TREES if head == "logits" else TREES[:2]
    folder = photos(tmp_path / "photos", names)
    colours = [colour(i) for i in range(len(names))]
    last = "sigmoid" if head == "sigmoid" else None
    path = model_of(colours, tmp_path / "own.keras", last=last)
    answers = {}
    if head == "logits":
        assert "give the `output`" in wants(path, folder)
        answers = {"output": "logits"}
        refused = wants(path, folder, output="probabilities")
        assert "give `output` as logits" in refused
    report = evaluate(path, folder, verbose=False, **answers)
    assert report["test"]["top_1"] == 1
    predictor = load_predictor(path, folder, Description(**answers))
    for name in names:
        answer = predictor.predict(folder / name / "0.png")
        assert answer["class"] == name
        assert sum(p for _, p in answer["top"]) == pytest.approx(1)


def test_probabilities_are_no_logits(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    path = model_of([colour(i) for i in range(3)], tmp_path / "shown.keras")
    model = keras.saving.load_model(path)
    image = keras.Input((16, 16, 3))
    output = keras.ops.abs(model(image))  # which hides the softmax
    path = tmp_path / "hidden.keras"
    keras.Model(image, output).save(path)
    shown = {"input_range": "0,255"}
    refused = wants(path, folder, output="logits", **shown)
    assert "add up to 1 on each picture" in refused
    described = Description(output="probabilities", **shown)
    exportable(path, folder, described, verbose=False)


def test_a_model_that_takes_blue_first_is_refused(tmp_path):
    folder = photos(tmp_path / "photos", LETTERS)
    by_blue = [colour(i)[::-1] for i in range(len(LETTERS))]
    path = model_of(by_blue, tmp_path / "own.keras")
    assert "in the order blue, green, red: accuracy 1.000" in wants(
        path, folder
    )


def test_predict_without_names_asks_for_all_that_is_missing(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    colours = [colour(i) for i in range(3)]
    path = model_of(colours, tmp_path / "own.keras", 0, 1, shown=False)
    with pytest.raises(ValueError, match="`input_range`, .*`labels`, a text"):
        load_predictor(path)
    with pytest.raises(ValueError, match="`class_order` is for labelled"):
        load_predictor(path, None, Description(class_order="keras"))
    described = Description(labels=TREES, input_range=(0, 1))
    predictor = load_predictor(path, None, described)
    assert predictor.predict(folder / "beech" / "0.png")["class"] == "beech"


def test_crop_is_asked_where_pictures_are_not_square(tmp_path):
    # the middle shows the class, the edges the next one
    folder = photos(
        tmp_path / "photos", TREES, size=(64, 16), edge=lambda i: (i + 1) % 3
    )
    squeezed = [(colour(i) + 3 * colour((i + 1) % 3)) / 4 for i in range(3)]
    path = model_of(squeezed, tmp_path / "own.keras")
    asked = wants(path, folder)
    assert "give the `crop`" in asked and "1.000 with `crop` whole" in asked
    refused = wants(path, folder, crop="center")
    assert "1.000 with `crop` whole, but" in refused
    report = evaluate(path, folder, crop="whole", verbose=False)
    assert report["test"]["top_1"] == 1
    predictor = load_predictor(path, None, Description(labels=TREES))
    picture = folder / "ash" / "0.png"
    with pytest.raises(ValueError, match="give the `crop`"):
        check_crop(predictor, [picture])
    with pytest.raises(ValueError, match="give the `crop`"):
        predictor.predict(picture)


def test_square_pictures_do_not_show_the_crop(tmp_path, monkeypatch):
    folder = photos(tmp_path / "photos", TREES)
    path = model_of([colour(i) for i in range(3)], tmp_path / "own.keras")
    predictor = load_predictor(path, folder)
    assert predictor.predict(folder / "ash" / "0.png")["class"] == "ash"
    Image.new("RGB", (64, 16)).save(tmp_path / "wide.png")
    with pytest.raises(ValueError, match="give the `crop`"):
        predictor.predict(tmp_path / "wide.png")
    monkeypatch.setattr("kerasfg.export.export", lambda *a, **more: more)
    monkeypatch.setattr(
        "kerasfg.run.exportable.write_export_card", lambda *_: None
    )
    loaded = exportable(path, folder, verbose=False)
    with pytest.warns(UserWarning, match="Give `--crop` to be sure"):
        sent = loaded.export(tmp_path / "out")
    assert sent["metadata"]["crop"] == "center"
    said = exportable(path, folder, Description(crop="center"), False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said.export(tmp_path / "out")


def test_grey_model(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    greys = [[colour(i) @ [0.299, 0.587, 0.114]] for i in range(3)]
    path = model_of(greys, tmp_path / "own.keras", channels=1)
    report = evaluate(path, folder, verbose=False)
    assert report["test"]["top_1"] == 1


def test_model_at_chance_is_refused(tmp_path):
    folder = photos(tmp_path / "photos", TREES)
    path = model_of([colour(7)] * 3, tmp_path / "own.keras")
    assert "no better than chance" in wants(path, folder)
    evaluate(path, folder, untrained=True, verbose=False)


def test_python_model_on_data_sets(tmp_path):
    from kerasfg.data import datasets_from_directory

    folder = photos(tmp_path / "photos", TREES)
    data = datasets_from_directory(folder, 16, verbose=False)
    colours = [colour(i) for i in range(3)]

    def model(**options):
        path = model_of(options.pop("colours", colours), tmp_path / "m.keras")
        return keras.saving.load_model(path)

    assert evaluate(model(), data)["test"]["top_1"] == 1
    with pytest.raises(ValueError, match="Only a `keras.Model`|datasets"):
        evaluate(None, data)
    with pytest.raises(ValueError, match="4 classes.*Received: 3 class_names"):
        evaluate(model(colours=[*colours, colour(9)]), data)
    with pytest.raises(ValueError, match="no better than chance"):
        evaluate(model(colours=[colour(5)] * 3), data)
    with pytest.raises(ValueError, match="leave out `crop`"):
        evaluate(model(), data, crop="whole")
    with pytest.raises(TypeError):
        evaluate(model(), data, krop="whole")


def test_python_model_with_a_wrong_answer(tmp_path):
    from kerasfg.data import datasets_from_directory

    folder = photos(tmp_path / "photos", LETTERS, count=20)
    data = datasets_from_directory(folder, 16, verbose=False)
    colours = [colour(i) for i in range(len(LETTERS))]
    path = model_of(colours, tmp_path / "m.keras", 0, 1, shown=False)
    model = keras.saving.load_model(path)
    with pytest.raises(ValueError, match="1.000 with `input_range` 0,1, but"):
        evaluate(model, data, input_range=(0, 255))
    assert evaluate(model, data, input_range=(0, 1))["test"]["top_1"] == 1


@pytest.mark.parametrize(
    "answers", [{"crop": "whole"}, {"labels": ("a",)}, {"untrained": True}]
)
def test_a_run_needs_no_answers(birds, answers):
    (name,) = answers
    with pytest.raises(ValueError, match=f"`{name}` is for a .keras file"):
        exportable(birds / "plain", None, Description(**answers), False)
    with pytest.raises(ValueError, match=f"`{name}` is for a .keras file"):
        evaluate(birds / "plain", verbose=False, **answers)
    with pytest.raises(ValueError, match=f"`{name}` is for a .keras file"):
        load_predictor(birds / "plain", None, Description(**answers))


@pytest.mark.slow
def test_command_line_speaks_of_its_options(tmp_path):
    folder = photos(tmp_path / "photos", NUMBERS)
    by_keras = [colour(int(name) - 1) for name in sorted(NUMBERS)]
    path = model_of(by_keras, tmp_path / "own.keras")
    result = kerasfg("evaluate", path, "--data", folder, cwd=tmp_path)
    assert result.returncode == 1
    assert "1.000 with `--class-order` keras" in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr


def test_a_model_beside_the_description_of_another_is_refused(tmp_path):
    path = model_of([colour(i) for i in range(3)], tmp_path / "model.keras")
    write_manifest(make_manifest(16, TREES), tmp_path)
    for given in (path, tmp_path):
        with pytest.raises(ValueError, match="must be the run's, .*move it"):
            load_predictor(given)


@pytest.mark.slow
def test_exports_of_other_heads_pass(tmp_path):
    folder = photos(tmp_path / "photos", TREES[:2], count=90)
    colours = [colour(i) for i in range(2)]
    greys = [[x @ [0.299, 0.587, 0.114]] for x in colours]
    for name, path in {
        "sigmoid": model_of(colours, tmp_path / "a.keras", last="sigmoid"),
        "grey": model_of(greys, tmp_path / "b.keras", channels=1),
    }.items():
        described = Description(crop="center")
        loaded = exportable(path, folder, described, verbose=False)
        report = loaded.export(tmp_path / name, variants="all")
        for row in report.rows:
            assert (row["verdict"], row["accuracy"]) == ("passed", 1)
        assert read_manifest(tmp_path / name)["class_names"] == list(TREES[:2])
        predictor = load_predictor(tmp_path / name)
        for k, tree in enumerate(TREES[:2]):
            answer = predictor.predict(folder / tree / f"{k}.png")
            assert answer["class"] == tree
