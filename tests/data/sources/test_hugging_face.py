"""Data sets of the library `datasets`, without a network."""

import gc
import json
import warnings

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_places
from kerasfg.notice import Notice

# Files that the library itself leaves open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """The library, with its cache in a temporary folder."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hf")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    yield datasets
    with warnings.catch_warnings():  # of files that the library leaves open
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def draw(folder, count=6):
    folder.mkdir(parents=True)
    for i in range(count):
        Image.new("RGB", (8, 6), (i, 0, 0)).save(folder / f"{i}.png")
    return folder


def test_a_folder_with_metadata(datasets, tmp_path):
    folder = draw(tmp_path / "set" / "images").parent
    rows = [
        {"file_name": f"images/{i}.png", "label": "ab"[i % 2], "site": f"s{i}"}
        for i in range(6)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "metadata.jsonl").write_text(text)
    with pytest.warns(Notice, match="The column 'label'"):
        source = from_places(folder)
    assert source.class_names == ("a", "b")
    assert source.names == tuple(f"images/{i}.png" for i in range(6))
    assert source.columns == {"site": tuple(f"s{i}" for i in range(6))}
    assert source.read(3).getpixel((0, 0)) == (3, 0, 0)
    assert len(set(source.digests)) == 6


@pytest.mark.parametrize("form", ["saved", "parquet"])
def test_a_data_set_on_disk(datasets, tmp_path, form):
    folder = draw(tmp_path / "pictures")
    features = datasets.Features(
        {
            "photo": datasets.Image(),
            "species": datasets.ClassLabel(names=["owl", "fox"]),
        }
    )
    rows = {
        "photo": [(folder / f"{i}.png").read_bytes() for i in range(6)],
        "species": [0, 1, 0, 1, -1, 1],
    }
    train = datasets.Dataset.from_dict(rows, features=features)
    parts = datasets.DatasetDict({"train": train, "validation": train})
    place = tmp_path / "set"
    if form == "saved":
        parts.save_to_disk(str(place))
    else:
        for name, part in parts.items():
            part.to_parquet(
                str(place / "data" / f"{name}-00000-of-00001.parquet")
            )
    with (
        pytest.warns(Notice, match="The column 'species'"),
        pytest.warns(UserWarning, match="2 pictures without a label"),
    ):
        source = from_places(f"hf://{place}")
    assert source.class_names == ("fox", "owl")
    assert source.labels.tolist() == [1, 0, 1, 0, 0] * 2
    assert source.splits.tolist() == ["train"] * 5 + ["val"] * 5
    assert source.names[5] == "validation/00000"
    assert np.asarray(source.read(9))[0, 0, 0] == 5


def test_rows_that_name_files_elsewhere_are_not_opened(datasets, tmp_path):
    folder = draw(tmp_path / "private", 2)
    paths = [str(folder / f"{i}.png") for i in range(2)]
    rows = datasets.Dataset.from_dict({"image": paths, "label": ["a", "b"]})
    rows = rows.cast_column("image", datasets.Image())
    rows.to_parquet(str(tmp_path / "set" / "train.parquet"))
    with pytest.warns(Notice):
        source = from_places(f"hf://{tmp_path / 'set'}")
    assert source.digests == ("unreadable", "unreadable")
    with pytest.raises(OSError, match="outside of the data set"):
        source.read(0)


def test_code_is_not_run(datasets, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "set.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ValueError, match="cannot be loaded.*script is not run"):
        from_places(f"hf://{folder}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("file_name,species,site\n0.png,a,b\n", "columns.*'species', 'site'"),
        ("file_name,label\n../../x.png,a\n", "cannot be loaded"),
    ],
)
def test_refuses_a_folder(datasets, tmp_path, metadata, message):
    folder = draw(tmp_path / "set", 1)
    (folder / "metadata.csv").write_text(metadata)
    with pytest.raises(ValueError, match=message) as error:
        from_places(folder)
    assert len(str(error.value).splitlines()) == 1


def test_a_name_without_a_network_is_one_line(datasets):
    with pytest.raises(ValueError, match="on the Hub with a network") as error:
        from_places("hf://kerasfg-tests/there-is-no-such-data-set")
    assert len(str(error.value).splitlines()) == 1


def test_says_how_to_install_the_library(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'kerasfg\[hf\]'"):
        from_places("hf://name")
