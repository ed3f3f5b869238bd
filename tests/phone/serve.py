"""Serves a folder for the tests in a browser: FOLDER PORT [threads]."""

import importlib.util
import sys

# The package without its `__init__`, which imports Keras: as `kerasfg phone`.
spec = importlib.util.find_spec("kerasfg")
sys.modules["kerasfg"] = importlib.util.module_from_spec(spec)

from kerasfg.export.app.server import PhoneServer  # noqa: E402

folder, port, *options = sys.argv[1:]
with PhoneServer(folder, int(port), threads="threads" in options) as server:
    print(server.addresses[0], flush=True)
    server.serve_forever()
