"""Many kinds of files that are no good pictures."""

import os

import numpy as np
from PIL import Image


def spoil(folder):
    """Adds bad pictures; gives a part of the reason for each name."""
    good = (folder / "00.png").read_bytes()
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (99, 99, 3), dtype="uint8"))
    noise.save(folder / "whole.jpg")
    whole = (folder / "whole.jpg").read_bytes()

    def write(name, content):
        (folder / name).write_bytes(content)

    write("truncated.jpg", whole[: len(whole) // 2])
    write("truncated.png", good[: len(good) // 2])
    write("header_only.jpg", whole[:20])
    write("text.jpg", b"This is a text.")
    write("page.png", b"<!doctype html><html></html>")
    write("empty.jpg", b"")
    write("zeros.jpg", bytes(1000))
    damaged = bytearray(good)
    damaged[60:80] = bytes(20)
    write("damaged.png", bytes(damaged))
    Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
    Image.new("F", (4, 4)).save(folder / "float.tif")
    (folder / "folder.jpg").mkdir()
    (folder / "broken_link.jpg").symlink_to("nowhere.jpg")
    (folder / "circle.jpg").symlink_to("circle.jpg")
    os.mkfifo(folder / "pipe.jpg")
    return {
        "truncated.jpg": "truncated",
        "truncated.png": "truncated",
        "header_only.jpg": "",
        "text.jpg": "not a picture",
        "page.png": "not a picture",
        "empty.jpg": "the file is empty",
        "zeros.jpg": "not a picture",
        "damaged.png": "",
        "bomb.png": "bomb",
        "float.tif": "floating-point",
        "folder.jpg": "a folder",
        "broken_link.jpg": "a broken link",
        "circle.jpg": "a broken link",
        "pipe.jpg": "neither a file nor a folder",
    }
