"""The results in a model card, section by section."""

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.display import percents
from kerasfg.run.model_card.escape import escape
from kerasfg.run.model_card.escape import table

MOST_CLASSES = 10  # best and worst ones
MOST_ROWS = 40  # of any other table
_MEASURES = {
    "top_1": "Accuracy",
    "top_3": "Right class among the best 3",
    "top_5": "Right class among the best 5",
    "balanced_accuracy": "Accuracy, mean of the classes",
    "macro_f1": "F1, mean of the classes",
}


def accuracy(facts):
    """How often it is right, as Markdown."""
    tested = facts.tested
    if not tested:
        return "It was not measured."
    rows = [
        [title, percent(tested[key]), percents(tested.get(f"{key}_interval"))]
        for key, title in _MEASURES.items()
        if tested.get(key) is not None
    ]
    return (
        f"On {tested['n']:,} test pictures, which the training did not use:"
        f"\n\n{table(('measure', 'value', '95 % interval'), rows)}"
    )


def by_class(facts):
    """The best and the worst classes, as Markdown; `""` if not measured."""
    found = _of_test(facts, "per_class")
    rows = [row for row in found if row["accuracy"] is not None]
    if not rows:
        return ""
    rows.sort(key=lambda row: (row["accuracy"], -row["n"]))
    note = f"All {len(rows)} classes, the worst first."
    if len(rows) > 2 * MOST_CLASSES:
        note = (
            f"The {MOST_CLASSES} worst and the {MOST_CLASSES} best of "
            f"{len(rows)} classes. All are in `report.json` of the run."
        )
        rows = rows[:MOST_CLASSES] + rows[-MOST_CLASSES:]
    header = "class", "test pictures", "found", "right when named"
    lines = [
        [
            escape(row["class"]),
            str(row["n"]),
            percent(row["accuracy"]),
            percent(row.get("precision")),
        ]
        for row in rows
    ]
    return f"{note}\n\n{table(header, lines)}{_pairs(facts)}"


def _pairs(facts):
    pairs = _of_test(facts, "worst_pairs")[:3]
    if not pairs:
        return ""
    said = "; ".join(
        f"{escape(pair['true'])} taken for {escape(pair['predicted'])} "
        f"({pair['count']} times)"
        for pair in pairs
    )
    return f"\n\nMost frequent mistakes: {said}."


def by_resolution(facts):
    """Accuracy by resolution, as Markdown; `""` if not measured."""
    rows = _of_test(facts, "resolutions")[:MOST_ROWS]
    if not rows:
        return ""
    header = "side in pixels", "accuracy", "95 % interval"
    lines = [
        [
            str(row["resolution"]),
            percent(row["top_1"]),
            percents(row.get("top_1_interval")),
        ]
        for row in rows
    ]
    return (
        "The test pictures, shrunk to fewer pixels as if taken from farther "
        f"away:\n\n{table(header, lines)}"
    )


def how_sure(facts):
    """Calibration and "not sure", as Markdown; `""` if not measured."""
    if facts.report is None:
        return ""
    test, report = facts.report["test"], facts.report
    error, sure = test["calibration"], test["sure"]
    lines = [
        "The probabilities are divided by a temperature of "
        f"{report['temperature']:.2f}, fitted on the validation pictures. "
        "After that their calibration error on the test pictures is "
        f"{percent(error['error_after_temperature'])} "
        f"({percent(error['error'])} before).",
        "",
    ]
    if not sure["n"]:
        lines.append("No answer on a test picture is sure enough to be given.")
    else:
        lines.append(
            f'An answer below {percent(report["threshold"])} is shown as "not '
            f'sure". {percent(sure["coverage"])} of the test pictures get an '
            f"answer, and {percent(sure['accuracy'])} of these are right "
            f"(95 % interval {percents(sure.get('accuracy_interval'))})."
        )
    return "\n".join(lines)


def unknown_things(facts):
    """What happens with pictures of other things, as Markdown."""
    found = _of_test(facts, "familiarity") or {}
    rows = [row for row in found.get("foreign") or () if "let_through" in row]
    kept = ""
    if found.get("kept") is not None:
        kept = (
            "Each answer has a familiarity; below 0.5 the picture counts as "
            f"none of the classes. {percent(found['kept'])} of the test "
            "pictures are familiar. "
        )
    if not rows:
        return (
            f"{kept}It was not measured how many pictures of other things pass "
            "as one of the classes."
        )
    header = "pictures of", "number", "taken for known", "95 % interval"
    lines = [
        [
            escape(row.get("name", "others")),
            f"{row['pictures']:,}",
            percent(row["let_through"]),
            percents(row.get("let_through_interval")),
        ]
        for row in rows[:MOST_ROWS]
    ]
    return (
        f"{kept}Of pictures of other things this share passes:\n\n"
        f"{table(header, lines)}"
    )


def _of_test(facts, key):
    return ((facts.report or {}).get("test") or {}).get(key) or []
