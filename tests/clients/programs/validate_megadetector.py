"""Prints what MegaDetector's validator says of each file, as JSON lines.

The package is installed without what it depends on: none of that is needed to
validate, so it is replaced.
"""

import importlib.machinery
import json
import sys
from unittest import mock

ABSENT = {
    *("PIL", "clipboard", "cv2", "dateutil", "humanfriendly", "jsonpickle"),
    *("matplotlib", "numpy", "pandas", "pyqtree", "pytest", "requests"),
    *("scipy", "send2trash", "shapely", "sklearn"),
}


class Absent:
    """Finds a stand-in for each package that is not installed."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] not in ABSENT:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = mock.MagicMock()
        module.__path__, module.__spec__ = [], spec
        module.__name__ = spec.name
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(Absent())

from megadetector.postprocessing import validate_batch_results as validator  # noqa: E402

for file in sys.argv[1:]:
    found = validator.validate_batch_results(file)["validation_results"]
    print(json.dumps([found["errors"], found["warnings"]]))
