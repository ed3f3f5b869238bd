"""Pictures and lists that are no good."""

import os
import struct
import tarfile
import zipfile
from pathlib import Path

from odd_places.cases import bad
from odd_places.cases import classes
from odd_places.cases import draw
from odd_places.cases import table
from PIL import Image

BOXES = "path,label,x,y,width,height"


@bad("a HEIC, a picture without suffix, videos, a PDF, a raw and an empty file")
def _():
    draw("photos/daisy/phone.HEIC")
    draw("photos/daisy/no_suffix", format="JPEG")
    for name, content in {
        "a.mp4": b"film",
        "b.mov": b"film",
        "c.pdf": b"%PDF-1.7",
        "d.nef": b"MM\0*",
        "e": b"",
        ".f.jpg": b"x",
        "Thumbs.db": b"x",
    }.items():
        Path("photos/daisy", name).write_bytes(content)
    return classes()


@bad("a text, half a JPEG and nothing, all called `.jpg`")
def _():
    whole = draw("photos/daisy/half.jpg").read_bytes()
    Path("photos/daisy/half.jpg").write_bytes(whole[: len(whole) // 2])
    Path("photos/daisy/text.jpg").write_text("text")
    Path("photos/daisy/zero.jpg").touch()
    return classes()


@bad("a picture of 400 million pixels")
def _():
    classes()
    Image.new("1", (20_000, 20_000)).save("photos/daisy/bomb.png")
    return "photos"


@bad("a pipe and a broken link called `.jpg`")
def _():
    classes()
    os.mkfifo("photos/daisy/pipe.jpg")
    Path("photos/daisy/link.jpg").symlink_to("nowhere.jpg")
    return "photos"


@bad("a link from a class folder to the folder above it")
def _():
    classes()
    Path("photos/daisy/up").symlink_to(Path("photos").absolute())
    return "photos"


@bad("an empty folder")
def _():
    Path("photos").mkdir()
    return "photos"


@bad("a class folder with nothing but a video")
def _():
    Path("photos/rose").mkdir(parents=True)
    Path("photos/rose/a.mp4").write_bytes(b"film")
    return classes()


@bad("classes called `Wren` and ` wren`")
def _():
    return classes(names=("Wren", " wren"))


@bad("a class with a line break in its name")
def _():
    return classes(names=("da\nisy", "iris"))


@bad("`splits.csv` with a picture that is not there")
def _():
    classes()
    Path("photos/splits.csv").write_text("path,split\ndaisy/9.png,test\n")
    return "photos"


@bad("a list without the columns")
def _():
    return table(header="file,class")


@bad("a list with a comma in a label")
def _():
    return table("photos/daisy/0.png,daisy, white")


@bad("a list with two labels for a picture, and one that is not there")
def _():
    return table(
        "photos/daisy/0.png,daisy",
        "photos/daisy/0.png,iris",
        "photos/daisy/1.png,daisy",
        "photos/daisy/9.png,daisy",
    )


@bad("a list of pictures that are elsewhere")
def _():
    Path("list.csv").write_text("path,label\n1.png,daisy\n2.png,iris\n")
    return "list.csv"


@bad("a box that is not a number")
def _():
    return table("photos/daisy/0.png,daisy,1,1,nan,4", header=BOXES)


@bad("a box outside of its picture")
def _():
    return table(
        "photos/daisy/0.png,daisy,1,1,4,4",
        "photos/daisy/1.png,daisy,90,1,4,4",
        header=BOXES,
    )


@bad("boxes in shares of the picture")
def _():
    return table("photos/daisy/0.png,daisy,.1,.1,.5,.5", header=BOXES)


@bad("a pipe called `list.csv`")
def _():
    os.mkfifo("list.csv")
    return "list.csv"


@bad("a JSON file of something else")
def _():
    Path("list.json").write_text('{"pictures": []}')
    return "list.json"


@bad("JSON that is cut off")
def _():
    Path("list.json").write_text('{"images": [')
    return "list.json"


@bad("a zip file that is cut off")
def _():
    Path("photos.zip").write_bytes(b"PK\3\4" + bytes(40))
    return "photos.zip"


@bad("a zip file with a password")
def _():
    with zipfile.ZipFile("photos.zip", "w") as archive:
        archive.write(draw("0.png"), "daisy/0.png")
    content = bytearray(Path("photos.zip").read_bytes())
    start = content.index(b"PK\1\2")
    struct.pack_into("<H", content, start + 8, 1)
    Path("photos.zip").write_bytes(bytes(content))
    return "photos.zip"


@bad("a zip bomb")
def _():
    with zipfile.ZipFile("photos.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(3):
            archive.writestr(f"daisy/{i}.png", bytes(2_000_000))
    return "photos.zip"


@bad("a tar file that is cut off")
def _():
    with tarfile.open("photos.tar", "w") as archive:
        archive.add(draw("0.png"), "daisy/0.png")
    Path("photos.tar").write_bytes(Path("photos.tar").read_bytes()[:700])
    return "photos.tar"


@bad("a tar file that is compressed")
def _():
    with tarfile.open("photos.tar.gz", "w:gz") as archive:
        archive.add(draw("0.png"), "daisy/0.png")
    return "photos.tar.gz"


@bad("an address of another kind")
def _():
    return "simplecache::s3://bucket/photos"


@bad("a web address that is not a list or archive")
def _():
    return "https://example.org/photos"


@bad("a web address that is not encrypted")
def _():
    return "http://example.org/list.csv"


@bad("a list that names an address of this disk")
def _():
    return table("file:///etc/passwd,daisy", "photos/iris/0.png,iris")


@bad("a file of another kind")
def _():
    Path("photos.rar").write_bytes(b"Rar!")
    return "photos.rar"
