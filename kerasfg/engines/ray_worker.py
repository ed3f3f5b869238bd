"""What runs in the processes of Ray Data."""


def worker_class():
    """Returns the class whose objects work in the processes of Ray Data.

    It is sent as code, for it prepares the process before anything of kerasfg
    is imported there: without a Keras model none of Keras is.
    """

    class Worker:
        """Calls functions with a row.

        Args:
            functions: Pickled tuple of functions, each of what the one before
                it made.
            folder: Folder that relative paths begin in, if it is there.
            is_keras: Whether a function holds a Keras model.
        """

        def __init__(self, functions, folder, is_keras):
            import contextlib
            import importlib.util
            import os
            import pickle
            import sys

            with contextlib.suppress(OSError):
                os.chdir(folder)
            # Ray puts the folder of the command first, where another kerasfg
            # may lie, such as its source.
            sys.path.sort(key=["", folder, os.getcwd()].__contains__)
            if not is_keras and "kerasfg" not in sys.modules:
                spec = importlib.util.find_spec("kerasfg")
                package = importlib.util.module_from_spec(spec)
                sys.modules["kerasfg"] = package
            else:
                import kerasfg  # noqa: F401 (registers the classes)
            self._pickle = pickle
            self._functions = pickle.loads(functions)

        def __call__(self, row):
            result = self._pickle.loads(row["item"])
            try:
                if not isinstance(result, Exception):
                    for function in self._functions:
                        result = function(result)
            # Other errors are mistakes in a program, and shown as such.
            except OSError as error:
                result = OSError(str(error))
            except ValueError as error:
                result = ValueError(str(error))
            except ImportError as error:
                result = ImportError(str(error))
            except RuntimeError as error:
                halted = self._halted()
                if halted is None or not isinstance(error, halted):
                    raise
                result = halted(str(error))
            return {"item": self._pickle.dumps(result)}

        def _halted(self):
            """Returns the class of what ends all, if it is loaded here."""
            import sys

            module = sys.modules.get("kerasfg.data.remote.errors")
            return None if module is None else module.Halted

    return Worker
