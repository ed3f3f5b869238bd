"""The card of a run and of an export, for people and for the Hub."""

import json
import os

import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from kerasfg.evaluation.report.report import read_report
from kerasfg.evaluation.report.report import write_report
from kerasfg.manifest import write_manifest
from kerasfg.run.model_card.escape import escape
from kerasfg.run.model_card.metadata import data_name
from kerasfg.run.model_card.text import MARKER
from kerasfg.run.model_card.write import write_export_card
from kerasfg.run.model_card.write import write_run_card
from kerasfg.run.push import push

ROW = {
    "file": "model_int8.tflite",
    "bytes": 4_010_000,
    "latency_ms": {"1": [0.21, 0.4]},
    "accuracy": 0.8,
    "verdict": "passed",
}


def page(path):
    """The HTML of a card without its metadata, and its metadata."""
    card = ModelCard(path.read_text("utf-8"))
    return MarkdownIt("gfm-like", {"linkify": False}).render(card.text), card


def test_the_hub_reads_the_numbers_of_the_report(finished_run):
    html, card = page(write_run_card(finished_run))
    tested = read_report(finished_run.report)["test"]
    data = card.data
    assert (data.library_name, data.pipeline_tag) == (
        "keras",
        "image-classification",
    )
    assert "fine-grained" in data.tags
    assert data.license is None and data.datasets is None
    values = {x.metric_type: x.metric_value for x in data.eval_results}
    assert values["accuracy"] == round(tested["top_1"], 4) == 0.9
    assert values["f1"] == round(tested["macro_f1"], 4)
    result = data.eval_results[0]
    assert (result.dataset_name, result.dataset_split) == ("rails", "test")
    assert f"{100 * tested['top_1']:.1f} %" in html
    assert "80 for training, 40 for validation, 30 for the test" in html
    assert "secret" not in card.content  # a folder of this computer


def test_names_of_strangers_are_text(finished_run):
    html, card = page(write_run_card(finished_run))
    assert "&lt;b&gt;Sora&lt;/b&gt; | [x](y)" in html
    assert "<b>" not in html and 'href="y"' not in html
    rows = [line for line in card.text.splitlines() if "Sora" in line]
    assert any(line.replace("\\|", "").count("|") == 5 for line in rows)


@pytest.mark.parametrize(
    "text",
    [
        "a\n# b",
        "![x](http://e.org)",
        "<script>",
        "http://e.org",
        "www.e.org",
        "**a** _b_ `c` ~~d~~",
        "&amp;",
        "a\\*b*",
        "x\x1b[31m\u202e",
        "@ann",
        "- a",
        "12. a",
        "---",
        "a\u202eb\u2066c",
    ],
)
def test_no_text_becomes_markup(text):
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(escape(text))
    assert not {"<a", "<em", "<strong", "<code", "<s>", "<img", "<h1"} & set(
        part.split(" ")[0].split(">")[0] for part in shown.split("\n")
    )
    for tag in ("<a ", "<em>", "<strong>", "<code>", "<img", "<script", "<h1"):
        assert tag not in shown
    assert not {"<ul>", "<ol>", "<hr />"} & set(shown.split("\n"))
    assert "\u202e" not in shown and "\u2066" not in shown
    assert "\n" not in escape(text) and "\x1b" not in escape(text)


def test_a_name_of_yaml_stays_a_name(finished_run):
    manifest = finished_run.read_manifest()
    name = "x: [1]\nlicense: mit\n---\n"
    write_manifest({**manifest, "name": name}, finished_run.path)
    card = ModelCard(write_run_card(finished_run).read_text("utf-8"))
    assert card.data.license is None
    assert card.data.model_name.startswith("x: [1]")


def test_what_was_evaluated_later_is_in_the_next_card(finished_run):
    before = write_run_card(finished_run).read_text()
    assert "by resolution" not in before
    assert "It was not measured how many" in before
    report = read_report(finished_run.report)
    row = {
        "resolution": 16,
        "n": 60,
        "top_1": 0.5,
        "top_1_interval": [0.4, 0.6],
    }
    foreign = {
        "name": "cars",
        "pictures": 200,
        "auroc": 0.9,
        "let_through": 0.125,
        "let_through_interval": [0.08, 0.18],
    }
    familiarity = {"kept": 0.95, "negatives": None, "foreign": [foreign]}
    report["test"] |= {"resolutions": [row], "familiarity": familiarity}
    write_report(report, finished_run.report)
    after = write_run_card(finished_run).read_text()
    assert "| 16 | 50.0 % | 40.0 to 60.0 % |" in after
    assert "| cars | 200 | 12.5 % | 8.0 to 18.0 % |" in after


def test_many_classes_are_capped(finished_run):
    report = read_report(finished_run.report)
    one = report["test"]["per_class"][0]
    report["test"]["per_class"] = [
        {**one, "class": f"class {i:03}", "accuracy": i / 300}
        for i in range(300)
    ]
    write_report(report, finished_run.report)
    text = write_run_card(finished_run).read_text()
    rows = [x for x in text.splitlines() if x.startswith("| class ")]
    assert len(rows) == 1 + 20
    assert rows[1].startswith("| class 000 |")
    assert rows[-1].startswith("| class 299 |")


@pytest.mark.parametrize(
    "given, known",
    [("Apache-2.0", "apache-2.0"), ("my own terms", "other"), ("", None)],
)
def test_a_licence_is_one_that_the_hub_knows(finished_run, given, known):
    manifest = finished_run.read_manifest()
    write_manifest({**manifest, "license": given}, finished_run.path)
    card = ModelCard(write_run_card(finished_run).read_text())
    assert card.data.license == known
    assert (given or "its author has not said") in card.text


def test_a_readme_of_yours_stays(finished_run):
    own = finished_run.path / "README.md"
    card = write_run_card(finished_run)
    assert card == own and MARKER in own.read_text()
    own.write_text(own.read_text().replace(MARKER, "") + "\nMine.")
    mine = own.read_text()
    with pytest.warns(UserWarning, match="is yours and stays"):
        card = write_run_card(finished_run)
    assert card.name == "MODEL_CARD.md" and own.read_text() == mine


@pytest.mark.filterwarnings("ignore:.*stay")
def test_our_line_in_a_text_of_yours_makes_it_not_ours(finished_run):
    own, beside = (
        finished_run.path / x for x in ("README.md", "MODEL_CARD.md")
    )
    own.write_text(f"# Mine\n\n---\n\nkerasfg writes:\n\n{MARKER}\n")
    mine = own.read_text()
    assert write_run_card(finished_run) == beside
    beside.write_text("mine, too")
    assert write_run_card(finished_run) is None
    assert (own.read_text(), beside.read_text()) == (mine, "mine, too")


@pytest.mark.parametrize(
    "part, content",
    [
        ("n", None),
        ("top_1", "high"),
        ("per_class", [{}]),
        ("worst_pairs", [3]),
        ("calibration", []),
        ("familiarity", [1]),
        ("resolutions", {"a": 1}),
    ],
)
def test_a_damaged_report_costs_the_card_alone(finished_run, part, content):
    report = read_report(finished_run.report)
    report["test"][part] = content
    write_report(report, finished_run.report)
    with pytest.warns(UserWarning, match="not written: The reports of a model"):
        assert write_run_card(finished_run) is None
    with pytest.raises(ValueError, match="evaluate it, or export it, again"):
        push(finished_run.path, "hf://ann/rails", dry_run=True)


@pytest.mark.parametrize("kind", ["fifo", "link", "folder"])
def test_what_is_no_file_is_yours_too(finished_run, tmp_path, kind):
    own, other = finished_run.path / "README.md", tmp_path / "other"
    other.write_text(MARKER)
    if kind == "fifo":
        os.mkfifo(own)
    elif kind == "link":
        own.symlink_to(other)
    else:
        own.mkdir()
    with pytest.warns(UserWarning, match="is yours and stays"):
        assert write_run_card(finished_run).name == "MODEL_CARD.md"
    assert other.read_text() == MARKER


def test_an_export_tells_of_its_files_and_its_run(finished_run):
    out = finished_run.export
    out.mkdir()
    facts = {"format": "tflite", "sha256": "0" * 64, "image_size": 128}
    manifest = finished_run.read_manifest() | {
        "files": {ROW["file"]: {**facts, "takes": "frame"}},
        "frame_size": 128,
        "recommended": ROW["file"],
    }
    write_manifest(manifest, out)
    report = {"files": [ROW], "recommended": ROW["file"], "why": "0.2 ms."}
    (out / "report.json").write_text(json.dumps(report))
    html, card = page(write_export_card(out, finished_run))
    assert card.data.tags[-1] == "tflite"
    assert "(1, 128, 128, 3)" in html
    assert "<td>model_int8.tflite</td>" in html
    assert "4.01" in html and "0.2 ms." in html
    (out / "README.md").unlink()
    text = write_run_card(finished_run).read_text()  # of both
    assert "folder `export`" in text and (out / "README.md").is_file()


def test_an_export_of_another_model_says_what_it_knows(finished_run, tmp_path):
    manifest = finished_run.read_manifest() | {
        "files": {ROW["file"]: {"format": "tflite", "sha256": "0" * 64}},
        "accuracy": {"top_1": 0.75, "top_3": None, "n": 20},
    }
    write_manifest(manifest, tmp_path)
    (tmp_path / "report.json").write_text(json.dumps({"files": [ROW]}))
    _, card = page(write_export_card(tmp_path))
    assert card.data.eval_results[0].metric_value == 0.75
    write_manifest(manifest | {"accuracy": None}, tmp_path)
    report = {"files": [ROW], "keras_accuracy": 0.7, "pictures": 9}
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert "On 9 test pictures" in write_export_card(tmp_path).read_text()
    assert "its pictures are not known here" in card.text


@pytest.mark.parametrize(
    "place, name",
    [
        ("/home/ann/birds/", "birds"),
        (r"C:\ann\birds", "birds"),
        ("awa2:/data/AwA2", "AwA2"),
        ("tfds:cars196", "cars196"),
        ("hf://ann/birds", "birds"),
    ],
)
def test_a_place_is_told_without_its_path(place, name):
    assert data_name(place) == name
