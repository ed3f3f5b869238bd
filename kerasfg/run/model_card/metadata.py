"""The metadata of a model card, which the Hub reads."""

from kerasfg.evaluation.display import display_name

TASK = "image-classification"
TAGS = ("fine-grained", "kerasfg")
METRICS = {
    "accuracy": ("top_1", "Accuracy"),
    "f1": ("macro_f1", "F1, mean of the classes"),
}
# Those that the Hub knows, of the ones that people write.
LICENSES = {
    "afl-3.0",
    "agpl-3.0",
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "gpl-3.0",
    "lgpl-3.0",
    "mit",
    "mpl-2.0",
    "openrail",
    "unlicense",
}
_HUB = "hf://"
_LONGEST = 96


def metadata_of(facts):
    """Returns the metadata of a model card, checked by `huggingface_hub`.

    Args:
        facts: `Facts`.

    Returns:
        Text in YAML.
    """
    from huggingface_hub import ModelCardData

    places = facts.recipe.data.places if facts.recipe else ()
    data_sets = [x for x in map(_data_set_of_hub, places) if x]
    data = ModelCardData(
        library_name="keras",
        license=_license(facts.manifest["license"]),
        pipeline_tag=TASK,
        tags=[*TAGS, *_formats(facts)],
        datasets=data_sets or None,
        metrics=list(METRICS) if facts.report else ["accuracy"],
        model_name=_plain(facts.name),
        eval_results=_results(facts, places, data_sets) or None,
    )
    return data.to_yaml(line_break="\n").strip()


def data_name(place):
    """Returns what the pictures of a place are called, without a path.

    Example:

    >>> data_name("/home/ann/photos/birds")
    'birds'
    """
    last = place.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return last.rpartition(":")[2] or "field_guide"


def _results(facts, places, data_sets):
    from huggingface_hub import EvalResult

    tested = facts.tested or {}
    names = ", ".join(map(data_name, places)) or "pictures"
    return [
        EvalResult(
            task_type=TASK,
            dataset_type=data_sets[0] if data_sets else "imagefolder",
            dataset_name=_plain(names),
            dataset_split="test",
            metric_type=kind,
            metric_value=round(tested[key], 4),
            metric_name=title,
        )
        for kind, (key, title) in METRICS.items()
        if tested.get(key) is not None
    ]


def _formats(facts):
    if not facts.is_export:
        return ()
    files = facts.manifest["files"].values()
    return tuple(sorted({str(x.get("format")) for x in files}))


def _license(text):
    """The Hub's name of a licence; `other` for one that it does not know."""
    word = "-".join(text.lower().split())
    if not word:
        return None
    return word if word in LICENSES else "other"


def _data_set_of_hub(place):
    if not place.startswith(_HUB):
        return None
    name = place.removeprefix(_HUB).removeprefix("datasets/").partition("@")[0]
    # A folder may be given in this form, too.
    return name if name.count("/") == 1 and not name.startswith("/") else None


def _plain(text):
    return display_name(text, _LONGEST)
