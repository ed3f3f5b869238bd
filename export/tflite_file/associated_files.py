"""Files in an uncompressed zip archive at the end of a model."""

import io
import struct
import zipfile
import zlib

MAX_BYTES = 16 * 2**20
MAX_FILES = 64
_DATE = (1980, 1, 1, 0, 0, 0)
_MAX_COMMENT = 2**16 - 1
# Number of files, size and offset of the list of entries, comment length.
_END = struct.Struct("<4s6xH2LH")
# Flags, method; checksum, packed size, size; three lengths; offset.
_ENTRY = struct.Struct("<4s4x2H4x3L3H8xL")
# Two lengths.
_HEADER = struct.Struct("<4s22x2H")
_ENCRYPTED = 1


def append_files(contents, files):
    """Appends files to a model; any tool for zip archives can list them.

    Args:
        contents: Bytes of the model.
        files: `{name: bytes}`.

    Returns:
        Bytes of the model and the archive, determined by the arguments.

    Raises:
        ValueError: If there are more than 64 files or 16 MiB.
    """
    _check_size(len(files), sum(len(data) for data in files.values()))
    stream = io.BytesIO(contents)
    stream.seek(0, io.SEEK_END)
    # "w" writes at the position of the stream; "a" would search it for an
    # archive.
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # the bytes would differ on Windows
            archive.writestr(entry, data)
    return stream.getvalue()


def read_files(contents):
    """Reads the files at the end of a model, which may be malicious.

    Args:
        contents: Bytes of the model and its archive.

    Returns:
        `({name: bytes}, start)`, where the archive is `contents[start:]`.
        Without an archive, `({}, len(contents))`.

    Raises:
        ValueError: If the archive is broken, compressed, or has more than 64
            files or 16 MiB.
    """
    tail = max(0, len(contents) - _END.size - _MAX_COMMENT)
    end = contents.rfind(b"PK\5\6", tail)
    if end < 0:
        return {}, len(contents)
    try:
        return _read_all(contents, end)
    except (struct.error, UnicodeDecodeError) as error:
        raise _broken() from error


def _read_all(contents, end):
    _, count, size, listed, comment = _END.unpack_from(contents, end)
    # Offsets in an appended archive may count from the archive's start.
    base = end - size - listed
    if base < 0 or end + _END.size + comment != len(contents):
        raise _broken()
    files, start, position = {}, end, base + listed
    for _ in range(count):
        name, place, data, position = _read(contents, base, position)
        if name in files or place > end:
            raise _broken()
        files[name] = data
        start = min(start, place)
        _check_size(count, sum(len(data) for data in files.values()))
    if position != end:
        raise _broken()
    return files, start


def _read(contents, base, position):
    """Returns a file's name, offset and bytes, and the next entry's offset."""
    kind, flags, method, checksum, packed, size, *lengths, place = (
        _ENTRY.unpack_from(contents, position)
    )
    if method != zipfile.ZIP_STORED or flags & _ENCRYPTED:
        raise ValueError(
            "the files in a model must be neither compressed nor "
            f"encrypted. Received: method={method}, flags={flags:#x}"
        )
    place += base
    header, *skipped = _HEADER.unpack_from(contents, place)
    start = place + _HEADER.size + sum(skipped)
    _check_size(1, size)
    data = bytes(contents[start : start + size])
    whole = kind == b"PK\1\2" and header == b"PK\3\4" and packed == size
    if not whole or zlib.crc32(data) != checksum:
        raise _broken()
    position += _ENTRY.size
    name = bytes(contents[position : position + lengths[0]]).decode()
    return name, place, data, position + sum(lengths)


def _check_size(count, size):
    if count > MAX_FILES or size > MAX_BYTES:
        raise ValueError(
            f"a model must have at most {MAX_FILES} files of together "
            f"{MAX_BYTES // 2**20} MiB. Received: {count} files, {size} bytes"
        )


def _broken():
    return ValueError(
        "the files at the end of the model are broken or cut off: export it "
        "again."
    )
