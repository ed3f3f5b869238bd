"""Any Keras classifier in, verified files for the phone out.

Importing this imports no TensorFlow and no runtime; the functions do.
"""

from kerasfg.export.exporter import export
from kerasfg.export.manifest import read_manifest
from kerasfg.export.onnx import export_onnx
from kerasfg.export.runtime.load import load
from kerasfg.export.tflite import export_tflite
from kerasfg.export.verify import Verification
from kerasfg.export.verify import VerificationError
from kerasfg.export.verify import verify

__all__ = [
    "Verification",
    "VerificationError",
    "export",
    "export_onnx",
    "export_tflite",
    "load",
    "read_manifest",
    "verify",
]
