"""What an inspection finds, against what was put into the pictures."""

import json
import math
import shutil
import warnings

import numpy as np
import pytest
from bad_pictures import spoil
from PIL import Image

from kerasfg.config import Recipe
from kerasfg.data import from_folder
from kerasfg.inspection.counts import count_classes
from kerasfg.inspection.inspect_data import inspect_data
from kerasfg.inspection.inspection import inspect_source
from kerasfg.inspection.odd_pictures import find_odd_pictures
from kerasfg.inspection.pixels import prepare_all
from kerasfg.inspection.sizes import describe_sizes


@pytest.fixture
def look(photos):
    def inspect(**options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = from_folder(photos)
            return inspect_source(
                source, labels=False, progress=False, **options
            )

    return inspect


def by_kind(found, kind):
    return {s.path: s.reason for s in found.suspects if s.kind == kind}


def test_good_pictures_have_nothing_to_look_at(look):
    found = look()
    facts = found.facts
    assert found.suspects == []
    assert facts["pictures"] == 26
    assert facts["classes"]["counts"] == {"emu": 2, "owl": 12, "wren": 12}
    assert facts["classes"]["ratio"] == 6
    assert facts["classes"]["warnings"] == [
        "'emu' has 2 readable pictures: a training needs at least 3 of each "
        "class."
    ]
    assert facts["groups"] == 26
    assert facts["sizes"]["histogram"] == [
        {"from": 64, "to": 96, "pictures": 26}
    ]
    json.dumps(found.to_json(), allow_nan=False)


def test_ten_to_one_is_warned_of(photos, draw):
    shutil.rmtree(photos / "emu")
    for number in range(2, 12):
        (photos / "owl" / f"{number}.png").unlink()
    for number in range(12, 20):
        draw(900 + number, (60, 60, 200)).save(
            photos / "wren" / f"{number}.png"
        )
    source = from_folder(photos)
    found = count_classes(source, prepare_all(source, 16, progress=False))
    assert (found["largest"], found["smallest"]) == ("wren", "owl")
    assert found["ratio"] == 10
    assert "The largest class has 10 times" in found["warnings"][-1]


def test_files_that_cannot_be_read_are_named(photos, look):
    shutil.copy(photos / "owl/0.png", photos / "owl/00.png")
    reasons = spoil(photos / "owl")
    (photos / "owl/whole.jpg").unlink()
    broken = by_kind(look(), "broken")
    for name in ("truncated.jpg", "damaged.png", "bomb.png", "float.tif"):
        assert reasons[name] in broken[f"owl/{name}"]


def test_a_class_without_a_good_picture_is_no_end(photos, look):
    for number in range(2):
        (photos / "emu" / f"{number}.png").write_bytes(
            (photos / "emu" / f"{number}.png").read_bytes()[:200]
        )
    found = look()
    assert found.facts["classes"]["ratio"] is None
    assert (
        "No picture of 'emu' can be read"
        in (found.facts["classes"]["warnings"][0])
    )
    assert set(by_kind(found, "broken")) == {"emu/0.png", "emu/1.png"}


def test_no_picture_at_all_is_an_error(photos):
    for file in photos.glob("*/*.png"):
        file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ValueError, match="At least one picture must be reada"):
        inspect_source(from_folder(photos), labels=False, progress=False)


def test_copies_are_listed_once_and_those_in_two_classes_first(photos, look):
    owl, wren = photos / "owl", photos / "wren"
    shutil.copy(owl / "3.png", owl / "3 (1).png")
    shutil.copy(wren / "5.png", owl / "lost.png")
    Image.open(wren / "7.png").save(wren / "small.jpg", quality=85)
    found = look()
    assert [one.kind for one in found.suspects] == [
        "two classes",
        "two classes",
        "copy",
        "copy",
    ]
    assert by_kind(found, "two classes") == {
        "owl/lost.png": "identical to wren/5.png, which is wren",
        "wren/5.png": "identical to owl/lost.png, which is owl",
    }
    assert by_kind(found, "copy") == {
        "owl/3 (1).png": "identical to owl/3.png",
        "wren/small.jpg": "a near-copy of wren/7.png",
    }
    assert found.facts["in_two_classes"] == 1
    assert found.facts["groups"] == 26
    looks = {one.path: one.looks_like for one in found.suspects}
    assert looks["owl/lost.png"] == "wren"


def test_odd_pictures_are_told_apart(photos, draw):
    folder = photos / "owl"
    pictures = {
        "small.png": (draw(1).resize((31, 40)), ["very small"]),
        "edge.png": (draw(2).resize((32, 40)), None),
        "tall.png": (draw(3).resize((40, 160)), ["very long or tall"]),
        "blank.png": (Image.new("RGB", (64, 64), "teal"), ["blank"]),
        "dark.png": (draw(4).point(lambda v: v // 8), ["nearly black"]),
        "grey.png": (draw(5).convert("L").convert("RGB"), ["grey"]),
        "flag.png": (flag(), ["very few colours"]),
    }
    for name, (picture, _) in pictures.items():
        picture.save(folder / name)
    pixels = prepare_all(from_folder(photos), 160, progress=False)
    odd = {pixels.names[i]: why for i, why in find_odd_pictures(pixels).items()}
    assert odd == {
        f"owl/{name}": why for name, (_, why) in pictures.items() if why
    }


def flag():
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :20], pixels[:, 20:40], pixels[:, 40:] = (
        (200, 30, 30),
        (240, 240, 240),
        (30, 30, 200),
    )
    return Image.fromarray(pixels)


def test_sizes_are_counted_as_by_a_plain_loop():
    random = np.random.default_rng(0)
    sizes = random.integers(1, 5000, (300, 2))
    found = describe_sizes(sizes, 100)
    assert found["below"] == sum(min(pair) < 100 for pair in sizes)
    for part in found["histogram"]:
        end = part["to"] or 10**9
        inside = [p for p in sizes if part["from"] <= min(p) < end]
        assert part["pictures"] == len(inside)
    assert sum(p["pictures"] for p in found["histogram"]) == 300
    assert math.prod(found["smallest"]) == min(map(math.prod, sizes))
    assert math.prod(found["largest"]) == max(map(math.prod, sizes))


def test_an_edited_list_stays(photos, tmp_path):
    owl = photos / "owl"
    shutil.copy(owl / "3.png", owl / "3 (1).png")
    recipe = Recipe().with_options(data=str(photos))
    out = tmp_path / "out"

    def again():
        found = inspect_data(recipe, out, labels=False, verbose=False)
        return out / found.facts["suspects_file"]

    first = again()
    assert again() == first == out / "suspects.csv"
    edited = first.read_text().replace("3.png,,", "3.png,keep,")
    first.write_text(edited)
    assert again() == again() == out / "suspects-2.csv"
    assert first.read_text() == edited


def test_the_command_to_train_has_the_options_of_the_inspection(
    photos, tmp_path
):
    for name in ("emu", "owl", "wren"):
        (photos / name).rename(photos / "day")
        (photos / name).mkdir()
        (photos / "day").rename(photos / name / "day")

    def command(**options):
        recipe = Recipe().with_options(data=str(photos), **options)
        found = inspect_data(recipe, tmp_path / "o", False, verbose=False)
        return found.facts["train_command"]

    plain = f"kerasfg train --data {photos}"
    assert command(class_level=1) == f"{plain} --class-level 1"
    assert command(class_level=1, box_margin=0.0, group_by="folder") == (
        f"{plain} --class-level 1 --box-margin 0.0 --group-by folder"
    )


def test_with_boxes_the_sizes_are_those_of_the_subjects(photos, tmp_path):
    rows = ["path,label,x,y,width,height"]
    for name, width in (("owl", 20), ("wren", 25)):
        rows += [f"{name}/{i}.png,{name},10,10,{width},40" for i in range(5)]
    (photos / "list.csv").write_text("\n".join(rows) + "\n")
    recipe = Recipe().with_options(
        data=str(photos / "list.csv"), box_margin=0.0, image_size=24
    )
    facts = inspect_data(recipe, tmp_path / "o", False, verbose=False).facts
    assert facts["boxes"] is True
    assert facts["sizes"]["smallest"] == [20, 40]
    assert facts["sizes"]["largest"] == [25, 40]
    assert facts["sizes"]["below"] == 5
    assert len(facts["odd"]) == 0  # small as they all are
    page = (tmp_path / "o" / "inspection.html").read_text("utf-8")
    assert "Sizes of the subjects" in page
