import pytest

from kerasfg.export.micro.board_size import too_large_for_boards


@pytest.mark.parametrize(
    ("arena", "size", "is_named"),
    [
        (95_712, 320_080, False),
        (400_000, 1_000_000, False),
        (400_001, 320_080, True),
        (95_712, 1_000_001, True),
        (None, 9_000_000, False),
    ],
)
def test_files_that_many_boards_lack_room_for_are_named(arena, size, is_named):
    entries = {
        "model.tflite": {"bytes": 9_000_000},
        "model_micro.tflite": {"bytes": size, "arena_bytes": arena},
    }
    found = too_large_for_boards(entries)
    assert len(found) == is_named
    for sentence in found:
        assert f"needs {arena:,} bytes of memory" in sentence
        assert "--backbone mobilenet_v1_025`" in sentence
