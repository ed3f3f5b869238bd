"""The accent colour of an app."""

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies

from kerasfg.export.app.accent import DARK
from kerasfg.export.app.accent import LIGHT
from kerasfg.export.app.accent import accent_style
from kerasfg.export.app.accent import accents
from kerasfg.export.app.accent import contrast
from kerasfg.export.app.accent import parse_color
from kerasfg.export.app.packages import PAGE

colors = strategies.integers(0, 0xFFFFFF).map(lambda x: f"#{x:06x}")


@given(colors)
@settings(max_examples=60, deadline=None)
def test_text_can_be_read_in_any_colour(color):
    for (accent, ink), grounds in zip(
        accents(color), (LIGHT, DARK), strict=True
    ):
        for ground in (*grounds, ink):
            assert contrast(accent, ground) >= 4.5


def test_a_colour_that_can_be_read_stays():
    (light, _), (dark, _) = accents("#1f6b45")
    assert light == "#1f6b45"
    assert dark != "#1f6b45"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    # Of WCAG's own checker.
    [
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_wcag(first, second, expected):
    assert contrast(first, second) == pytest.approx(expected, abs=0.005)
    assert contrast(second, first) == contrast(first, second)


def test_the_grounds_are_those_of_the_page():
    page = (PAGE / "styles" / "base.css").read_text("utf-8")
    light, dark = page.split("@media (prefers-color-scheme: dark)")
    for part, (ground, surface) in ((light, LIGHT), (dark, DARK)):
        assert f"--bg: {ground};" in part
        short = "#fff" if surface == "#ffffff" else surface
        assert f"--surface: {short};" in part


def test_style_has_no_text_of_the_user():
    style = accent_style(parse_color("2A6"))
    assert style.startswith("/* #22aa66, with a contrast of 4.5")
    assert style.count("--accent: #") == style.count("--on-accent: #") == 2


@pytest.mark.parametrize(
    "text", ["", "green", "#12", "#1234", "#22aa66;}", "rgb(1,2,3)", None, 3]
)
def test_another_notation_is_refused(text):
    with pytest.raises(ValueError, match="`accent` must be a colour such as"):
        parse_color(text)
