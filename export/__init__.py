"""Exports Keras classifiers to verified files for the phone.

Importing this imports no TensorFlow and no runtime; the functions do.
"""

from kerasfg.export.app.phone_app import phone_app
from kerasfg.export.bundle import bundle
from kerasfg.export.exporter import export
from kerasfg.export.frames.take_frames import take_frames
from kerasfg.export.measurement.benchmark import Measurement
from kerasfg.export.measurement.benchmark import benchmark
from kerasfg.export.measurement.recommend import recommend
from kerasfg.export.metadata import add_metadata
from kerasfg.export.metadata import read_metadata
from kerasfg.export.onnx import export_onnx
from kerasfg.export.quantization.calibration import calibration_rows
from kerasfg.export.quantize import quantize
from kerasfg.export.report import Report
from kerasfg.export.runtime.load import load
from kerasfg.export.tflite import export_tflite
from kerasfg.export.verification.limits import Limits
from kerasfg.export.verification.verify import Verification
from kerasfg.export.verification.verify import VerificationError
from kerasfg.export.verification.verify import verify
from kerasfg.manifest import read_manifest

__all__ = [
    "Limits",
    "Measurement",
    "Report",
    "Verification",
    "VerificationError",
    "add_metadata",
    "benchmark",
    "bundle",
    "calibration_rows",
    "export",
    "export_onnx",
    "export_tflite",
    "load",
    "phone_app",
    "quantize",
    "read_manifest",
    "read_metadata",
    "recommend",
    "take_frames",
    "verify",
]
