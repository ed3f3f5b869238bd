import pytest

from kerasfg.data.sources.published import archive as module
from kerasfg.data.sources.published.archive import Archive


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path, "Birds", "birds.tgz from their home page")


def test_root_is_the_folder_or_the_one_that_the_archive_brings(tmp_path):
    (tmp_path / "birds").mkdir()
    assert Archive(tmp_path, "", "", "birds").root == tmp_path / "birds"
    inner = Archive(tmp_path / "birds", "", "", "birds")
    assert inner.root == tmp_path / "birds"


def test_problem_names_the_download_and_the_directory(archive, tmp_path):
    message = str(archive.problem("the file x is missing"))
    assert "Birds cannot be read: the file x is missing. " in message
    assert "Download birds.tgz from their home page" in message
    assert message.endswith(f"Received: directory={str(tmp_path)!r}")


@pytest.mark.parametrize("path", ["a/b.jpg", "./a//b.jpg", "a/./b.jpg"])
def test_a_path_inside_is_brought_into_one_form(archive, path):
    assert archive.inside(path) == "a/b.jpg"
    assert archive.inside(path, "images") == "images/a/b.jpg"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../secret.jpg",
        "a/../../secret.jpg",
        "a/..",
        "..\\secret.jpg",
        "C:/secret.jpg",
        "C:secret.jpg",
        "a\0.jpg",
        "",
        ".",
    ],
)
@pytest.mark.parametrize("folder", ["", "images"])
def test_a_path_that_may_lead_out_is_refused(archive, path, folder):
    with pytest.raises(ValueError, match="not inside the folder.*Received:"):
        archive.inside(path, folder)


def test_finds_the_first_that_is_there(archive, tmp_path):
    (tmp_path / "a.txt").mkdir()
    (tmp_path / "b.txt").write_text("")
    assert archive.find("a.txt", "b.txt") == tmp_path / "b.txt"
    with pytest.raises(ValueError, match="file a.txt or c.txt is missing"):
        archive.find("a.txt", "c.txt")


def test_rows_have_the_given_kinds(archive, tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbf 2\tb.jpg  0.5 \r\n\r\n1 a.jpg -1\r\n")
    rows = archive.rows(path, (int, str, float))
    assert rows == [[2, "b.jpg", 0.5], [1, "a.jpg", -1.0]]
    assert archive.by_id(path, (str, float)) == [
        ["a.jpg", -1.0],
        ["b.jpg", 0.5],
    ]


@pytest.mark.parametrize(
    "line",
    ["1", "1 2 3", "x 2", "1 nan", "1 inf", "1 x", "9999999999 2", "1.0 2"],
)
def test_a_line_of_another_kind_is_named(archive, tmp_path, line):
    path = tmp_path / "list.txt"
    path.write_text(f"1 2\n\n{line}\n")
    message = r"line 3 of list.txt must have 2 columns \(int, float\)"
    with pytest.raises(ValueError, match=message):
        archive.rows(path, (int, float))


@pytest.mark.parametrize("text", ["", "1 a\n3 b\n", "1 a\n1 b\n", "0 a\n"])
def test_numbers_have_no_gap(archive, tmp_path, text):
    path = tmp_path / "list.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match="numbered from 1 on without a gap"):
        archive.by_id(path, (str,))


def test_a_list_that_is_too_long_is_not_read(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_LIST_BYTES", 5)
    path = tmp_path / "list.txt"
    path.write_text("1 a\n2 b\n")
    with pytest.raises(ValueError, match="8 bytes, more than the limit of 5"):
        archive.lines(path)


def test_refuses_a_list_that_is_not_text(archive, tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"list\.txt is not UTF-8 text"):
        archive.lines(path)


@pytest.mark.parametrize(
    ("make", "kind"), [(False, "is missing"), (True, "is a file")]
)
def test_the_folder_must_be_there(tmp_path, make, kind):
    path = tmp_path / "birds"
    if make:
        path.write_text("")
    with pytest.raises(ValueError, match=f"the folder {kind}.*Download the t"):
        Archive(path, "Birds", "the tgz")
