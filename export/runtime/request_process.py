"""RequestProcess: a process that answers requests, within limits."""

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
# Errors of Python, C++ and onnxruntime for lack of memory.
_NO_MEMORY = ("MemoryError", "bad_alloc", "Failed to allocate memory")


class RequestProcess:
    """Runs `serve.py`, which imports neither Keras nor TensorFlow.

    Args:
        format_: `"tflite"` or `"onnx"`.
        max_memory: Largest growth of its address space after its start, in
            bytes; on Linux.
        time_limit: Seconds until an answer.
    """

    def __init__(self, format_, max_memory, time_limit):
        self._max_memory, self._time_limit = max_memory, time_limit
        self._is_late = False
        self._stderr = tempfile.TemporaryFile()
        arguments = [format_, str(max_memory), str(_PACKAGE)]
        self._process = start_child(
            [sys.executable, "-P", str(SERVE), *arguments],
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
            RuntimeError: If the answer is an error, or if there is none
                because the process crashed or exceeded a limit.
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
        stderr_text = self._stderr.read().decode(errors="replace")
        if self._is_late:
            return (
                f"its process gave no answer within {self._time_limit:g} s "
                "and was stopped"
            )
        reason = self._reason(stderr_text)
        if reason != stderr_text:
            return reason
        how = f"its process {how_it_ended(self._process)}"
        code = self._process.returncode
        if code == -signal.SIGKILL:
            return f"{how}, as the system does for memory"
        last = stderr_text.strip().split("\n")[-1][:300]
        return how if code < 0 else f"{how}: {last}"

    def _reason(self, stderr_text):
        """Explains an out-of-memory error; returns other texts unchanged."""
        if not any(x in stderr_text for x in _NO_MEMORY):
            return stderr_text
        return (
            "its process needs more memory than the "
            f"{self._max_memory / 2**20:,.0f} MiB that it may take"
        )
