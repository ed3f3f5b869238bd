"""Checkpoints that are cut, changed or gone."""

import numpy as np
import pytest

from kerasfg.training import checkpoint_files
from kerasfg.training.checkpoint_files import parse_checkpoint
from kerasfg.training.checkpoint_files import read_checkpoint
from kerasfg.training.checkpoint_files import write_checkpoint

ROW = {"stage": "all", "epoch": 1}


@pytest.fixture
def file(tmp_path):
    """A checkpoint of two epochs, with that of one beside it."""
    path = tmp_path / "checkpoint.npz"
    for epochs in (1, 2):
        weights = [np.full(4, epochs, "float32")]
        write_checkpoint(path, [ROW] * epochs, {"weights": weights})
    return path


def previous(file):
    return file.with_name("checkpoint-previous.npz")


def epochs(contents):
    history, groups = parse_checkpoint(contents)
    np.testing.assert_array_equal(groups["weights"], [[len(history)] * 4])
    return len(history)


def flip(contents, place):
    changed = bytearray(contents)
    changed[place] ^= 0x10
    return bytes(changed)


def test_the_last_two_are_kept(file):
    assert epochs(read_checkpoint(file)) == 2
    assert epochs(previous(file).read_bytes()) == 1


def test_no_flipped_bit_changes_what_is_read(file):
    contents = file.read_bytes()
    refused = 0
    for place in range(len(contents)):
        try:
            assert epochs(flip(contents, place)) == 2
        except ValueError:
            refused += 1
    assert refused > 0.8 * len(contents)  # the rest are times and the like


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.9, 0.999])
def test_the_one_before_takes_the_place_of_a_cut_one(file, share):
    contents = file.read_bytes()
    file.write_bytes(contents[: int(share * len(contents))])
    with pytest.warns(
        UserWarning,
        match=r"checkpoint\.npz: it is broken .* from checkpoint-previous\.npz,"
        " after epoch 1",
    ):
        assert epochs(read_checkpoint(file)) == 1
    assert epochs(read_checkpoint(file)) == 1  # in silence, and not rotated
    assert not previous(file).exists()


@pytest.mark.parametrize("has_links", [True, False])
def test_a_third_takes_the_place_of_the_first(file, monkeypatch, has_links):
    def refuse(*names):
        raise OSError("no hard links here")

    if not has_links:
        monkeypatch.setattr(checkpoint_files.os, "link", refuse)
    for _ in range(2):  # the second time both names may be of one file
        weights = {"weights": [np.full(4, 3, "float32")]}
        write_checkpoint(file, [ROW] * 3, weights)
    assert epochs(file.read_bytes()) == epochs(previous(file).read_bytes()) == 3
    assert len(list(file.parent.iterdir())) == 2


def test_a_kill_between_the_renames_leaves_the_one_before(file):
    file.unlink()
    with pytest.warns(UserWarning, match="The last checkpoint is missing"):
        assert epochs(read_checkpoint(file)) == 1


def test_without_a_history_it_is_broken(file):
    np.savez(file, weights_0=np.ones(3))
    previous(file).unlink()
    with pytest.raises(
        ValueError, match=r"none left.*history is missing.*Received: run="
    ):
        read_checkpoint(file)


def test_both_broken_is_one_line(file):
    file.write_bytes(b"x")
    previous(file).write_bytes(b"")
    with pytest.raises(ValueError, match="begin it anew") as caught:
        read_checkpoint(file)
    assert len(str(caught.value).splitlines()) == 1


def test_a_compressed_bomb_is_not_unpacked(file):
    history = np.array('[{"stage": "all"}]')
    np.savez_compressed(file, history=history, weights_0=np.zeros(10**7))
    with pytest.raises(ValueError, match="compressed"):
        parse_checkpoint(file.read_bytes())


def test_none_yet(tmp_path):
    assert read_checkpoint(tmp_path / "checkpoint.npz") == b""


def test_a_failed_write_keeps_both(file, monkeypatch):
    before = file.read_bytes(), previous(file).read_bytes()

    def fail(path, **arrays):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint_files.np, "savez", fail)
    with pytest.raises(OSError, match=r"No space.*checkpoint\.npz$"):
        write_checkpoint(file, [ROW] * 3, {"weights": []})
    assert (file.read_bytes(), previous(file).read_bytes()) == before
