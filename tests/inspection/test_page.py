"""The page of an inspection, and what is printed beside it."""

import base64
import hashlib
import html.parser
import io
import json
import re
import shutil

import pytest
from PIL import Image
from typer.testing import CliRunner

import kerasfg_cli
from kerasfg.config import Recipe
from kerasfg.inspection.inspect_data import inspect_data
from kerasfg.inspection.page.thumbnails import choose_shown
from kerasfg.inspection.suspects import Suspect

runner = CliRunner()


class Page(html.parser.HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.inside = [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        key = attributes.get("type", tag)
        if tag in ("style", "script"):
            self.inside.setdefault(key, data)
        if data.strip():
            self.texts.append(" ".join(data.split()))

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page_of(photos, tmp_path):
    def make(folder=photos):
        recipe = Recipe().with_options(data=str(folder))
        inspect_data(recipe, tmp_path / "out", labels=False, verbose=False)
        return Page((tmp_path / "out" / "inspection.html").read_text("utf-8"))

    return make


@pytest.fixture
def copies(photos):
    """Two copies; one of them is in two classes."""
    shutil.copy(photos / "owl/3.png", photos / "owl/3 (1).png")
    shutil.copy(photos / "wren/5.png", photos / "owl/lost.png")
    return photos


def test_the_policy_allows_this_style_this_script_and_data_alone(
    copies, page_of
):
    page = page_of()
    (policy,) = [
        meta["content"]
        for meta in page.of("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]

    def digest(text):
        text = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(text).decode()}'"

    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        f"style-src {digest(page.inside['style'])}",
        f"script-src {digest(page.inside['script'])}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    for _, attributes in page.tags:
        assert not any(key.startswith("on") for key in attributes)
        assert "style" not in attributes  # the policy would ignore it
        for key in ("src", "href"):
            assert attributes.get(key, "#").startswith(("data:image/", "#"))


def test_each_suspect_has_its_picture_label_and_reason(copies, page_of):
    page = page_of()
    images = [
        Image.open(io.BytesIO(base64.b64decode(each["src"].split(",")[1])))
        for each in page.of("img")
        if "src" in each
    ]
    assert len(images) == 6  # of three suspects, each beside its copy
    assert {image.size for image in images} == {(128, 128)}  # 64, doubled
    for text in ("identical to wren/5.png, which is wren", "owl/3 (1).png"):
        assert text in page.texts
    assert "One picture in two classes" in page.texts
    command = f"kerasfg train --data {copies} --leave-out suspects.csv"
    assert command in page.texts
    ids = {f"#{each['id']}" for _, each in page.tags if "id" in each}
    assert {each["href"] for each in page.of("a")} <= ids
    for each in page.of("select"):
        assert each["aria-label"]


def test_the_script_gets_the_rows_of_the_file(copies, page_of, tmp_path):
    data = json.loads(page_of().inside["application/json"])
    lines = (tmp_path / "out" / "suspects.csv").read_text().splitlines()
    assert [",".join(data["columns"]), *map(_line, data["rows"])] == lines
    assert data["classes"] == ["emu", "owl", "wren"]


def _line(row):
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in row)


HOSTILE = (
    "<script>alert(1)<",
    "[bold]a[",
    "</script><img src=x onerror=alert(1)>".replace("/", "\u2215"),
    "{{ 7 * 7 }}'\"&amp;",
)


@pytest.fixture
def hostile(photos, draw):
    """Classes and files with odd names, each with a copy and a bad file."""
    folder = photos.parent / "[red]photos"
    for number, name in enumerate(HOSTILE):
        place = folder / name
        place.mkdir(parents=True)
        draw(number).save(place / "</p>\x1b[31m.png".replace("/", "\u2215"))
        draw(number).save(place / "copy\n<b>.png")
        (place / "x].png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def test_hostile_names_stay_text_on_the_page(hostile, page_of):
    page = page_of(hostile)
    names = [name for name, _ in page.tags]
    assert names.count("script") == 2
    assert "b" in names and len(page.of("b")) == names.count("article")
    texts = "".join(page.texts)
    assert "\x1b" not in texts
    for name in HOSTILE:
        assert name in texts
    assert "<b>.png" in texts
    data = page.inside["application/json"]
    assert not re.search("[<>&]", data)
    assert any("\x1b[31m" in row[0] for row in json.loads(data)["rows"])


def test_hostile_names_stay_text_in_the_terminal(hostile, tmp_path):
    arguments = [str(hostile), "--no-labels", "--out", str(tmp_path / "[x]o")]
    result = runner.invoke(kerasfg_cli.app, ["inspect", *arguments])
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "[bold]a[/x].png" in result.output
    assert "[x]o/inspection.html" in result.output
    assert "[red]photos" in result.output
    assert "[x]o/suspects.csv" in result.output.rpartition("--leave-out")[2]


def test_json_is_all_that_is_printed(copies, tmp_path):
    arguments = [str(copies), "--no-labels", "--json", "--out", str(tmp_path)]
    result = runner.invoke(kerasfg_cli.app, ["inspect", *arguments])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["pictures"] == 28
    assert [one["kind"] for one in found["suspects"]] == [
        "two classes",
        "two classes",
        "copy",
    ]
    assert found["labels"] == {
        "checked": False,
        "why": "The labels are not checked.",
    }
    assert (tmp_path / "inspection.html").is_file()


@pytest.mark.filterwarnings("ignore:By .* left out")
def test_what_a_file_leaves_out_is_not_inspected(copies, tmp_path):
    (tmp_path / "list.txt").write_text("owl/lost.png\n")
    arguments = [str(copies), "--no-labels", "--json", "--out", str(tmp_path)]
    arguments += ["--leave-out", str(tmp_path / "list.txt")]
    result = runner.invoke(kerasfg_cli.app, ["inspect", *arguments])
    found = json.loads(result.stdout)
    assert found["in_two_classes"] == 0
    assert found["left_out"] == {"picture that list.txt leaves out": 1}


def test_an_absent_list_is_named_by_its_option(photos, tmp_path):
    arguments = ["inspect", str(photos), "--leave-out", "absent.csv"]
    result = runner.invoke(kerasfg_cli.app, arguments)
    assert result.exit_code == 1
    assert str(result.exception).startswith("`--leave-out` must name a file")


@pytest.mark.parametrize("most", [200, 10])
def test_each_kind_gets_its_share_of_the_pictures(most):
    suspects = [
        Suspect(
            f"{kind}{i}", "a", kind, "", beside="b" if kind == "copy" else ""
        )
        for kind in ("label", "odd", "broken", "copy")
        for i in range(500)
    ]
    shown = [suspects[index] for index in choose_shown(suspects, most)]
    kinds = [one.kind for one in shown]
    assert sum(2 if one.beside else 1 for one in shown) in (most - 1, most)
    assert "broken" not in kinds
    assert {"label", "odd", "copy"} == set(kinds)
