"""A cluster of two machines, each with one processor, is two nodes here."""

import contextlib
import csv
import functools
import io
import sys
import warnings
import zipfile

import pytest
import stand_ins
from PIL import Image
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.data.progress import spread_by
from kerasfg.data.views.stored import ViewSettings
from kerasfg.data.views.stored import stored_views
from kerasfg.engines.ray_data import RayData
from kerasfg.run.many_pictures.classify import classify_pictures

pytestmark = [
    pytest.mark.slow,
    # Ray uses what it has itself deprecated.
    pytest.mark.filterwarnings(r"ignore::DeprecationWarning:ray\..*"),
    # Ray leaves its processes and files to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture(scope="module")
def cluster():
    """Two nodes with one processor each."""
    from ray import cloudpickle
    from ray.cluster_utils import Cluster

    by_value = stand_ins, sys.modules[__name__]  # not there for the workers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "include_dashboard": False},
        )
        cluster.add_node(num_cpus=1)
        for module in by_value:
            cloudpickle.register_pickle_by_value(module)
        yield cluster
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)
        cluster.shutdown()


@pytest.fixture
def engine(cluster):
    return RayData(cluster.address)


@pytest.fixture
def folder(tmp_path):
    """300 pictures in two folders, one of which is broken."""
    for number in range(300):
        place = tmp_path / "photos" / f"camera{number % 2}"
        place.mkdir(parents=True, exist_ok=True)
        color = [0, 0, number % 200]
        color[number % 3] = 255
        Image.new("RGB", (6, 5), tuple(color)).save(place / f"{number}.png")
    (tmp_path / "photos" / "camera1" / "7.png").write_bytes(b"\x89PNG\r\n")
    return tmp_path / "photos"


class SlowNetwork(ColorNetwork):
    def __call__(self, images):
        import time

        time.sleep(0.5)
        return super().__call__(images)


def doubled(numbers):
    """Returns numbers, doubled, and the node that doubled them."""
    import time

    import ray

    time.sleep(0.2)
    return [2 * x for x in numbers], ray.get_runtime_context().get_node_id()


def files_of(folder):
    """Returns the bytes of the files below a folder, by their names."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_all_nodes_work_and_results_come_in_order(engine):
    chunks = [[i, i + 1] for i in range(40)]
    with contextlib.closing(engine(iter(chunks), doubled)) as results:
        found = list(results)
    assert [x for x, _ in found] == [[2 * a, 2 * b] for a, b in chunks]
    assert len({node for _, node in found}) == 2


def test_work_of_a_node_that_dies_is_done_again(cluster, engine):
    node = cluster.add_node(num_cpus=1)
    chunks = [[i] for i in range(60)]
    with contextlib.closing(engine(iter(chunks), doubled)) as results:
        found = [next(results) for _ in range(6)]
        cluster.remove_node(node, allow_graceful=False)
        found += results
    assert [x for x, _ in found] == [[2 * i] for i in range(60)]
    assert len({place for _, place in found}) == 3


def test_a_keras_model_is_called_where_there_is_a_gpu(cluster, engine):
    def read(numbers):
        import sys

        return numbers, "tensorflow" in sys.modules

    def classify(given):
        import os

        numbers, had_tensorflow = given
        assert not had_tensorflow
        return numbers, os.environ["CUDA_VISIBLE_DEVICES"]

    node = cluster.add_node(num_cpus=1, num_gpus=1)  # only said to be there
    try:
        chunks = [[i] for i in range(10)]
        found = list(engine(iter(chunks), read, classify, is_keras=True))
    finally:
        cluster.remove_node(node)
    assert found == [(chunk, "0") for chunk in chunks]


def test_an_error_of_a_picture_is_the_one_without_an_engine(engine):
    def fail(_):
        raise ValueError("Not   this one. Received: x=1")

    with pytest.raises(ValueError, match=r"^Not   this one\. Received: x=1$"):
        list(engine([[1]], fail))
    with (
        zipfile.ZipFile(io.BytesIO(), "w") as archive,
        pytest.raises(ValueError, match=r"unpack a \.zip or \.tar"),
    ):
        list(engine([[1]], functools.partial(print, archive)))


def test_rows_are_the_same_and_go_on_after_a_node_has_died(
    cluster, engine, folder, tmp_path
):
    model = tmp_path / "model"
    model.write_bytes(b"weights")
    predictor = color_predictor(SlowNetwork())

    def classify(out, engine):
        return classify_pictures(
            predictor, model, [folder], tmp_path / out, engine=engine
        )

    here = classify("here.csv", None)
    node = cluster.add_node(num_cpus=1)

    def losing(*arguments, **options):
        for count, rows in enumerate(engine(*arguments, **options)):
            if count == 0:
                cluster.remove_node(node, allow_graceful=False)
            yield rows

    def stopping(*arguments, **options):
        for count, rows in enumerate(engine(*arguments, **options)):
            if count == 2:
                raise KeyboardInterrupt
            yield rows

    assert classify("there.csv", losing) == here
    assert not classify("stopped.csv", stopping).finished
    done = classify("stopped.csv", engine)
    assert (done.pictures, done.before) == (here.pictures, 128)
    expected = (tmp_path / "here.csv").read_bytes()
    with open(tmp_path / "here.csv", newline="") as file:
        assert sum(bool(row["error"]) for row in csv.DictReader(file)) == 1
    for out in ("there.csv", "stopped.csv"):
        assert (tmp_path / out).read_bytes() == expected


def test_files_of_pixels_and_views_are_the_same(engine, folder, tmp_path):
    source = from_folder(folder)
    settings = ViewSettings(image_size=8, count=2)

    def make(cache):
        with pytest.warns(UserWarning, match="1 of 300 pictures are skipped"):
            pixels = prepare(source, 8, cache_dir=cache)
        rows = [source.names.index(name) for name in pixels.names]
        stored_views(
            pixels.names,
            pixels.digests,
            lambda: lambda number: source.read(rows[number]),
            settings,
            cache_dir=cache,
        )
        return files_of(cache)

    here = make(tmp_path / "here")
    with spread_by(engine):
        assert make(tmp_path / "there") == here
    assert len(here) > 4
