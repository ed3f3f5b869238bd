import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.field_guide.field_guide import field_guide_attributes

CLOTHES = """\
class,attribute,value
blouse,part,upper body
blouse,warm,0.2
jeans,part,lower body
jeans,warm,0.5
dress,part,full body
dress,white,1
"""


@pytest.fixture
def table_of(tmp_path):
    """A function that reads a table from the text of a CSV file."""

    def read(text, **kwargs):
        (tmp_path / "attributes.csv").write_text(text, encoding="utf-8-sig")
        return AttributeTable.from_csv(tmp_path / "attributes.csv", **kwargs)

    return read


def column(texts, **kwargs):
    """Values and names of one attribute, of the classes c0, c1, ..."""
    rows = [(f"c{i}", "a", text) for i, text in enumerate(texts)]
    table = AttributeTable.from_rows(rows, **kwargs)
    return table.values[:, 0].tolist(), table.value_names[0]


# === The contract ===


def test_config_round_trip(table_of):
    table = table_of(CLOTHES)
    config = keras.saving.serialize_keras_object(table)
    assert config["registered_name"] == "kerasfg>AttributeTable"
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == table.get_config()
    assert repr(again) == "AttributeTable(3 classes, 3 attributes)"


def test_values_are_indices_and_cannot_be_changed(table_of):
    table = table_of(CLOTHES)
    assert table.values.dtype == "int32"
    assert table.num_values == (3, 2, 2)
    with pytest.raises(ValueError, match="read-only"):
        table.values[0, 0] = 1


# === Reading ===


def test_long_form(table_of):
    table = table_of(CLOTHES)
    assert table.class_names == ("blouse", "jeans", "dress")
    assert table.attributes == ("part", "warm", "white")
    assert table.value_names[0] == ("full body", "lower body", "upper body")
    # A pair that has no line is unknown.
    assert table.values.tolist() == [[2, 0, -1], [1, 1, -1], [0, -1, 1]]


def test_wide_form_is_the_same(table_of):
    wide = """\
part,Class,warm,white

upper body, blouse ,0.2,
lower body,jeans,0.5,-1
full body,dress,,1
"""
    assert table_of(wide).get_config() == table_of(CLOTHES).get_config()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_of_a_spreadsheet_is_read(tmp_path, encoding):
    file = tmp_path / "table.csv"
    file.write_bytes("class;rot\rMöwe;1\rwren;0\r".encode(encoding))
    table = AttributeTable.from_csv(file)
    assert (table.attributes, table.values.tolist()) == (("rot",), [[1], [0]])


def test_long_form_may_have_other_columns(table_of):
    table = table_of("source,value,class,attribute\nbook,1,crow,black\n")
    assert table.values.tolist() == [[1]] and table.attributes == ("black",)


@pytest.mark.parametrize(
    ("texts", "values", "names"),
    [
        ("0 1 1", [0, 1, 1], ("no", "yes")),
        ("0.0 1 -1 -1.0", [0, 1, -1, -1], ("no", "yes")),
        ("yes No YES", [1, 0, 1], ("no", "yes")),
        ("True False", [1, 0], ("no", "yes")),
        ("0 0.49 0.5 1 nan", [0, 0, 1, 1, -1], ("no", "yes")),
        ("0 1 2 -1 1", [0, 1, 2, -1, 1], ("0", "1", "2")),
        ("3 1 2", [2, 0, 1], ("1", "2", "3")),
        ("wood Shore -1 wood shore", [1, 0, -1, 1, 0], ("Shore", "wood")),
        ("-1 -1", [-1, -1], ("no", "yes")),
        ("NA n/a ? Unknown NaN 1", [-1, -1, -1, -1, -1, 1], ("no", "yes")),
        ("none wood", [0, 1], ("none", "wood")),
        ("0,85 0 0,250 -1,0", [1, 0, 0, -1], ("no", "yes")),
        ("85% 0% 49,5%", [1, 0, 0], ("no", "yes")),
    ],
)
def test_kinds_of_values(texts, values, names):
    assert column(texts.split()) == (values, names)


@pytest.mark.parametrize(
    ("texts", "threshold", "message"),
    [
        (["0,85", "0.2"], None, r"not both. Received: values=\['0,85', '0.2'"),
        (["1,200", "300"], 500, r"1,200 could be either.*values=\['1,200'"),
        (["85%", "0.2"], None, "all have a percent sign, or none.*'85%'"),
        (["85 %", "20 %"], 40, "40 % is 0.4. Received: threshold=40"),
        (["85%", "often"], None, "numbers or words, not both"),
    ],
)
def test_numbers_of_two_meanings_are_refused(texts, threshold, message):
    with pytest.raises(ValueError, match=message):
        column(texts, threshold=threshold)


def test_thresholds():
    assert column(["85 %", "20 %"], threshold=0.2) == (
        [1, 1],
        ("below 0.2", "0.2 or more"),
    )
    assert column(["12", "40.5", "", "20"], threshold=20) == (
        [0, 1, -1, 1],
        ("below 20", "20 or more"),
    )
    assert column(["0.1", "0.3"], threshold=0.2)[0] == [0, 1]
    rows = [
        ("a", "tail length", "7"),
        ("b", "tail length", "9"),
        ("a", "white", "1"),
        ("b", "white", "0"),
    ]
    for threshold in (8, {"Tail_length": 8}):
        table = AttributeTable.from_rows(rows, threshold)
        assert table.values.tolist() == [[0, 1], [1, 0]]
    with pytest.raises(ValueError, match="did you mean 'tail length'"):
        AttributeTable.from_rows(rows, {"tail lenght": 8})


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.floats(0.01, 1) | st.none(),
)
def test_a_share_is_yes_from_the_threshold_on(shares, threshold):
    values, names = column(
        [repr(share) for share in shares], threshold=threshold
    )
    binary = set(shares) <= {0.0, 1.0}
    limit = threshold if threshold is not None and not binary else 0.5
    assert values == [int(share >= limit) for share in shares]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line .* must name the columns class"),
        ("name,white\ncrow,0\n", "Received: 'name,white'"),
        ("class,white,\ncrow,0,\n", "must name the columns class"),
        ("class,white\n", "no value in"),
        ("class,white\ncrow,0,1\n", "Line 2 .* must have 2 cells"),
        ("class,white\ngull,1\ncrow\n", "Line 3 .* must have 2 cells"),
        ("class,white\n,0\n", "Line 2 .* must name a class"),
        ("class,white\ncrow,0\ncrow,1\n", "Line 3 .* 'crow' a second time"),
        ("class,white\na,0\nb,partly\n", "'white' must have numbers or words"),
        ("class,size\na,0\nb,40\n", "from 0 to 40: set `threshold`"),
        ("class,size\na,0.5\nb,1.5\n", "set `threshold` to"),
        ("class,a,a\nx,0,1\n", "a second time"),
        ('class,a\n"x,0\ny,1\n', "Line 3 .* must have 2 cells"),
    ],
)
def test_rejects_tables(text, message, table_of):
    with pytest.raises(ValueError, match=message):
        table_of(text)


def test_field_guide_attributes_are_a_table():
    table = AttributeTable.from_rows(field_guide_attributes())
    assert len(table.class_names) == 12
    assert table.num_values == (2, 2, 2, 2, 2, 3, 3)
    assert table.value_names[-1] == ("forest", "meadow", "shore")
    assert (table.values >= 0).all()
    assert table.dividing() == table.attributes


# === AwA2 ===


def test_awa2_files(tmp_path):
    (tmp_path / "classes.txt").write_text("     1\tox\n     2\tpolar+bear")
    (tmp_path / "predicates.txt").write_text(" 1\twhite\n 2\tbig\n 3\tfast\n")
    matrix = tmp_path / "predicate-matrix-binary.txt"
    matrix.write_text("0 1 0\n1 1 0\n")
    table = AttributeTable.from_awa2(tmp_path)
    assert table.class_names == ("ox", "polar+bear")
    assert table.attributes == ("white", "big", "fast")
    assert table.values.tolist() == [[0, 1, 0], [1, 1, 0]]
    assert table.dividing() == ("white",)
    matrix.write_text("0 1\n1 1\n")
    with pytest.raises(ValueError, match="do not fit together: .*3 attributes"):
        AttributeTable.from_awa2(tmp_path)
    matrix.write_text("0 1 2\n1 1 0\n")
    with pytest.raises(ValueError, match="not fit together: .*hold indices"):
        AttributeTable.from_awa2(tmp_path)


def test_real_awa2(real_data):
    folder = real_data("awa2")
    table = AttributeTable.from_awa2(folder)
    assert table.values.shape == (50, 85)
    csv = AttributeTable.from_csv(folder / "attributes.csv")
    by_text = csv.for_classes(table.class_names)
    np.testing.assert_array_equal(by_text.values, table.values)
    names = sorted(p.name for p in (folder / "tiny32").iterdir() if p.is_dir())
    few = table.select(["patches", "domestic", "forest", "white"])
    few = few.for_classes(names, allow_others=True)
    assert few.class_names == tuple(names) and len(names) == 8
    values = dict(zip(names, few.values.tolist(), strict=True))
    assert values["chihuahua"][1] == values["pig"][1] == 1  # domestic
    assert values["lion"][1] == values["elephant"][1] == 0


def test_real_birds_and_dogs(real_data):
    for name, classes, attributes in [
        ("birds_cub80", 80, 312),
        ("dogs10", 10, 7),
    ]:
        folder = real_data(name)
        table = AttributeTable.from_csv(folder / "attributes.csv")
        assert table.values.shape == (classes, attributes)
        assert set(table.num_values) == {2} and table.values.min() == 0
        names = sorted(p.name for p in folder.iterdir() if p.is_dir())
        assert table.for_classes(names).class_names == tuple(names)
    share = table.select("group::hound")
    assert share.values.sum() == 3  # beagle, foxhound, ridgeback


# === Selecting ===


def test_select_and_for_classes_keep_the_given_order(table_of):
    table = table_of(CLOTHES).select(["White", "part"])
    assert table.attributes == ("white", "part")
    assert table.num_values == (2, 3)
    table = table.for_classes(["dress", "blouse", "jeans"])
    assert table.values.tolist() == [[1, 0], [-1, 2], [-1, 1]]


@pytest.mark.parametrize(
    "name",
    ["polar bear", "Polar_Bear", "POLAR+BEAR", " polar  bear", "polar-bear"],
)
def test_names_are_found_in_other_spellings(name):
    table = AttributeTable(
        ["ox", "polar+bear"], ["a"], [[0], [1]], [("0", "1")]
    )
    found = table.for_classes([name, "Ox"])
    assert found.class_names == (name, "Ox")
    assert found.values.tolist() == [[1], [0]]


def test_a_name_as_written_comes_first():
    table = AttributeTable(["cat", "Cat"], ["a"], [[0], [1]], [("0", "1")])
    assert table.for_classes(["Cat", "cat"]).values.tolist() == [[1], [0]]
    with pytest.raises(ValueError, match=r"could be any of \['cat', 'Cat'\]"):
        table.for_classes(["CAT"], allow_others=True)


def test_accents_may_be_stored_in_two_ways():
    table = AttributeTable(["caf\u00e9"], ["a"], [[0]], [("0",)])
    assert table.for_classes(["cafe\u0301"]).values.tolist() == [[0]]


# === Errors ===


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["blouse", "jeans", "dresses"], "lacks the class 'dresses' .did you "),
        (["blouse", "jeans", "boat"], "lacks the class 'boat'\\.$"),
        (["blouse", "jeans"], "1 classes that are not in the data: 'dress'"),
        (["blouse", "Blouse", "jeans"], "'blouse' and 'Blouse' both mean"),
        (["blouse", "jeans", "jeans"], "none twice. Received: .*jeans"),
        ([], "at least one name"),
    ],
)
def test_rejects_classes(names, message, table_of):
    with pytest.raises(ValueError, match=message):
        table_of(CLOTHES).for_classes(names)


def test_a_class_that_is_not_in_the_data_is_named_with_what_it_may_mean(
    table_of,
):
    table = table_of("class,a\nlion,0\nlions,1\n")
    with pytest.raises(ValueError, match=r"'lions' \(did you mean 'lion'\?\)"):
        table.for_classes(["lion"])
    assert table.for_classes(["lion"], allow_others=True).values.tolist() == [
        [0]
    ]


def test_rejects_attributes(table_of):
    table = table_of(CLOTHES)
    with pytest.raises(ValueError, match="attribute 'whiet' .*mean 'white'"):
        table.select(["whiet"])
    with pytest.raises(ValueError, match="none twice"):
        table.select(["white", "white"])
    with pytest.raises(ValueError, match="at least one name"):
        table.select([])


def test_many_missing_names_are_not_all_listed():
    table = AttributeTable(["a"], ["x"], [[0]], [("0",)])
    with pytest.raises(ValueError, match="and 15 more"):
        table.for_classes([f"class {i}" for i in range(20)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a", "a"], ["x"], [[0], [0]], [("0",)]), "`class_names`"),
        ((["a"], ["x", "x"], [[0, 0]], [("0",)] * 2), "`attributes`"),
        ((["a"], ["x"], [[0, 0]], [("0",)]), "values.shape=.1, 2."),
        ((["a"], ["x"], [[1]], [("0",)]), "indices into `value_names`"),
        ((["a"], ["x"], [[-2]], [("0",)]), "indices into `value_names`"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AttributeTable(*arguments)
