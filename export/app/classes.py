"""What an app shows of the classes of a model: classes.json and examples."""

import difflib
import json

from kerasfg.export.app.examples import write_examples

CLASSES = "classes.json"


def write_classes(folder, file, manifest, names=None, examples=None):
    """Writes `classes.json`, and an example picture of each class.

    Args:
        folder: The model's folder in the app.
        file: Name of the model file in it.
        manifest: Content of the export's `kerasfg.json`.
        names: `{class: {language: name}}`. Defaults to `None`.
        examples: Function from the name of a class to pictures of it, see
            `kerasfg.export.app.examples.write_examples`. Defaults to `None`.
    """
    labels = manifest["class_names"]
    shown = {label: {} for label in labels}
    confused = manifest.get("confused_with")
    if isinstance(confused, dict):
        for label, others in confused.items():
            if label in shown and isinstance(others, list):
                known = [
                    other
                    for other in others
                    if isinstance(other, str) and other in shown
                ]
                shown[label]["confused_with"] = known
    for label, of_class in (names or {}).items():
        if label in shown:
            shown[label]["names"] = of_class
    if examples is not None:
        paths = write_examples(folder, file, manifest, examples)
        for label, path in paths.items():
            shown[label]["example"] = path
    classes = {label: facts for label, facts in shown.items() if facts}
    text = json.dumps({"classes": classes}, ensure_ascii=False)
    (folder / CLASSES).write_text(text + "\n", "utf-8")


def check_names(names, manifests, languages):
    """Checks names of classes in other languages.

    Args:
        names: `{class: {language: name}}`.
        manifests: Contents of the `kerasfg.json` of the app's models.
        languages: Those of the app's texts.

    Raises:
        ValueError: If a class belongs to no model, or the app has no texts in a
            language.
    """
    known = {name for each in manifests for name in each["class_names"]}
    for label, of_class in names.items():
        if label not in known:
            near = difflib.get_close_matches(label, known, 1)
            raise ValueError(
                "`names` must name classes of the models, as in labels.txt"
                + (f" (is {near[0]!r} meant?)" if near else "")
                + f". Received: class {label!r}"
            )
        for language in of_class:
            if language not in languages:
                raise ValueError(
                    "A language in `names` must be one of the app's texts: "
                    f"{', '.join(languages)}. Received: {language!r} for "
                    f"{label!r}"
                )
