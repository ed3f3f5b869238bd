import numpy as np
import pytest
from scipy.io import savemat

from kerasfg.data.sources.published import read_stanford_dogs

BREEDS = ("n02085620-Chihuahua", "n02086240-Shih-Tzu")
TRAIN = [f"{breed}/{breed[:9]}_{i}.jpg" for breed in BREEDS for i in (1, 2)]
TEST = [f"{breed}/{breed[:9]}_3.jpg" for breed in BREEDS]


def save(path, files, labels):
    column = np.array([[file] for file in files], dtype=object)
    savemat(path, {"file_list": column, "labels": [[n] for n in labels]})


@pytest.fixture
def root(tmp_path, draw):
    """A replica with two breeds of three pictures."""
    for seed, file in enumerate(TRAIN + TEST):
        draw(tmp_path / "Images" / file, seed=seed)
    (tmp_path / "lists").mkdir()
    save(tmp_path / "lists" / "train_list.mat", TRAIN, [1, 1, 2, 2])
    save(tmp_path / "lists" / "test_list.mat", TEST, [1, 2])
    return tmp_path


def test_contract(root):
    source = read_stanford_dogs(root)
    assert source.class_names == ("Chihuahua", "Shih-Tzu")
    assert source.labels.tolist() == [0, 0, 1, 1, 0, 1]
    assert source.splits.tolist() == ["train"] * 4 + ["test"] * 2
    assert source.names == tuple(f"Images/{file}" for file in TRAIN + TEST)
    assert source.read(5).size == (8, 8)


def test_lists_may_be_next_to_the_pictures(root):
    for split in ("train", "test"):
        path = root / "lists" / f"{split}_list.mat"
        path.rename(root / path.name)
    assert len(read_stanford_dogs(root)) == 6


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_missing_list_is_named(root, split):
    (root / "lists" / f"{split}_list.mat").unlink()
    message = rf"{split}_list\.mat is missing.*lists\.tar.*Received: directory"
    with pytest.raises(ValueError, match=message):
        read_stanford_dogs(root)


def test_a_missing_picture_is_named(root):
    (root / "Images" / TEST[1]).unlink()
    message = f"1 of 6 pictures are missing, such as Images/{TEST[1]}"
    with pytest.raises(ValueError, match=message):
        read_stanford_dogs(root)


@pytest.mark.parametrize(
    ("files", "labels", "message"),
    [
        (TEST, [1], "2 files, 1 labels"),
        (TEST, [1, 1], "one label for each folder"),
        (TEST, [2, 1], "one label for each folder"),
        (TEST, [1, 3], "one label for each folder"),
        (TEST, [1, np.nan], "one label for each folder"),
        ([*TEST, TRAIN[0]], [1, 2, 1], "is listed twice"),
        (["../x.jpg", TEST[1]], [1, 2], "not inside the folder"),
        (["/x.jpg", TEST[1]], [1, 2], "not inside the folder"),
        (["x.jpg", TEST[1]], [1, 2], "one label for each folder"),
    ],
)
def test_lists_must_fit(root, files, labels, message):
    save(root / "lists" / "test_list.mat", files, labels)
    with pytest.raises(ValueError, match=f"{message}.*Received: directory="):
        read_stanford_dogs(root)


def test_two_folders_must_not_be_one_breed(root, draw):
    breed = "n09999999-Chihuahua"
    draw(root / "Images" / breed / "1.jpg")
    save(root / "lists" / "test_list.mat", [f"{breed}/1.jpg"], [3])
    with pytest.raises(ValueError, match="class 'Chihuahua' is listed twice"):
        read_stanford_dogs(root)
