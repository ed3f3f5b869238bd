import pytest

from kerasfg.config import Recipe


def test_survives_toml(tmp_path):
    recipe = Recipe().with_options(
        teacher="runs/larger", teacher_weight=0.9, teacher_temperature=4
    )
    file = tmp_path / "recipe.toml"
    file.write_text(recipe.to_toml())
    assert Recipe.from_toml(file) == recipe
    assert Recipe().teacher.teacher == ""  # none, unless it is named


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"teacher_weight": 1.1}, r"Received: teacher\.teacher_weight=1.1"),
        ({"teacher_weight": -0.1}, r"Received: teacher\.teacher_weight=-0.1"),
        ({"teacher_temperature": 0}, r"teacher\.teacher_temperature=0"),
        ({"teacher_temprature": 2}, "did you mean 'teacher_temperature'"),
    ],
    ids=str,
)
def test_rejects(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe().with_options(**options)
