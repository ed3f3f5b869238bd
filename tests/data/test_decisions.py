"""Decisions about single pictures, read from a file."""

import csv

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from kerasfg.data.decisions import COLUMNS
from kerasfg.data.decisions import read_decisions
from kerasfg.data.decisions import with_decisions
from kerasfg.data.decisions import write_decisions
from kerasfg.data.sources.source import Source
from kerasfg.notice import Notice

pytestmark = pytest.mark.filterwarnings("ignore:By .* left out")


@pytest.fixture
def source():
    names = ("owl/1.jpg", "owl/2.jpg", "wren/1.jpg", "wren/a, b.jpg")
    return Source(
        class_names=("owl", "wren"),
        names=names,
        labels=np.array([0, 0, 1, 1], np.int32),
        digests=("p", "q", "r", "s"),
        read=lambda index: names[index],
        groups=np.array([5, 6, 7, 8], np.int32),
        attributes={"sea": (("no", "yes"), np.array([0, 1, 0, 1], np.int32))},
        columns={"camera": ("a", "b", "c", "d")},
        left_out=(("clip.mp4", "video"),),
    )


@pytest.fixture
def file(tmp_path):
    def write(*rows, columns="path,looks_like,decision,new_label"):
        path = tmp_path / "suspects.csv"
        path.write_text("\n".join([columns, *rows]) + "\n", "utf-8")
        return path

    return write


def test_pictures_are_left_out_relabelled_and_kept(source, file):
    changed = with_decisions(
        source,
        file(
            "owl/1.jpg,wren,leave out,",
            "owl/2.jpg,wren,,",
            "wren/1.jpg,owl,Relabel,",
            '"wren/a, b.jpg",owl,keep,',
        ),
    )
    assert changed.names == source.names[1:]
    assert changed.labels.tolist() == [0, 0, 1]
    assert changed.class_names == source.class_names
    assert changed.digests == ("q", "r", "s")
    assert [changed.read(i) for i in range(3)] == list(changed.names)
    assert changed.groups.tolist() == [6, 7, 8]
    assert changed.attributes["sea"][1].tolist() == [1, 0, 1]
    assert changed.columns == {"camera": ("b", "c", "d")}
    assert changed.left_out == (
        ("clip.mp4", "video"),
        ("owl/1.jpg", "picture that suspects.csv leaves out"),
    )


def test_the_new_label_goes_before_what_it_looks_like(source, file):
    path = file("owl/1.jpg,owl,relabel,wren")
    assert with_decisions(source, path).labels.tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize("word", ["leave_out", "LEAVE-OUT", " leave out "])
def test_a_decision_may_be_spelled_in_several_ways(source, file, word):
    changed = with_decisions(source, file(f"owl/1.jpg,,{word},"))
    assert len(changed) == 3


@pytest.mark.parametrize(
    "text",
    [
        "owl/1.jpg\nwren/a, b.jpg\n",
        "\n./owl/1.jpg\r\nwren/a, b.jpg",
        "\ufeffowl\\1.jpg\nwren/a, b.jpg\n",
        'path\nowl/1.jpg\n"wren/a, b.jpg"\n',
        'label,path\nowl,owl/1.jpg\nwren,"wren/a, b.jpg"\n',
    ],
)
def test_all_of_a_plain_list_are_left_out(source, tmp_path, text):
    path = tmp_path / "list.txt"
    path.write_bytes(text.encode())
    assert with_decisions(source, path).names == ("owl/2.jpg", "wren/1.jpg")


def test_no_file_changes_nothing(source):
    assert with_decisions(source, "") is source
    assert with_decisions(source, None) is source


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("owl/9.jpg,,keep,", r"names 1 pictures that .*: owl/9\.jpg"),
        ("owl/1.jpg,,delete,", "must be one of 'keep', .*: 'delete' in line 2"),
        ("owl/1.jpg,,relabel,", "must have its class .* none in line 2"),
        ("owl/1.jpg,,relabel,hawk", "one of the 2 classes: owl, wren.*'hawk'"),
        (
            "owl/1.jpg,,keep,\nowl/1.jpg,,leave out,",
            "one decision.*'owl/1.jpg', again in line 3",
        ),
        (
            "owl/1.jpg,,keep,\nowl\\1.jpg,,leave out,",
            r"one decision.*'owl/1.jpg' and 'owl\\\\1.jpg' in ",
        ),
        (
            "owl/1.jpg,,leave out,\nowl/2.jpg,wren,relabel,",
            "Each class must keep pictures.*none of 'owl'",
        ),
    ],
)
def test_a_row_that_makes_no_sense_is_named(source, file, row, message):
    with pytest.raises(ValueError, match=message):
        with_decisions(source, file(row))


def test_a_place_that_is_no_file_is_named(source, tmp_path, file):
    with pytest.raises(ValueError, match="`leave_out` must name.*No such file"):
        with_decisions(source, tmp_path / "absent.csv")
    with pytest.raises(ValueError, match="which is not a file"):
        with_decisions(source, tmp_path)


AWKWARD = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    min_size=1,
)


@hypothesis.given(st.lists(AWKWARD, unique=True, min_size=1, max_size=5))
def test_awkward_names_come_back(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("decisions") / "suspects.csv"
    rows = [{"path": n, "decision": "leave out", "label": n} for n in names]
    write_decisions(path, rows)
    assert read_decisions(path) == dict.fromkeys(names)
    with open(path, newline="", encoding="utf-8") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS


def test_a_name_that_is_not_utf_8_comes_back(tmp_path):
    name = "owl/caf\udce9.jpg"
    write_decisions(tmp_path / "a.csv", [{"path": name, "decision": "keep"}])
    assert b"caf\xe9" in (tmp_path / "a.csv").read_bytes()
    assert read_decisions(tmp_path / "a.csv") == {name: ""}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_a_spreadsheet_is_read(tmp_path, encoding, separator, end):
    path = tmp_path / "suspects.csv"
    rows = ["path", "decision"], ["owl/ü.jpg", "leave out"], ["owl/2.jpg", ""]
    text = end.join(separator.join(row) for row in rows) + end
    path.write_bytes(text.encode(encoding))
    assert read_decisions(path) == {"owl/ü.jpg": None, "owl/2.jpg": ""}


def test_a_list_that_is_cut_off_is_named(tmp_path):
    path = tmp_path / "suspects.csv"
    path.write_bytes("path,decision\n".encode("utf-16")[:-1])
    with pytest.raises(ValueError, match=r"must be text in UTF-8.*suspects"):
        read_decisions(path)


def test_what_was_decided_is_counted(source, file):
    path = file("owl/1.jpg,,leave out,", "wren/1.jpg,owl,relabel,")
    with pytest.warns(Notice, match="left out: 1, relabelled: 1"):
        with_decisions(source, path)


def test_a_new_label_without_a_decision_is_named(source, file):
    path = file("owl/1.jpg,,,wren", "owl/2.jpg,,keep,wren")
    with pytest.warns(UserWarning, match="new_label but no decision.*: 1. Th"):
        assert read_decisions(path) == {"owl/1.jpg": "", "owl/2.jpg": ""}
