import dataclasses
import warnings

import numpy as np
import pytest
from PIL import ExifTags
from PIL import Image

from kerasfg.config.recipe import Recipe
from kerasfg.data import assign_splits
from kerasfg.data import from_folder
from kerasfg.data import prepare
from kerasfg.data.groups import find_groups
from kerasfg.data.groups import split_pictures
from kerasfg.notice import Notice


def picture(seed):
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (64, 48))
    for cells, share in ((4, 1.0), (16, 0.5)):
        shades = random.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
        layer = Image.fromarray(shades).resize(image.size)
        image = Image.blend(image, layer, share)
    return image


def save(root, names, **options):
    for seed, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(seed).save(root / name, **options)


def read(root, class_level=0):
    source = from_folder(root, class_level=class_level)
    return prepare(source, 8, progress=False)


def sides(pixels, splits):
    return dict(zip(pixels.names, splits.tolist(), strict=True))


def plain_names(each=12, classes="ab"):
    return [f"{c}/{number}.jpg" for c in classes for number in range(each)]


@pytest.fixture
def plain(tmp_path):
    save(tmp_path / "photos", plain_names())
    return tmp_path / "photos"


def test_pictures_without_copies_are_drawn_as_before(plain):
    pixels = read(plain)
    groups = find_groups(pixels)
    assert groups.ids is None and groups.summary["groups"] == 24
    for seed in range(3):
        found = split_pictures(pixels, groups, seed)
        assert np.array_equal(found, assign_splits(pixels.labels, seed=seed))


def test_a_val_that_becomes_the_test_is_named(plain):
    pixels = read(plain)
    given = np.where(np.arange(len(pixels)) % 2, "train", "val")
    pixels = dataclasses.replace(pixels, splits=given)
    with pytest.warns(Notice, match="val are the test, and 15 % of train"):
        splits = split_pictures(pixels, find_groups(pixels))
    assert np.array_equal(splits == "test", given == "val")


def test_given_groups_are_drawn_as_before(plain):
    (plain / "near_duplicates.csv").write_text(
        "path_a,path_b\na/9.jpg,a/0.jpg\nb/3.jpg,b/1.jpg\n"
    )
    pixels = read(plain)
    found = split_pictures(pixels, find_groups(pixels))
    wanted = assign_splits(pixels.labels, groups=pixels.groups)
    assert np.array_equal(found, wanted)


def test_twins_keep_to_one_side(plain):
    for path in sorted(plain.glob("*/*.jpg"))[::2]:
        twin = path.with_name(f"{path.stem} (1).jpg")
        twin.write_bytes(path.read_bytes())
    for number in (1, 3):
        path = plain / "a" / f"{number}.jpg"
        Image.open(path).resize((40, 30)).save(plain / "a" / f"s{number}.jpg")
    pixels = read(plain)
    groups = find_groups(pixels)
    for seed in range(5):
        side = sides(pixels, split_pictures(pixels, groups, seed))
        assert set(side.values()) == {"train", "val", "test"}
        for name in side:
            assert side[name] == side[name.replace(" (1)", "")]
        assert side["a/1.jpg"] == side["a/s1.jpg"]
        assert side["a/3.jpg"] == side["a/s3.jpg"]
    assert groups.summary["copies"] == {"identical": 24, "look_alikes": 4}
    assert groups.summary["groups"] == 24
    assert groups.summary["few"] == {}


def test_copies_may_be_drawn_singly(plain):
    (plain / "a" / "twin.jpg").write_bytes((plain / "a/0.jpg").read_bytes())
    pixels = read(plain)
    groups = find_groups(pixels, join_copies=False)
    assert groups.ids is None and not len(groups.copies)
    assert not groups.summary["joined"]


def test_a_picture_in_two_classes_is_named(plain):
    (plain / "b" / "also_in_a.jpg").write_bytes(
        (plain / "a" / "0.jpg").read_bytes()
    )
    pixels = read(plain)
    with pytest.warns(UserWarning, match="the same file") as caught:
        splits = split_pictures(pixels, find_groups(pixels))
    (message,) = {str(warning.message) for warning in caught}
    assert "a/0.jpg and b/also_in_a.jpg" in message
    assert "Delete" in message
    side = sides(pixels, splits)
    assert side["a/0.jpg"] == side["b/also_in_a.jpg"]


def test_copies_across_given_splits_are_named(plain):
    (plain / "a" / "twin.jpg").write_bytes((plain / "a/0.jpg").read_bytes())
    rows = [
        f"{name},{'test' if name.endswith(('1.jpg', 'twin.jpg')) else 'train'}"
        for name in [*plain_names(), "a/twin.jpg"]
    ]
    (plain / "splits.csv").write_text("\n".join(["path,split", *rows]))
    pixels = read(plain)
    with pytest.warns(UserWarning, match="1 pictures of the given test split"):
        splits = split_pictures(pixels, find_groups(pixels))
    with pytest.warns(UserWarning, match=r"\(a/twin.jpg and a/0.jpg\)"):
        split_pictures(pixels, find_groups(pixels))
    assert sides(pixels, splits)["a/twin.jpg"] == "test"


def test_few_groups_are_named(plain):
    for number in range(1, 12):
        (plain / "a" / f"{number}.jpg").write_bytes(
            (plain / "a" / "0.jpg").read_bytes()
        )
    pixels = read(plain)
    groups = find_groups(pixels)
    assert groups.summary["few"] == {"a": 1}
    with pytest.warns(UserWarning, match=r"1 class has fewer.*: a \(1\)"):
        splits = split_pictures(pixels, groups)
    assert set(splits[pixels.labels == 0]) == {"train"}


def test_look_alikes_of_a_fixed_camera_are_drawn_singly(plain):
    for number in range(1, 12):
        image = picture(0)
        image.paste((number, 0, 0), (number, 0, number + 2, 2))
        image.save(plain / "a" / f"{number}.jpg")
    pixels = read(plain)
    groups = find_groups(pixels)
    assert groups.summary["copies"]["look_alikes"] == 12
    assert groups.summary["few"] == {}
    assert set(split_pictures(pixels, groups)[:12]) == {"train", "val", "test"}


# === Grouping by what pictures have in common ===


def test_by_folder_also_across_classes(tmp_path):
    names = [
        f"{c}/{camera}/{number}.jpg"
        for c in "ab"
        for camera in ("north", "south", "east", "west", "lake")
        for number in range(3)
    ]
    save(tmp_path, names)
    pixels = read(tmp_path, class_level=1)
    groups = find_groups(pixels, "folder")
    assert groups.summary["groups"] == 5
    side = sides(pixels, split_pictures(pixels, groups))
    for camera in ("north", "south", "east", "west", "lake"):
        same = {s for name, s in side.items() if f"/{camera}/" in name}
        assert len(same) == 1
    assert set(side.values()) == {"train", "val", "test"}


def test_by_folder_needs_folders(plain):
    with pytest.raises(ValueError, match="folder below that of its class.*24"):
        find_groups(read(plain), "folder")


def exif(seconds, camera):
    result = Image.Exif()
    result[ExifTags.Base.Model] = camera
    result[ExifTags.Base.DateTime] = f"2024:05:01 09:30:{seconds:02}"
    return result


def test_by_burst(tmp_path):
    taken = [(0, "x"), (2, "x"), (4, "x"), (7, "x"), (4, "y"), (5, "y")]
    for row, (seconds, camera) in enumerate(taken):
        for label, c in enumerate("ab"):
            save_as = tmp_path / c / f"{row}.jpg"
            save_as.parent.mkdir(exist_ok=True)
            data = exif(seconds + 30 * label, camera)
            picture(10 * label + row).save(save_as, exif=data)
    save_as = tmp_path / "b" / "edited.jpg"
    picture(99).save(save_as)
    ids = find_groups(read(tmp_path), "burst").ids
    assert ids is not None
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert ids[4] == ids[5] not in (ids[0], ids[3])
    assert len(set(ids[6:])) == 4 and not set(ids[:6]) & set(ids[6:])


def test_by_burst_needs_a_time(plain):
    with pytest.raises(ValueError, match="24 pictures without"):
        find_groups(read(plain), "burst")


def test_by_a_column(plain):
    places = tuple(["hill", "", " hill ", ""] + [""] * 20)
    pixels = dataclasses.replace(read(plain), columns={"place": places})
    ids = find_groups(pixels, "column:place").ids
    assert ids is not None and ids[0] == ids[2]
    assert len(set(ids)) == 23
    with pytest.raises(ValueError, match="'column:day', with the columns: pl"):
        find_groups(pixels, "column:day")


@pytest.mark.parametrize("given", ["camera", "column:", "column: ", "Folder"])
def test_other_ways_are_errors(given):
    with pytest.raises(ValueError, match="`group_by` must be `folder`"):
        Recipe().with_options(group_by=given)


def test_no_warning_where_nothing_is_wrong(plain):
    pixels = read(plain)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        split_pictures(pixels, find_groups(pixels))
