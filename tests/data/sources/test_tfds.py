import builtins

import numpy as np
import pytest

from kerasfg.data import assign_splits
from kerasfg.data import from_tfds
from kerasfg.data import prepare


@pytest.fixture
def mock(tmp_path):
    """A function that mocks a TFDS data set with three examples a split."""
    import tensorflow_datasets as tfds

    def make(name, splits):
        # The folder of a prepared data set, but for its pictures.
        builder = tfds.builder(name, data_dir=tmp_path)
        builder.info.set_splits(
            tfds.core.splits.SplitDict(
                [
                    tfds.core.SplitInfo(
                        name=split, shard_lengths=[3], num_bytes=0
                    )
                    for split in splits
                ]
            )
        )
        folder = tmp_path / builder.info.full_name
        folder.mkdir(parents=True)
        builder.info.write_to_directory(folder)
        return tfds.testing.mock_data(num_examples=3, data_dir=str(tmp_path))

    return make


def test_cifar100_comes_with_its_coarse_labels(mock, tmp_path):
    with mock("cifar100", ["train", "test"]):
        source = from_tfds("cifar100", data_dir=tmp_path)
    assert len(source.class_names) == 100
    assert source.names[2:4] == ("train/00002", "test/00000")
    assert source.splits.tolist() == ["train"] * 3 + ["test"] * 3
    assert source.labels.dtype == np.int32
    assert source.read(0).size == (32, 32)
    values, indices = source.attributes["coarse_label"]
    assert len(values) == 20
    assert indices.shape == (6,) and indices.max() < 20


def test_pets_of_all_sizes_come_with_their_species(mock, tmp_path):
    with mock("oxford_iiit_pet", ["train", "test"]):
        source = from_tfds("oxford_iiit_pet", data_dir=tmp_path)
    assert source.attributes["species"][0] == ("Cat", "Dog")
    assert all(source.read(i).mode == "RGB" for i in range(len(source)))


@pytest.mark.parametrize("name", ["stanford_dogs", "caltech_birds2011"])
def test_well_known_data_sets_are_of_the_right_kind(name, mock, tmp_path):
    with mock(name, ["train", "test"]):
        source = from_tfds(name, data_dir=tmp_path)
    assert len(source) == 6
    assert source.labels.max() < len(source.class_names)


def test_pictures_are_read_as_they_were_stored(rng, tmp_path):
    import tensorflow_datasets as tfds

    names = ["finch", "siskin"]
    pictures = rng.integers(0, 256, (4, 6, 5, 3), dtype="uint8")

    class TwoFinches(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")
        pkg_dir_path = tmp_path  # or it looks for this module's own

        def _info(self):
            features = tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(None, None, 3)),
                    "label": tfds.features.ClassLabel(names=names),
                }
            )
            return self.dataset_info_from_configs(features=features)

        def _split_generators(self, manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for i, picture in enumerate(pictures):
                yield i, {"image": picture, "label": i % 2 if i else -1}

    source = from_tfds("two_finches", data_dir=tmp_path)
    assert source.class_names == ("finch", "siskin")
    assert len(source) == 3  # one has no label
    read = {source.read(i).tobytes(): source.labels[i] for i in range(3)}
    assert read == {pictures[i].tobytes(): i % 2 for i in (1, 2, 3)}


def test_one_split_is_none(mock, tmp_path):
    with mock("tf_flowers", ["train"]):
        source = from_tfds("tf_flowers", data_dir=tmp_path)
    assert source.splits is None


def test_validation_without_a_test_becomes_the_test(mock, tmp_path):
    with mock("imagenette", ["train", "validation"]):
        source = from_tfds("imagenette", data_dir=tmp_path)
    assert set(source.splits) == {"train", "val"}
    splits = assign_splits(np.zeros(6, int), source.splits)
    assert splits[3:].tolist() == ["test"] * 3


def test_pixels_are_found_again(mock, tmp_path):
    context = mock("oxford_iiit_pet", ["train", "test"])
    with context:
        source = from_tfds("oxford_iiit_pet", data_dir=tmp_path)
        again = from_tfds("oxford_iiit_pet", data_dir=tmp_path)
    first = prepare(source, 8, cache_dir=tmp_path / "cache")
    second = prepare(again, 8, cache_dir=tmp_path / "cache")
    assert (first.from_cache, second.from_cache) == (False, True)
    assert first.attributes["species"][1].tolist() == (
        source.attributes["species"][1].tolist()
    )


def test_refuses_an_unknown_name(tmp_path):
    with pytest.raises(ValueError, match="Received: name='no_such_birds'"):
        from_tfds("no_such_birds", data_dir=tmp_path)


def test_refuses_a_data_set_of_another_kind(tmp_path):
    with pytest.raises(ValueError, match="a feature 'image'"):
        from_tfds("titanic", data_dir=tmp_path)


def test_error_without_a_network_names_the_remedy(monkeypatch, tmp_path):
    import tensorflow_datasets as tfds

    def fail(self):
        raise ConnectionError("no network")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(OSError, match="no network.*pass its folder"):
        from_tfds("cifar100", data_dir=tmp_path)


def test_missing_package_is_named(monkeypatch):
    real = builtins.__import__

    def fail(name, *args, **kwargs):
        if name == "tensorflow_datasets":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(ImportError, match=r"pip install 'kerasfg\[tfds\]'"):
        from_tfds("cifar100")
