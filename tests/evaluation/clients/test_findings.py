"""Sentences, intervals and looks of a table of clients."""

import io

import numpy as np
import pytest
from rich.console import Console

from kerasfg.evaluation.clients import client_table
from kerasfg.evaluation.clients.difference import paired_difference
from kerasfg.evaluation.clients.findings import find_losses


def table_of(difference, interval, fault, crop="center", files=("a", "b")):
    cell = {
        "top_1": 0.5,
        "difference": difference,
        "difference_interval": interval,
    }
    return {
        "pictures": 50,
        "of": 50,
        "crop": crop,
        "files": [
            {"file": file, "takes": "frame", "image_size": 8} for file in files
        ],
        "clients": [
            {
                "client": "some",
                "title": "some | <b>client</b>",
                "who": "",
                "fault": fault,
                "files": dict.fromkeys(files, cell),
            }
        ],
    }


@pytest.mark.parametrize(
    "fault,crop,cure",
    [
        ("crop", "center", "cut out the square in the middle first."),
        ("crop", "whole", "squash the whole picture, without cutting."),
        ("turned", "center", "`PIL.ImageOps.exif_transpose`)."),
        ("colours", "center", "cv2.COLOR_BGR2RGB)`)."),
        ("compressed", "center", "at a higher quality."),
    ],
)
def test_each_mistake_has_its_cure(fault, crop, cure):
    (found,) = find_losses(table_of(-0.1, [-0.2, -0.01], fault, crop))
    assert found["text"].startswith("Every file loses 10.0 points")
    assert found["text"].endswith(cure)
    assert found["sure"]
    assert "chance" not in found["text"]


def test_two_points_are_the_limit_and_chance_is_said():
    assert not find_losses(table_of(-0.02, [-0.1, 0.06], "crop"))
    assert not find_losses(table_of(0.3, [0.1, 0.5], "crop"))
    (found,) = find_losses(table_of(-0.04, [-0.1, 0.02], "crop"))
    assert not found["sure"]
    assert "interval −2.0 to 10.0, so perhaps by chance" in found["text"]
    (found,) = find_losses(table_of(-0.04, [-0.1, 0], "turned", files=("a",)))
    assert found["text"].startswith("a loses 4.0 points")


def test_paired_interval_covers_the_truth_and_counts_only_changes(rng):
    before = rng.random(400) < 0.6
    after = before.copy()
    assert paired_difference(before, after)[0] == 0
    narrow = np.ptp(paired_difference(before, after)[1:])
    changed = np.where(rng.random(400) < 0.5, ~before, before)
    assert np.ptp(paired_difference(before, changed)[1:]) > 5 * narrow
    covered = 0
    for _ in range(500):
        # 0.1 become right, 0.2 become wrong
        draw = rng.choice(4, size=60, p=[0.1, 0.2, 0.5, 0.2])
        one, other = np.isin(draw, [1, 2]), np.isin(draw, [0, 2])
        _, low, high = paired_difference(one, other)
        covered += low <= -0.1 <= high
    assert 0.93 <= covered / 500 <= 0.99


def test_bounds_of_an_interval_are_shares():
    before = np.ones(1, bool)
    for after in (before, ~before):
        difference, low, high = paired_difference(before, after)
        assert -1 <= low <= difference <= high <= 1


def test_tables_fit_and_escape():
    table = table_of(-0.1, [-0.2, -0.01], "crop", files=tuple("abcd"))
    table["findings"] = find_losses(table)
    table |= {"of": 1200}
    text = client_table.markdown(table)
    assert "| some \\| &lt;b>client&lt;/b> | 50.0 % (−10.0) |" in text
    assert "50 of the 1,200 original test pictures" in text
    assert text.endswith("cut out the square in the middle first.\n")
    file = io.StringIO()
    Console(file=file, width=80).print(*client_table.printed(table), sep="\n")
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("some | <b>client</b>" in line for line in lines) == 2
    assert "Every file loses 10.0 points" in file.getvalue()
    table["findings"] = []
    assert "No client loses more than two points." in (
        client_table.markdown(table)
    )
