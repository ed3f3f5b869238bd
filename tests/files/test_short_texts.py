import pytest

from kerasfg.one_line import few_names

MANY = tuple(f"class{number:05}" for number in range(10_000))


@pytest.mark.parametrize("names", [[], ["a"], ("a",), list("ab" * 10)])
def test_few_are_all_named(names):
    assert few_names(names) == repr(names)


def test_of_many_a_few_are_named():
    found = few_names(MANY)
    assert found == f"{MANY[:20]!r} and 9,980 more"


def test_those_that_differ_come_first():
    found = few_names([*MANY[:-1], "other"], beside=MANY)
    assert found.startswith("['other', 'class00000', 'class00001'")
    assert found.endswith("] and 9,980 more")
