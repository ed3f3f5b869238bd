"""Lists in CSV; docs/pictures.md has the bad ones."""

import unicodedata

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_places
from kerasfg.data.sources.elsewhere.walk import walk_elsewhere
from kerasfg.notice import Notice

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), "uint8")


@pytest.fixture
def folder(tmp_path):
    for name in ("a/0.png", "a/1.png", "b/0.png", "b/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(PIXELS).save(tmp_path / name)
    return tmp_path


def read(folder, text, name="list.csv", encoding="utf-8", **options):
    (folder / name).write_text(text, encoding=encoding)
    return from_places(folder / name, **options)


def test_all_columns_are_read(folder):
    source = read(
        folder,
        "site,path,label,split,group,x,y,width,height\n"
        '"a, b",a/0.png,cat,Train,g,3,2,10,10\n'
        ",a/1.png, dog ,validation,,,,,\n"
        "=1+1,b/0.png,cat,TEST,g,,,,\n",
    )
    assert source.class_names == ("cat", "dog")
    assert source.labels.tolist() == [0, 1, 0]
    assert source.names == ("a/0.png#3,2,10,10", "a/1.png", "b/0.png")
    assert source.splits.tolist() == ["train", "val", "test"]
    assert source.groups[0] == source.groups[2] != source.groups[1]
    assert source.columns == {"site": ("a, b", "", "=1+1")}
    np.testing.assert_array_equal(source.read(0), PIXELS[1:13, 2:14])
    np.testing.assert_array_equal(source.read(1), PIXELS)


def test_the_margin_of_boxes_is_in_the_pixels_and_the_digests(folder):
    text = "path,label,x,y,width,height\na/0.png,a,8,5,10,10\nb/0.png,b,,,,\n"
    sources = [read(folder, text, box_margin=m) for m in (None, 0.1, 0, 0.5)]
    assert [s.read(0).size for s in sources] == [
        (12, 12),
        (12, 12),
        (10, 10),
        (20, 20),
    ]
    assert len({s.digests[0] for s in sources}) == 3
    assert len({s.digests[1] for s in sources}) == 1


def test_boxes_of_one_file_stay_together(folder):
    source = read(
        folder,
        "path,label,x,y,width,height\n"
        "a/0.png,a,1,1,4,4\nb/0.png,b,1,1,4,4\na/0.png,b,9,9,4,4\n",
    )
    assert source.groups[0] == source.groups[2] != source.groups[1]


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("l.csv", "\ufeffpath,label\r\na/0.png,a\r\nb/0.png,b\r\n", "utf-8"),
        ("l.csv", "path,label\n a/0.png ,a\n\tb\\0.png, b\n", "utf-8"),
        ("l.csv", "Label;PATH\na;.\\a\\0.png\nb;b\\0.png\n\n", "utf-8"),
        ("l.tsv", "path\tlabel\na/0.png\ta\nb/0.png\tb", "utf-16"),
        ("l.CSV", "path,label\n./a/0.png,a,\nb//0.png,b,,\n", "utf-8"),
    ],
)
def test_spellings_of_other_programs(folder, name, text, encoding):
    source = read(folder, text, name, encoding)
    assert source.class_names == ("a", "b")
    assert [source.read(i).size for i in range(2)] == [(30, 20)] * 2


def test_a_list_to_predict_has_these_spellings(folder):
    (folder / "l.csv").write_text("path\na\\0.png\n b/0.png\nno.png\n")
    assert list(walk_elsewhere(folder / "l.csv")) == [
        str(folder / name) for name in ("a/0.png", "b/0.png", "no.png")
    ]


def test_accents_match_however_they_are_stored(folder):
    composed = unicodedata.normalize("NFC", "ü.png")
    decomposed = unicodedata.normalize("NFD", "ü.png")
    Image.fromarray(PIXELS).save(folder / decomposed)
    source = read(folder, f"path,label\n{composed},a\nb/0.png,b\n")
    assert source.read(0).size == (30, 20)


def test_files_elsewhere_are_read_and_told(folder):
    inner = folder / "inner"
    inner.mkdir()
    text = f"path,label\n../a/0.png,a\n{folder / 'b/0.png'},b\n"
    with pytest.warns(Notice, match="2 of 2 files .* are outside of its fold"):
        source = read(inner, text)
    assert source.read(1).size == (30, 20)


def test_rows_without_use_are_left_out(folder):
    text = (
        "path,label,x,y,width,height\n"
        "a/0.png,a,,,,\na/0.png,a,,,,\na/1.png,,,,,\nb/0.png,b,1,1,0,5\n"
        "b/0.png,b,1,1,5,-5\nb/1.png,b,-3,-3,12,12\nb/9.png,b,,,,\n"
    )
    with pytest.warns(UserWarning, match="Left out of"):
        source = read(folder, text, box_margin=0)
    assert source.names == ("a/0.png", "b/1.png#-3,-3,12,12")
    assert source.read(1).size == (9, 9)
    assert sorted(why for _, why in source.left_out) == [
        "box without area",
        "box without area",
        "missing picture",
        "picture without a label",
        "row that repeats another",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\n", "must name labelled pictures.*with no entry"),
        ("", "lacks path and label"),
        ("path,path,label\n", r"names \['path'\] twice"),
        ("path,label,x\na/0.png,a,1\n", "it has only x"),
        ("path,label,split\na/0.png,a,exam\n", "Line 2.*not 'exam'"),
        ("path,label\n,a\n", "Line 2 of the list must have a path"),
        ("path,label\na/0.png\n", "Line 2.*but has 1"),
        ('path,label\n"a/0.png,a\nb/0.png,b\n', "but has 1"),
        ('path,label\n"' + "a" * 200_000, "must be a CSV file.*larger than"),
        ('path,label\na/0.png,"a\nb"\nb/0.png,b\n', r"the label 'a\\nb'"),
        ("path,label\na/0.png,a\0\nb/0.png,b\n", r"the label 'a\\x00'"),
        ("path,label\na/0.png,Wren\nb/0.png,wren\n", "'Wren' and 'wren' diff"),
    ],
)
def test_refuses_a_list(folder, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(folder, text)
    assert len(str(error.value).splitlines()) == 1


def test_too_many_rows_are_refused_while_they_are_read(folder, monkeypatch):
    monkeypatch.setattr("kerasfg.data.sources.lists.table.MAX_ROWS", 2)
    text = "path,label\na/0.png,a\nb/0.png,b\n"
    assert len(read(folder, text)) == 2
    with pytest.raises(ValueError, match="at most 2 rows"):
        read(folder, text + "b/1.png,b\n")


def test_boxes_that_reach_out_are_counted(folder):
    text = (
        "path,label,x,y,width,height\n"
        "a/0.png,a,0,0,31,20\na/1.png,a,0,0,9000,9000\nb/0.png,b,-9,2,20,9\n"
    )
    with pytest.warns(UserWarning, match=r"^2 boxes of .*such as a/1.png#"):
        read(folder, text)


def test_boxes_are_compared_with_pictures_that_stand_upright(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(folder / "a/0.png", exif=exif)
    text = "path,label,x,y,width,height\na/0.png,a,0,0,20,30\nb/0.png,b,,,,\n"
    assert read(folder, text).read(0).size == (20, 30)


def test_a_list_of_another_encoding_says_so(folder):
    text = "path,label\na/0.png,Gänse\nb/0.png,b\n"
    with pytest.raises(ValueError, match=r"must be text in UTF-8.*'G\?nse'"):
        read(folder, text, encoding="cp1252")
