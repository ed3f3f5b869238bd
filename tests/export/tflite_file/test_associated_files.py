"""The archive at the end of a model, also as strangers make it."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from kerasfg.export.tflite_file.associated_files import MAX_BYTES
from kerasfg.export.tflite_file.associated_files import append_files
from kerasfg.export.tflite_file.associated_files import read_files

MODEL = b"any bytes at all" * 9
FILES = {"labels.txt": b"iris\n", "empty": b"", "ä.bin": bytes(range(256))}


def archive(files, mode="w", start=b"", compression=zipfile.ZIP_STORED):
    stream = io.BytesIO(start)
    with zipfile.ZipFile(stream, mode, compression) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return stream.getvalue()


def test_round_trip():
    contents = append_files(MODEL, FILES)
    assert contents.startswith(MODEL)
    assert read_files(contents) == (FILES, len(MODEL))


def test_zip_tools_read_it():
    contents = append_files(MODEL, FILES)
    with zipfile.ZipFile(io.BytesIO(contents)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == FILES
        assert opened.infolist()[0].header_offset == len(MODEL)


def test_model_that_holds_an_archive_itself():
    # MODEL ends like an archive, which mode "a" of zipfile would go on with.
    contents = append_files(archive({"inner": b"1"}), FILES)
    assert read_files(contents) == (FILES, len(archive({"inner": b"1"})))


def test_archives_of_other_writers():
    appended = archive(FILES, "a", MODEL)
    assert read_files(appended) == (FILES, len(MODEL))
    put_behind = MODEL + archive(FILES)
    assert read_files(put_behind) == (FILES, len(MODEL))
    stream = io.BytesIO(append_files(MODEL, FILES))
    with zipfile.ZipFile(stream, "a") as opened:
        opened.comment = b"a comment"
    assert read_files(stream.getvalue()) == (FILES, len(MODEL))


@pytest.mark.parametrize("contents", [b"", MODEL, bytes(10**5)])
def test_no_archive(contents):
    assert read_files(contents) == ({}, len(contents))


def test_too_much_is_not_written():
    with pytest.raises(ValueError, match="at most 64 files.*Received: 65 f"):
        append_files(MODEL, {str(i): b"" for i in range(65)})
    with pytest.raises(ValueError, match="16 MiB. Received: 1 files, 167772"):
        append_files(MODEL, {"a": bytes(MAX_BYTES + 1)})


def test_compressed_files_are_refused():
    bomb = archive({"a": bytes(10**7)}, "a", MODEL, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="neither compressed.*method=8"):
        read_files(bomb)


def test_encrypted_files_are_refused():
    contents = bytearray(append_files(MODEL, {"a": b"1"}))
    contents[contents.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(ValueError, match="nor encrypted.*flags=0x1"):
        read_files(bytes(contents))


def test_two_files_of_one_name_are_refused():
    contents = append_files(MODEL, {"a": b"1", "b": b"2"})
    place = contents.rindex(b"b")
    contents = contents[:place] + b"a" + contents[place + 1 :]
    with pytest.raises(ValueError, match="broken or cut off"):
        read_files(contents)


def test_many_entries_of_the_same_bytes_are_refused():
    # Small in the file, large when each is read.
    data = bytes(MAX_BYTES // 4)
    contents = append_files(MODEL, {"a0": data})
    entries = contents.index(b"PK\1\2")
    entry = contents[entries : contents.index(b"PK\5\6")]
    listed = b"".join(entry[:-1] + b"%d" % i for i in range(9))
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, len(listed), entries, 0
    )
    with pytest.raises(ValueError, match="together 16 MiB"):
        read_files(contents[:entries] + listed + end)


@pytest.mark.parametrize("count", [65, 2000])
def test_many_entries_are_refused(count):
    contents = archive({str(i): b"" for i in range(count)}, "a", MODEL)
    tracemalloc.start()
    with pytest.raises(ValueError, match="at most 64 files"):
        read_files(contents)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("place", "size"), [(20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4)]
)
def test_entry_that_claims_too_much(place, size):
    contents = bytearray(append_files(MODEL, FILES))
    place += contents.index(b"PK\1\2")
    contents[place : place + size] = b"\xff" * size
    with pytest.raises(ValueError, match="broken or cut off|at most 64 files"):
        read_files(bytes(contents))


@pytest.mark.parametrize(
    ("place", "size"), [(10, 2), (12, 4), (16, 4), (20, 2)]
)
def test_end_that_claims_too_much(place, size):
    contents = bytearray(append_files(MODEL, FILES))
    place += contents.index(b"PK\5\6")
    contents[place : place + size] = b"\xff" * size
    with pytest.raises(ValueError, match="broken or cut off|at most 64 files"):
        read_files(bytes(contents))


def test_changed_file_is_refused():
    contents = append_files(MODEL, FILES)
    with pytest.raises(ValueError, match="broken or cut off"):
        read_files(contents.replace(b"iris", b"isis"))
