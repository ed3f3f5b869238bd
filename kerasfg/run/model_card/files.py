"""How to use a model, and its exported files, in a model card."""

from kerasfg.run.model_card.escape import escape
from kerasfg.run.model_card.escape import table
from kerasfg.run.model_card.results import percent

_FOLDER = "FOLDER"
OF_FOLDER = " `FOLDER` is the folder of this card."


def how_to_use(facts, address=None):
    """Returns commands and Python that use the model, as Markdown.

    Args:
        facts: `Facts`.
        address: `hf://USER/NAME`, or `None` for the folder where it lies.
    """
    place = address or _FOLDER
    where = "" if address else OF_FOLDER
    shown = [
        f"With kerasfg (`pip install kerasfg`).{where}\n",
        f"```\n{command(place)}\n```\n",
    ]
    suffixes = {name.rpartition(".")[2] for name in facts.manifest["files"]}
    if not facts.is_export:
        shown.append(_keras(place, address))
    if facts.is_export and "tflite" in suffixes:
        shown.append(_tflite(facts))
    if facts.is_export and "onnx" in suffixes:
        shown.append(
            "The `.onnx` files run in ONNX Runtime and take and give the same "
            "numbers; each holds a `kerasfg.json` in its metadata."
        )
    return "\n".join(shown).rstrip()


def command(place=_FOLDER):
    """Returns the command that classifies a picture with the model."""
    return f"kerasfg predict {place} photo.jpg"


def _keras(place, address):
    file = f'"{place}/model.keras"'
    fetch = ""
    if address:
        repo = address.removeprefix("hf://")
        fetch = (
            "from huggingface_hub import hf_hub_download\n\n"
            f'file = hf_hub_download("{repo}", "model.keras")\n'
        )
        file = "file"
    return (
        "In Keras; the input is pixels from 0 to 255, shrunk as "
        "`kerasfg.data.shrink` does, and the output the probabilities:\n\n"
        f"```python\nimport keras\n\nimport kerasfg\n{fetch}\n"
        f"model = keras.saving.load_model({file})\n```"
    )


def _tflite(facts):
    name = facts.manifest["recommended"]
    files = facts.manifest["files"]
    if not name or not name.endswith(".tflite"):
        name = min(x for x in files if x.endswith(".tflite"))
    side = files[name].get("image_size", facts.manifest["image_size"])
    return (
        "On a phone: LiteRT (TensorFlow Lite) runs the `.tflite` files. "
        f"`{name}` takes RGB pixels from 0 to 255, `(1, {side}, {side}, 3)`, "
        "and gives the probabilities in the order of `labels.txt`:\n\n"
        "```python\nfrom ai_edge_litert.interpreter import Interpreter\n\n"
        f'interpreter = Interpreter("{name}")\n'
        "interpreter.allocate_tensors()\n```\n"
    )


def exported_files(facts):
    """Returns a table of the exported files, as Markdown; `""` if none."""
    if facts.exported is None:
        return ""
    header = "file", "MB", "milliseconds, 1 thread", "accuracy", "checked"
    rows = [
        [
            escape(row["file"]),
            _number(row.get("bytes"), 1e6, ".2f"),
            _number((row.get("latency_ms") or {}).get("1", [None])[0]),
            percent(row.get("accuracy")),
            "passed" if row.get("verdict") == "passed" else "not used",
        ]
        for row in facts.exported["files"]
        if row.get("bytes")
    ]
    why = facts.exported.get("why")
    advice = ""
    if facts.exported.get("recommended") and why:
        name = escape(facts.exported["recommended"])
        advice = f"\n\nTake {name}: {escape(why, 500)}"
    inside = "" if facts.is_export else " They are in the folder `export`."
    return (
        "Each was run in its own runtime and compared with Keras on the test "
        "pictures. Times are of the computer that exported them, the middle "
        f"one of many.{inside}\n\n{table(header, rows)}{advice}"
    )


def _number(value, divisor=1, form=".1f"):
    return "\N{EN DASH}" if value is None else f"{value / divisor:{form}}"
