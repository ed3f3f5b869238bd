"""The licences of the phone app and its runtimes."""

import importlib.metadata

_LITERT = """\
LiteRT.js (@litertjs/core, @litertjs/wasm-utils)
Copyright Google LLC. The files in lib/litert are theirs, except for the name \
of one import and the references to source maps. Under the same licence, the \
Apache License 2.0, printed above."""
_ONNXRUNTIME = "ONNX Runtime Web (onnxruntime-web), in lib/ort"
_RULER = f"\n{'=' * 72}\n\n"


def licenses(engine):
    """Returns the text of LICENSES.txt.

    Args:
        engine: `"litert"`, or `"onnxruntime"` for an app with both.
    """
    own = importlib.metadata.distribution("kerasfg")
    parts = [
        "This app was made by kerasfg and contains the work of others.\n",
        f"kerasfg\n\n{own.read_text('licenses/LICENSE').rstrip()}\n",
        f"{_LITERT}\n",
    ]
    if engine == "onnxruntime":
        # The npm package has no licence file; the Python package's is the same.
        python = importlib.metadata.distribution("onnxruntime")
        for name in ("LICENSE", "ThirdPartyNotices.txt"):
            text = python.locate_file(f"onnxruntime/{name}").read_text("utf-8")
            parts.append(f"{_ONNXRUNTIME}: {name}\n\n{text.rstrip()}\n")
    return _RULER.join(parts)
