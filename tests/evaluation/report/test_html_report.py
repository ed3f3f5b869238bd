import base64
import hashlib
import html.parser
import io
import json

import pytest
from rich.console import Console

from kerasfg.evaluation.metrics.familiarity import measure_familiarity
from kerasfg.evaluation.metrics.levels import measure_levels
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions
from kerasfg.evaluation.report.html_report import write_html_report
from kerasfg.evaluation.report.report import print_report

CURVE = [
    {"resolution": s, "n": 30, "top_1": t, "top_1_interval": [t - 0.1, t + 0.1]}
    for s, t in ((8, 0.25), (32, 0.5))
]
ATTRIBUTES = {
    "habitat": {
        "n": 30,
        "confused": 3,
        "rate": 0.1,
        "interval": [0.05, 0.2],
        "mistakes": 9,
        "share_of_mistakes": 1 / 3,
        "chance_share": 0.625,
        "value_names": ["sea", "wood"],
        "matrix": [[9, 1], [2, 18]],
    }
}
APPS = {
    "pictures": 30,
    "of": 40,
    "files": [{"file": "network"}, {"file": "<i>.tflite"}],
    "clients": [
        {
            "title": "canvas, of an <img>",
            "files": {"network": {"top_1": 0.5, "difference": -0.25}},
        }
    ],
    "findings": [{"text": "<i>.tflite loses 25.0 points."}],
}
AWKWARD = ("<script>alert(1)</script>", "\"'&amp;{{ 7 * 7 }}", "a\nb\x1b\u202e")


class Page(html.parser.HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.style = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "style" and not self.style:
            self.style = data
        elif data.strip():
            self.texts.append(" ".join(data.split()))

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(folders, tmp_path):
    write_html_report(folders, tmp_path / "report.html")
    return Page((tmp_path / "report.html").read_text("utf-8"))


LABELS = [0, 1, 2, 0]
PROBABILITIES = [
    [0.5, 0.3, 0.2],
    [0.5, 0.3, 0.2],
    [0.1, 0.1, 0.8],
    [0.95, 0.03, 0.02],
]
GENUS = {"name": "<b>genus", "of_class": ["A", "A", "B"], "threshold": 0.7}


def test_page_asks_nothing_of_others_and_runs_nothing(
    leave_run, leave_export, tmp_path
):
    run = leave_run("a", resolutions=CURVE, attributes=ATTRIBUTES)
    leave_export(run)
    page = page_of([run], tmp_path)
    names = {name for name, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "form", "base"}
    for _, attributes in page.tags:
        assert not any(key.startswith("on") for key in attributes)
        assert "style" not in attributes  # the policy would ignore it
        for key in ("src", "href"):
            assert attributes.get(key, "#").startswith(("data:image/png", "#"))
    assert "url(" not in page.style and "@import" not in page.style


def test_policy_allows_this_style_and_data_pictures_alone(leave_run, tmp_path):
    page = page_of([leave_run("a")], tmp_path)
    (policy,) = [
        meta["content"]
        for meta in page.of("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = hashlib.sha256(page.style.encode()).digest()
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{base64.b64encode(digest).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_every_link_has_a_target(leave_run, leave_export, tmp_path):
    runs = [leave_run("a", attributes=ATTRIBUTES, clients=APPS)]
    runs.append(leave_run("b", size=64))
    leave_export(runs[0])
    page = page_of(runs, tmp_path)
    ids = {f"#{each['id']}" for _, each in page.tags if "id" in each}
    links = [each["href"] for each in page.of("a")]
    assert set(links) == ids and len(links) == len(ids)


def test_what_apps_cost_is_that_of_the_evaluation_or_else_of_the_export(
    leave_run, leave_export, tmp_path
):
    assert "In apps" not in page_of([leave_run("a")], tmp_path).texts
    runs = [leave_run("b", clients=APPS), leave_run("c")]
    leave_export(runs[1])
    file = runs[1] / "export" / "report.json"
    other = {**APPS, "findings": []}
    file.write_text(
        json.dumps({**json.loads(file.read_text()), "clients": other})
    )
    page = page_of(runs, tmp_path)
    assert page.texts.count("In apps") == 2  # the link and the heading
    assert page.texts.count("<i>.tflite") == 2
    assert page.texts.count("canvas, of an <img>") == 2
    assert page.texts.count("50.0 % (\N{MINUS SIGN}25.0)") == 2
    assert "<i>.tflite loses 25.0 points." in page.texts
    assert "No client loses more than two points." in page.texts
    assert any(
        text.startswith("b. Accuracy on 30 of the 40 ") for text in page.texts
    )


def test_sets_stand_beside_their_promise(leave_run, tmp_path):
    texts = page_of([leave_run("a")], tmp_path).texts
    for text in ("promised", "80 %", "90 %", "95 %", "names"):
        assert text in texts


def test_coarser_names_and_questions_have_their_tables(leave_run, tmp_path):
    levels = measure_levels(LABELS, PROBABILITIES, [GENUS], 0.9)
    table = {"crow": {"<b>": "yes"}, "rook": {"<b>": "no"}, "jay": {}}
    asked = questions_of(table, list(table))
    questions = simulate_questions(LABELS, PROBABILITIES, asked)
    run = leave_run("a", levels=levels, questions=questions)
    texts = page_of([run, leave_run("b")], tmp_path).texts
    for text in ("Coarser names", "<b>genus", "Questions"):
        assert text in texts
    assert "Coarser names" not in page_of([tmp_path / "b"], tmp_path).texts


def test_foreign_pictures_have_their_table(leave_run, tmp_path):
    row = {"name": "<b>cars", **measure_familiarity([0.9], [0.8, 0.1])}
    found = {"kept": 0.9, "negatives": None, "foreign": [row]}
    runs = [leave_run("a", familiarity=found), leave_run("b")]
    texts = page_of(runs, tmp_path).texts
    for text in ("Pictures of none of the classes", "<b>cars", "50.0 %"):
        assert text in texts
    assert "None of these" not in page_of(runs[1:], tmp_path).texts


def test_code_in_a_sentence_is_shown_as_code(leave_run, tmp_path):
    text = "Turn it (`PIL.<b>.exif_transpose`) or `x`."
    apps = {**APPS, "findings": [{"text": text}]}
    page = page_of([leave_run("a", clients=apps)], tmp_path)
    assert "PIL.<b>.exif_transpose" in page.texts and "x" in page.texts
    assert not any("`" in text for text in page.texts)


def test_pictures_are_those_of_the_run(leave_run, tmp_path):
    run = leave_run("a")
    (run / "mistakes.png").write_bytes(b"<svg onload='alert(1)'>")
    (run / "history.png").mkdir()
    (image,) = page_of([run], tmp_path).of("img")
    content = base64.b64decode(image["src"].partition("base64,")[2])
    assert content == (run / "confusion.png").read_bytes()
    assert image["alt"] == "Confusion of a"


def test_any_name_is_shown_as_it_is(leave_run, tmp_path):
    run = leave_run("<b>&", classes=AWKWARD)
    page = page_of([run], tmp_path)
    assert {"<b>&", AWKWARD[0], AWKWARD[1]} <= set(page.texts)
    # A line break, an escape, and what turns the direction of writing.
    replaced = "\N{REPLACEMENT CHARACTER}"
    assert f"a{replaced}b{replaced}{replaced}" in page.texts
    assert "script" not in {name for name, _ in page.tags}
    assert "b" not in {name for name, _ in page.tags}


def test_name_that_is_not_utf8_is_written(leave_run, tmp_path):
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    page = page_of([leave_run("a", classes=(odd, "b"))], tmp_path)
    assert "caf\N{REPLACEMENT CHARACTER}" in page.texts


def test_runs_that_differ_in_their_seed_are_brought_together(
    leave_run, tmp_path
):
    folders = [leave_run(f"r{seed}", seed) for seed in (0, 1, 2)]
    folders.append(leave_run("other", seed=3, size=64))
    found = write_html_report(folders, tmp_path / "report.html")
    values = []
    for folder in folders:
        report = json.loads((folder / "report.json").read_text())
        values.append(report["test"]["top_1"])
    mean = sum(values[:3]) / 3
    variance = sum((value - mean) ** 2 for value in values[:3]) / 2
    assert [run["top_1"] for run in found["runs"]] == values
    seeds, other = found["recipes"]
    assert seeds["runs"] == ["r0", "r1", "r2"]
    assert seeds["top_1"]["mean"] == pytest.approx(mean)
    assert seeds["top_1"]["spread"] == pytest.approx(variance**0.5)
    assert other["runs"] == ["other"] and other["top_1"]["spread"] is None
    texts = Page((tmp_path / "report.html").read_text()).texts
    assert f"{100 * mean:.1f} ± {100 * variance**0.5:.1f} %" in texts
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_same_runs_give_the_same_page(leave_run, tmp_path):
    folders = [leave_run("a"), leave_run("b", seed=1)]
    pages = []
    for _ in range(2):
        write_html_report(folders, tmp_path / "report.html")
        pages.append((tmp_path / "report.html").read_bytes())
    assert pages[0] == pages[1]


def test_sections_are_those_that_are_known(leave_run, leave_export, tmp_path):
    plain, full = leave_run("plain"), leave_run("full", seed=1, size=64)
    leave_export(full)
    more = {"resolutions": CURVE, "attributes": ATTRIBUTES}
    report = json.loads((full / "report.json").read_text())
    report["test"].update(more)
    (full / "report.json").write_text(json.dumps(report))
    (plain / "history.csv").unlink()

    def sections(*folders):
        found = page_of(folders, tmp_path).of("section")
        return [each["id"] for each in found]

    assert sections(plain) == ["accuracy", "calibration", "classes", "run-1"]
    assert sections(plain, full) == [
        "accuracy",
        "recipes",
        "calibration",
        "learning",
        "resolutions",
        "classes",
        "attributes",
        "files",
        "run-1",
        "run-2",
    ]


def test_groups_are_shown(leave_run, tmp_path):
    folder = leave_run("grouped")
    report = json.loads((folder / "report.json").read_text())
    report["groups"] = {
        "pictures": 4321,
        "groups": 1234,
        "group_by": "folder",
        "joined": True,
        "copies": {"identical": 17, "look_alikes": 0},
        "few": {"rook": 2},
    }
    (folder / "report.json").write_text(json.dumps(report))
    write_html_report([folder], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "stay on one side" in page and "1,234" in page
    file = io.StringIO()
    print_report(report, Console(file=file, width=80))
    printed = " ".join(file.getvalue().split())
    assert "1,234 by folder among 4,321 pictures; 17 are the" in printed


def test_page_notes_different_classes_and_pictures(leave_run, tmp_path):
    one, two = leave_run("one"), leave_run("two", seed=1)
    other = leave_run("other", classes=("oak", "elm"))

    def notes(*folders):
        page = page_of(folders, tmp_path)
        return [text for text in page.texts if text.startswith("The runs ")]

    assert notes(one, two) == []
    (two / "splits.csv").write_text("path,split\na,test\nb,train\n")
    assert "not all tested on the same pictures" in notes(one, two)[0]
    assert "different classes" in notes(one, other)[0]


def test_folders_of_equal_names_are_shown_by_their_paths(leave_run, tmp_path):
    folders = [leave_run("x/run"), leave_run("y/run", seed=1)]
    found = write_html_report(folders, tmp_path / "made" / "report.html")
    assert [run["name"] for run in found["runs"]] == [str(f) for f in folders]


def test_rejects_a_folder_that_is_named_twice(leave_run, tmp_path):
    run = leave_run("a")
    for folders in ([run, run / ".." / "a"], []):
        with pytest.raises(ValueError, match=r"once\. Received: runs=\["):
            write_html_report(folders, tmp_path / "report.html")


@pytest.mark.parametrize("file", ["recipe.toml", "report.json"])
def test_rejects_what_is_not_a_trained_run(leave_run, tmp_path, file):
    run = leave_run("a")
    (run / file).unlink()
    with pytest.raises(ValueError, match=f"Received: run=.*, without {file}"):
        write_html_report([run], tmp_path / "report.html")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("report.json", '{"format": 1}'),
        ("report.json", '{"format": 1, "test": 3, "val": {}, "classes": []}'),
        ("recipe.toml", "seed = 3"),
        ("recipe.toml", "= 3"),
        ("splits.csv", "no,header"),
        ("export/report.json", "{}"),
        ("export/report.json", "[1]"),
        ("export/report.json", "{"),
        ("export/report.json", '{"files": [], "recommended": null}'),
    ],
)
def test_file_of_another_form_leaves_the_previous_page(
    leave_run, tmp_path, file, content
):
    run = leave_run("a")
    page = tmp_path / "report.html"
    write_html_report([run], page)
    before = page.read_bytes()
    (run / "export").mkdir()
    (run / file).write_text(content)
    with pytest.raises(ValueError, match="Received: "):
        write_html_report([run], page)
    assert page.read_bytes() == before


def test_only_a_page_is_written_over(leave_run, tmp_path):
    run = leave_run("a")
    with pytest.raises(ValueError, match=r"an \.html file.*Received: out="):
        write_html_report([run], run / "report.json")
