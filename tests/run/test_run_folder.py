import pytest

from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text


def test_class_names_come_back_line_by_line(tmp_path):
    run = RunFolder(tmp_path)
    names = ("crow", "a\u2028b", "c\x85d", "Grünfink", " jay")
    write_text(run.labels, "\n".join(names) + "\n")
    assert run.read_class_names() == names
    run.labels.write_bytes(b"crow\r\njay\r\n")  # edited on Windows
    assert run.read_class_names() == ("crow", "jay")


def test_a_folder_in_use_is_not_written_to(tmp_path):
    (tmp_path / "notes.txt").touch()
    run = RunFolder(tmp_path)
    with pytest.raises(ValueError, match="name another one. Received: out="):
        run.check_free()
    run.recipe.touch()
    with pytest.raises(ValueError, match="or continue .*--resume .*Received:"):
        run.check_free()
