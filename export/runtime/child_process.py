"""A process that answers requests, with limits of time and memory."""

import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

from kerasfg import child_process
from kerasfg.child_process import end_child
from kerasfg.child_process import how_it_ended
from kerasfg.child_process import start_child
from kerasfg.export.runtime.messages import receive
from kerasfg.export.runtime.messages import send

SERVE = pathlib.Path(__file__).with_name("serve.py")
_PACKAGE = pathlib.Path(child_process.__file__).parent
# How Python, C++ and onnxruntime say it.
_NO_MEMORY = ("MemoryError", "bad_alloc", "Failed to allocate memory")


class ChildProcess:
    """Runs `serve.py`, which imports neither Keras nor TensorFlow.

    Args:
        format_: `"tflite"` or `"onnx"`.
        max_memory: Bytes of address space it may take beyond what it starts
            with, where the system can limit that.
        time_limit: Seconds until an answer.
    """

    def __init__(self, format_, max_memory, time_limit):
        self._max_memory, self._time_limit = max_memory, time_limit
        self._is_late = False
        self._stderr = tempfile.TemporaryFile()
        told = [format_, str(max_memory), str(_PACKAGE)]
        self._process = start_child(
            [sys.executable, "-P", str(SERVE), *told],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )

    def close(self):
        """Ends the process."""
        end_child(self._process)
        self._stderr.close()

    def ask(self, request, payload=b""):
        """Sends a request and waits for its answer.

        Args:
            request: Dictionary.
            payload: Bytes that go with it. Defaults to none.

        Returns:
            `(answer, payload)`: a dictionary and bytes.

        Raises:
            RuntimeError: If the answer is an error, or there is none, as the
                process has crashed or broken a limit.
        """
        timer = threading.Timer(self._time_limit, self._stop)
        timer.start()
        try:
            message = self._exchange(request, payload)
            if message is None:
                self._process.wait()
        finally:
            timer.cancel()
        if message is None:
            raise RuntimeError(self._why_it_ended())
        answer, payload = message
        if "error" in answer:
            raise RuntimeError(self._reason(answer["error"]))
        return answer, payload

    def _exchange(self, request, payload):
        try:
            send(self._process.stdin, request, payload)
            return receive(self._process.stdout)
        except BrokenPipeError:
            return None

    def _stop(self):
        self._is_late = True
        self._process.kill()

    def _why_it_ended(self):
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace")
        if self._is_late:
            return (
                f"its process gave no answer within {self._time_limit:g} s "
                "and was stopped"
            )
        if self._reason(said) != said:
            return self._reason(said)
        how = f"its process {how_it_ended(self._process)}"
        code = self._process.returncode
        if code == -signal.SIGKILL:
            return f"{how}, as the system does for memory"
        last = said.strip().split("\n")[-1][:300]
        return how if code < 0 else f"{how}: {last}"

    def _reason(self, said):
        """Says it in words where it is for want of memory."""
        if not any(x in said for x in _NO_MEMORY):
            return said
        return (
            "its process needs more memory than the "
            f"{self._max_memory / 2**20:,.0f} MiB that it may take"
        )
