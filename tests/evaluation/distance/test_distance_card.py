import io
import json
import math

import numpy as np
import pytest
from rich.console import Console

from kerasfg.evaluation import distance_card
from kerasfg.evaluation import pixels_on_subject
from kerasfg.evaluation import plot_distance
from kerasfg.evaluation.distance.card import round_distances
from kerasfg.evaluation.distance.optics import distance_of
from kerasfg.evaluation.distance.optics import field_of_view
from kerasfg.evaluation.distance.terminal import print_card

CAMERA = {"object_size": 0.12, "fov": 66, "sensor_pixels": 4000}


def row(resolution, top_1):
    interval = [max(0, top_1 - 0.05), min(1, top_1 + 0.05)]
    return {
        "resolution": resolution,
        "top_1": top_1,
        "top_1_interval": interval,
    }


CURVE = [row(4, 0.2), row(8, 0.5), row(16, 0.7), row(32, 0.9), row(64, 0.99)]


def test_pixels_are_those_of_a_pinhole_camera():
    # A picture 4000 pixels and 90 degrees wide is 2 m wide at 1 m.
    assert pixels_on_subject(1, 0.5, 90, 4000) == pytest.approx(1000)
    assert pixels_on_subject(2, 0.5, 90, 4000, zoom=3) == pytest.approx(1500)
    many = pixels_on_subject([1, 4], 0.5, 90, 4000)
    np.testing.assert_allclose(many, [1000, 250])
    assert distance_of(250, 0.5, 90, 4000) == pytest.approx(4)


def test_the_field_of_view_of_film_and_of_a_phone():
    assert field_of_view(18, 6000, 4000) == pytest.approx(90)  # 36 mm wide
    wide, high = field_of_view(26, 4032, 3024), field_of_view(26, 3024, 4032)
    assert wide == high == pytest.approx(67.3, abs=0.05)


def test_reach_lies_where_the_curve_crosses_the_share():
    card = distance_card(CURVE, 32, **CAMERA, right=0.8)
    # Half way between 16 and 32 pixels on a logarithmic scale.
    assert card["reach"]["pixels"] == pytest.approx(16 * math.sqrt(2))
    expected = (
        4000 * 0.12 / (16 * math.sqrt(2)) / (2 * math.tan(math.pi * 0.55 / 3))
    )
    assert card["reach"]["distance"] == pytest.approx(expected)
    zoomed = card["zoomed_reach"]["distance"]
    assert zoomed == pytest.approx(3 * expected)
    assert card["sentence"] == (
        f"right 80 % of the time up to {expected:.0f} m, "
        f"with 3 x zoom up to {zoomed:.0f} m"
    )


def test_rows_follow_the_curve_and_stay_at_the_input():
    far = distance_of(16, **CAMERA)
    card = distance_card(CURVE, 32, **CAMERA, distances=[0.1, far, 1000])
    near, middle, beyond = card["rows"]
    assert near["top_1"] == 0.9  # not that of 64 pixels
    assert middle["top_1"] == pytest.approx(0.7)
    assert middle["top_1_interval"] == pytest.approx([0.65, 0.75])
    assert middle["zoomed_top_1"] == 0.9
    assert beyond["top_1"] is None and beyond["top_1_interval"] is None
    json.dumps(card, allow_nan=False)


def test_a_share_below_the_curve_or_above_it_is_said():
    low = distance_card(CURVE, 32, **CAMERA, right=0.1)
    assert not low["reach"]["is_limit"] and "up to at least" in low["sentence"]
    high = distance_card(CURVE, 32, **CAMERA, right=0.95)
    assert high["reach"] is None and high["zoomed_reach"] is None
    assert high["sentence"] == (
        "at no distance right 95 % of the time: 90 % where the subject has 32 "
        "pixels or more"
    )
    plain = distance_card(CURVE, 32, **CAMERA, zoom=1)
    assert "zoom" not in plain["sentence"]


def test_the_accuracy_is_not_taken_from_beyond_a_dip():
    dip = [row(8, 0.85), row(16, 0.6), row(32, 0.9)]
    card = distance_card(dip, 32, **CAMERA, right=0.8)
    assert 16 < card["reach"]["pixels"] < 32


def test_distances_are_round_and_enclose_what_is_asked():
    assert round_distances(0.2, 0.2) == [0.2]
    found = round_distances(0.65, 45)
    assert found[0] == 0.5 and found[-1] == 30 and 7 in found


def test_it_is_printed_and_drawn(tmp_path):
    card = distance_card(CURVE, 32, **CAMERA)
    measured = {"n": 50, "top_1": 0.5, "top_1_interval": [0.4, 0.6]}
    for number, one in enumerate(card["rows"]):
        one["measured"] = measured if number % 2 else None
    card["checked"] = {
        "n": 50,
        "distances": 4,
        "inside": 3,
        "too_small": 0.5,
    }
    stream = io.StringIO()
    print_card(card, Console(file=stream, width=100))
    printed = stream.getvalue()
    assert "Right 80 % of the time up to" in printed
    assert "3 of 4 distances" in printed and "50 % (40 to 60)" in printed
    assert "50 % of the originals" in printed and "not known" in printed
    assert max(map(len, printed.splitlines()[:-3])) <= 80
    plot_distance(card, tmp_path / "distance.png")
    single = distance_card(CURVE, 32, **CAMERA, distances=[1000], zoom=1)
    plot_distance(single, tmp_path / "single.png")
    assert (tmp_path / "single.png").stat().st_size > 1000


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"object_size": 0}, "`object_size` must be a number above 0"),
        ({"object_size": math.nan}, "object_size=nan"),
        ({"fov": 180}, "`fov` must be a number from 1 to 170 degrees"),
        ({"fov": None}, "fov=None"),
        ({"sensor_pixels": math.inf}, "sensor_pixels=inf"),
        ({"zoom": 0.5}, "zoom=0.5"),
        ({"right": 1}, "right=1"),
        ({"right": math.nan}, "right=nan"),
        ({"distances": [0]}, r"distances=\[0\]"),
        ({"distances": [math.nan]}, r"distances=\[nan\]"),
        ({"distances": [1.0] * 101}, "at most 100"),
        ({"curve": []}, r"curve=\[\]"),
        ({"curve": [{"resolution": 8}]}, "dicts with `resolution`"),
        ({"curve": [row(64, 0.9)]}, "at most at the 32 pixels"),
    ],
)
def test_rejects(changes, message):
    arguments = {"curve": CURVE, "image_size": 32, **CAMERA, **changes}
    with pytest.raises(ValueError, match=message):
        distance_card(**arguments)


@pytest.mark.parametrize("distance", [0, -1, math.nan, math.inf, [1, 0]])
def test_rejects_a_distance(distance):
    with pytest.raises(ValueError, match="a number of metres above 0"):
        pixels_on_subject(distance, **CAMERA)
