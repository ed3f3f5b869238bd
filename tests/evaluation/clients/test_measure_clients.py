"""The table of clients and files, its intervals, findings and looks."""

import json
import pathlib
import weakref

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.clients import client_table
from kerasfg.evaluation.clients import measure
from kerasfg.evaluation.clients import media_pipe
from kerasfg.evaluation.clients.all_clients import all_clients
from kerasfg.evaluation.clients.all_clients import few_clients
from kerasfg.evaluation.clients.client_file import ClientFile
from kerasfg.evaluation.clients.pictures import OriginalPictures
from kerasfg.evaluation.how_sure.intervals import wilson_interval

N = 8


@pytest.fixture(autouse=True)
def without_media_pipe(monkeypatch):
    """These tests are of files that MediaPipe could not run."""
    monkeypatch.setattr(media_pipe, "is_installed", lambda: False)


def by_red(images):
    """Answers 1 where the mean of red is above that of blue."""
    redder = images[..., 0].mean((1, 2)) > images[..., 2].mean((1, 2))
    return np.eye(2)[redder.astype(int)]


def by_mean(images):
    """Answers 1 where the picture is lighter than its finest pattern."""
    return np.eye(2)[(images.mean((1, 2, 3)) > 100).astype(int)]


class Counting:
    """A model that answers by another, and keeps what it was shown."""

    def __init__(self, answer):
        self.answer, self.seen = answer, []

    def __call__(self, images):
        assert images.dtype == np.uint8
        self.seen.append(images)
        return self.answer(images)


def red_and_blue(count=6, size=(20, 24)):
    """Pictures that are red (1) or blue (0) and wider than high."""
    pictures = []
    for i in range(count):
        pixels = np.full((*size, 3), 60, "uint8")
        pixels[..., 0 if i % 2 else 2] = 150
        pictures.append(Image.fromarray(pixels))
    return OriginalPictures(pictures.__getitem__, np.arange(count) % 2)


def stripes(count=6):
    """Pictures whose mean is above 100 by lines that lie under no centre."""
    pictures = []
    for i in range(count):
        pixels = np.zeros((64, 64, 3), "uint8")
        if i % 2:
            pixels[1::8] = pixels[6::8] = pixels[0::8] = pixels[7::8] = 255
        pictures.append(Image.fromarray(pixels))
    return OriginalPictures(pictures.__getitem__, np.arange(count) % 2)


def cell_of(found, client, file):
    (row,) = (row for row in found["clients"] if row["client"] == client)
    return row["files"][file]


def test_every_client_gets_its_row_and_the_report_is_strict_json():
    pictures = red_and_blue()
    files = [
        ClientFile("model.tflite", "frame", 16, by_red),
        ClientFile(f"model_pixels{N}.tflite", "pixels", N, by_red),
    ]
    found = measure.measure_clients(files, pictures, progress=False)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["pictures"] == found["of"] == 6
    names = [client.name for client in all_clients()]
    assert [row["client"] for row in found["clients"]] == names
    for row in found["clients"]:
        wrong = row["client"] == "bgr"
        for file in files:
            cell = row["files"][file.name]
            assert cell["top_1"] == (0.0 if wrong else 1.0)
            assert cell["difference"] == (-1.0 if wrong else 0.0)
            interval = list(wilson_interval(0 if wrong else 6, 6))
            assert cell["top_1_interval"] == interval


def test_files_see_what_each_client_makes_and_equal_inputs_run_once():
    pictures = red_and_blue(count=40)  # more than one block
    model = Counting(by_red)
    file = ClientFile("network", "pixels", N, model)
    clients = all_clients()
    measure.measure_clients([file], pictures, progress=False)
    seen = np.concatenate(model.seen)
    # in each block two pictures, and each of them as a JPEG
    assert len(model.seen) == 2
    assert len(seen) == 2 * 4
    expected = {
        client.make(pictures.pixels(i)[0], N).tobytes()
        for client in clients
        for i in range(2)
    }
    assert {image.tobytes() for image in seen} == expected


def test_crop_is_that_of_training_and_the_other_one_is_a_client():
    rng = np.random.default_rng(0)
    wide = Image.fromarray(rng.integers(0, 256, (20, 41, 3), "uint8"))
    for crop, other in (("center", "squashed"), ("whole", "cropped")):
        pictures = OriginalPictures([wide].__getitem__, np.zeros(1, int), crop)
        trained, not_trained = pictures.pixels(0)
        square = trained if crop == "center" else not_trained
        assert np.array_equal(square, np.asarray(wide)[:, 10:30])
        model = Counting(by_red)
        file = ClientFile("network", "pixels", N, model)
        clients = [
            c for c in all_clients(crop) if c.name in ("training", other)
        ]
        measure.measure_clients([file], pictures, clients, progress=False)
        assert np.array_equal(
            np.concatenate(model.seen),
            [
                clients[0].make(trained, N),
                clients[1].make(not_trained, N),
            ],
        )
    half = OriginalPictures([wide].__getitem__, np.zeros(1, int), "center", 0.5)
    assert half.pixels(0)[0].shape == (10, 10, 3)


def test_a_loss_is_named_with_the_file_that_cures_it():
    files = [
        ClientFile("network", "pixels", N, by_mean),
        ClientFile("model.tflite", "frame", 64, by_mean),
        ClientFile(f"model_pixels{N}.tflite", "pixels", N, by_mean),
        ClientFile(f"model_pixels{N}_int8.tflite", "pixels", N, by_mean),
    ]
    found = measure.measure_clients(files, stripes(), progress=False)
    texts = [finding["text"] for finding in found["findings"]]
    aliased = [f for f in found["findings"] if f["fault"] == "aliased"]
    # the frame file of int8 is not there
    assert [f["files"] for f in aliased] == [
        [f"model_pixels{N}.tflite"],
        [f"model_pixels{N}_int8.tflite"],
    ]
    assert aliased[0]["text"].startswith(
        f"model_pixels{N}.tflite loses 50.0 points (95 % interval"
    )
    assert aliased[0]["text"].endswith(
        "give the app model.tflite, which shrinks pictures itself."
    )
    assert "OpenCV's INTER_LINEAR" in aliased[0]["text"]
    assert "shrink with antialiasing" in aliased[1]["text"]
    assert not any("network" in text for text in texts)
    assert cell_of(found, "linear", "model.tflite")["difference"] == 0


def test_one_sentence_is_enough_for_both_formats():
    files = [
        ClientFile(f"model{pixels}.{suffix}", takes, side, by_mean)
        for pixels, takes, side in (
            ("", "frame", 64),
            (f"_pixels{N}", "pixels", N),
        )
        for suffix in ("onnx", "tflite")
    ]
    found = measure.measure_clients(files, stripes(), progress=False)
    (finding,) = found["findings"]
    assert finding["text"].startswith(
        f"model_pixels{N}.onnx and model_pixels{N}.tflite lose 50.0 points"
    )
    assert finding["text"].endswith(
        "give the app model.onnx or model.tflite, which shrinks pictures "
        "itself."
    )


def test_the_variants_that_were_tried_are_named_as_well():
    files = [
        ClientFile("model.tflite", "frame", 64, by_mean),
        ClientFile("model_mixed.tflite", "frame", 64, by_mean),
        ClientFile(f"model_pixels{N}.tflite", "pixels", N, by_mean),
    ]
    found = measure.measure_clients(files, stripes(), progress=False)
    (finding,) = found["findings"]
    assert finding["text"].endswith(
        "give the app model.tflite or a variant of it (here: "
        "model_mixed.tflite), which shrinks pictures itself."
    )


def test_the_network_is_named_where_there_is_no_file():
    file = ClientFile("network", "pixels", N, by_mean)
    found = measure.measure_clients([file], stripes(), progress=False)
    (finding,) = found["findings"]
    assert finding["text"].startswith("The network loses 50.0 points")
    assert "exported model.tflite" in finding["text"]


def test_no_pictures_are_an_error():
    none = OriginalPictures([].__getitem__, np.zeros(0, int))
    with pytest.raises(ValueError, match="Received: 0 pictures"):
        measure.measure_clients([], none, progress=False)


def test_media_pipe_runs_the_original_square_where_it_is_installed(
    monkeypatch, tmp_path
):
    class Stand:
        closed = 0

        def __init__(self, path):
            if path.stem == "odd":
                raise ValueError("MediaPipe does not take the file")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            Stand.closed += 1

        def top_class(self, pixels):
            assert pixels.shape == (20, 20, 3)  # as training cropped it
            return int(pixels[..., 0].mean() > pixels[..., 2].mean())

    monkeypatch.setattr(media_pipe, "is_installed", lambda: True)
    monkeypatch.setattr(media_pipe, "MediaPipeClassifier", Stand)
    files = [
        ClientFile("network", "pixels", N, by_red),
        ClientFile("m.tflite", "pixels", N, by_red, tmp_path / "m.tflite"),
        ClientFile("m.onnx", "pixels", N, by_red, tmp_path / "m.onnx"),
        ClientFile("odd", "pixels", N, by_red, tmp_path / "odd.tflite"),
    ]
    clients = few_clients()
    with pytest.warns(UserWarning, match="does not take the file"):
        found = measure.measure_clients(files, red_and_blue(), clients, False)
    row = found["clients"][-1]
    assert row["title"] == "MediaPipe itself"
    assert list(row["files"]) == ["m.tflite"]
    assert row["files"]["m.tflite"]["top_1"] == 1
    assert Stand.closed == 1
    assert client_table.rows(found)[-1][1:] == ["–", "100.0 %", "–", "–"]


@pytest.mark.parametrize("with_media_pipe", [False, True])
def test_large_originals_are_in_memory_one_at_a_time(
    monkeypatch, with_media_pipe
):
    """Only the small inputs of a picture stay."""
    made = []

    class Watched(np.ndarray):
        pass

    def pixels(self, index):
        assert not any(reference() is not None for reference in made)
        trained = np.zeros((20, 20, 3), "uint8").view(Watched)
        made.append(weakref.ref(trained))
        return trained, np.zeros((20, 24, 3), "uint8")

    class Stand:
        def __init__(self, path):
            pass

        __enter__ = __exit__ = lambda self, *_: self

        def top_class(self, square):
            assert isinstance(square, Watched)
            return 0

    monkeypatch.setattr(OriginalPictures, "pixels", pixels)
    monkeypatch.setattr(media_pipe, "is_installed", lambda: with_media_pipe)
    monkeypatch.setattr(media_pipe, "MediaPipeClassifier", Stand)
    counts = np.full(4, 40_000_000)
    pictures = OriginalPictures(None, np.zeros(4, int), pixel_counts=counts)
    path = pathlib.Path("m.tflite")
    file = ClientFile("m.tflite", "pixels", N, by_red, path)
    found = measure.measure_clients([file], pictures, few_clients(), False)
    assert found["pictures"] == len(made) == 4


def test_small_originals_are_made_together_in_order():
    counts = np.array([10, 9, 1, 40, 5, 20, 30]) * 10**6
    assert list(measure._made(lambda i: i, counts, range(1, 7))) == [
        *range(1, 7)
    ]
    sizes = []

    def in_threads(make, some, *_, ahead):
        sizes.append(len(some))
        return map(make, some)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "in_threads", in_threads)
        assert list(measure._made(abs, counts, range(7))) == [*range(7)]
    assert sizes == [3, 1, 2, 1]


def test_fewer_pictures_wait_for_a_model_with_large_inputs():
    clients = all_clients()
    assert measure._block_length([32], clients) == 32
    assert measure._block_length([1024], clients) == 1
