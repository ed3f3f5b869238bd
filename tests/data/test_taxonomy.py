import os

import pytest

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.taxonomy import Level
from kerasfg.data.taxonomy import check_taxonomy
from kerasfg.data.taxonomy import find_levels
from kerasfg.data.taxonomy import levels_of_attributes
from kerasfg.data.taxonomy import packaged_taxonomies
from kerasfg.data.taxonomy import read_taxonomy

NAMES = ["Crow", "Rook", "Jay", "Herring_Gull"]
TEXT = """class,genus,family
Herring Gull,Larus,Laridae
crow,Corvus,Corvidae
rook,corvus,Corvidae
jay,Garrulus,Corvidae
heron,Ardea,Ardeidae
"""


@pytest.fixture
def write(tmp_path):
    """A function that writes a taxonomy."""

    def write(text, encoding="utf-8"):
        (tmp_path / "taxonomy.csv").write_bytes(text.encode(encoding))
        return tmp_path / "taxonomy.csv"

    return write


def test_classes_get_their_names_in_the_order_of_the_labels(write):
    assert read_taxonomy(write(TEXT), NAMES) == (
        Level("genus", ("Corvus", "Corvus", "Garrulus", "Larus")),
        Level("family", ("Corvidae", "Corvidae", "Corvidae", "Laridae")),
    )


@pytest.mark.parametrize("separator", [";", "\t"])
def test_tables_of_spreadsheets_are_read(write, separator):
    text = TEXT.replace(",", separator).replace("\n", "\r\n")
    file = write("\ufeff" + text, "utf-16-le")
    assert read_taxonomy(file, NAMES)[1].of_class[3] == "Laridae"


def test_the_column_of_classes_may_be_anywhere(write):
    text = "genus,Class\nLarus,herring gull\nCorvus,crow\nCorvus,rook\n,jay\n"
    (genus,) = read_taxonomy(write(text), NAMES)
    assert genus.of_class == ("Corvus", "Corvus", "Jay", "Larus")


def test_a_file_that_makes_no_tree_is_refused_whatever_the_classes(write):
    text = "class,genus,family\na,A,X\nb,A,Y\n"
    with pytest.raises(ValueError, match="form a tree. Received: genus='A'"):
        check_taxonomy(write(text))


def test_an_empty_cell_takes_the_finer_name(write):
    text = "class,genus,family\na,A,\nb,A,\nc,,C\nd,D,C\n"
    genus, family = read_taxonomy(write(text), list("abcd"))
    assert genus.of_class == ("A", "A", "c", "D")
    assert family.of_class == ("A", "A", "C", "C")


def test_a_level_that_says_nothing_is_left_out(write):
    text = "class,species,kind,all\na,x,K,life\nb,y,K,life\nc,z,L,life\n"
    with pytest.warns(UserWarning, match="Left out 'species', 'all'"):
        (kind,) = read_taxonomy(write(text), list("abc"))
    assert kind == Level("kind", ("K", "K", "L"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line .* must name the columns"),
        ("class\na\n", "first line .* must name the columns"),
        ("name,genus\na,A\n", "first line .* must name the columns"),
        ("class,genus,Genus\na,A,B\n", "first line .* must name the columns"),
        ("class,genus,\na,A,B\n", "first line .* must name the columns"),
        ("class," + ",".join(map(str, range(21))), "1 to 20 levels"),
        ("class,genus\n", "a line for each class.*with 0"),
        ("class,genus\na,A,B\n", "Line 2 of .* must have 2 cells"),
        ("class,genus\na\n", "Line 2 of .* must have 2 cells"),
        ("class,genus\na,A\n,B\n", "Line 3 of .* one of them the name"),
        ("class,genus\na,A\nb,B\na,A\n", "line 4 of .* second time.*'a'"),
        ("class,genus\na,A\nb,B\n", r"table lacks the class 'c'"),
        (f"class,genus\na,{'A' * 201}\n", "Line 2 .* up to 200 printable"),
        ("class,genus\na,A\x07\n", "Line 2 .* up to 200 printable"),
        ("class,genus\na,A\nb,A\nc,A\n", "must join some .* not all"),
        (
            "class,genus,family\na,A,F\nb,A,G\nc,C,G\n",
            "All classes of one genus must have the same family.*genus='A' in "
            "family='F' and in family='G'",
        ),
        ("class,genus\n" + "a,A\n" * 10_001, "at most 10,000.*with 10,001"),
    ],
)
def test_says_what_is_wrong_with_the_file(write, text, message):
    with pytest.raises(ValueError, match=message):
        read_taxonomy(write(text), list("abc"))


def test_missing_classes_are_named_with_near_ones(write):
    with pytest.raises(ValueError, match="did you mean 'Herring Gull'"):
        read_taxonomy(write(TEXT), ["crow", "herring guls"])


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("pipe.csv", "absent.csv", "."):
        with pytest.raises(ValueError, match="A taxonomy must be a file"):
            read_taxonomy(tmp_path / name, NAMES)
    with open(tmp_path / "large.csv", "wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(ValueError, match="16 MiB"):
        read_taxonomy(tmp_path / "large.csv", NAMES)


def test_attributes_make_a_tree_whatever_their_values():
    table = AttributeTable(
        NAMES,
        ["size", "sea", "bill"],
        [[0, 0, 0], [1, 0, 0], [0, 0, -1], [0, 1, 0]],
        [["small", "large"], ["no", "yes"], ["long"]],
    )
    size, sea = levels_of_attributes(table, ["size", "sea"])
    assert sea == Level("sea", ("no sea", "no sea", "no sea", "sea"))
    assert size.of_class == (
        "no sea, small",
        "no sea, large",
        "no sea, small",
        "sea, small",
    )


@pytest.mark.parametrize("name", ["birds_cub80", "flowers17"])
def test_a_taxonomy_of_ours_makes_a_tree(name):
    lines = packaged_taxonomies()[name].read_text().splitlines()[1:]
    names = [line.partition(",")[0] for line in lines]
    assert names == sorted(names) and len(names) == int(name[-2:])
    check_taxonomy(name)
    levels = [level.name for level in read_taxonomy(name, names)]
    assert levels[-2:] == ["family", "order"]


def test_levels_come_from_one_place(write):
    table = AttributeTable(
        NAMES, ["sea"], [[0], [0], [0], [1]], [["no", "yes"]]
    )
    assert find_levels(NAMES) is None
    assert find_levels(NAMES, None, table, ["sea"])[0].name == "sea"
    assert len(find_levels(NAMES, write(TEXT))) == 2
    with pytest.raises(ValueError, match="leave one out"):
        find_levels(NAMES, write(TEXT), table, ["sea"])
    with pytest.raises(ValueError, match="need a table of `attributes`"):
        find_levels(NAMES, level=["sea"])
