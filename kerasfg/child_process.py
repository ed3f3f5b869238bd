"""Processes that end with the process that started them.

The child's standard input is a pipe. When the parent ends, in whatever way, the
system closes the pipe, which the child notices.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading

# Return code of a process that is out of reach.
LOST = -1000


def start_child(command, **options):
    """Starts a process that calls `end_with_parent`.

    Ctrl-C in the terminal interrupts only the parent, which ends its children.

    Args:
        command: List of the program and its arguments.
        **options: Further arguments of `subprocess.Popen`.

    Returns:
        The `subprocess.Popen`, with a pipe as `stdin`.
    """
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, start_new_session=True, **options
    )


def end_with_parent():
    """Ends this process as soon as the one that started it has ended.

    A thread waits for that and reads nothing, so that the parent may also send
    something through the pipe. Not available on Windows, where the child goes
    on until its work is done.
    """
    if hasattr(select, "poll"):
        threading.Thread(target=_wait_and_end, daemon=True).start()


def end_child(process):
    """Kills a process if it runs, and closes its `stdin` and `stdout`.

    Args:
        process: The `subprocess.Popen`.
    """
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def how_it_ended(process):
    """Waits for a process to end, and describes how it ended.

    Args:
        process: The `subprocess.Popen`.

    Returns:
        `"was killed by SIGKILL"`, `"ended with the exit code 3"` or `"is out
        of reach: ..."`.
    """
    code = process.wait()
    if code == LOST:
        return "is out of reach: its machine is lost, or Ray ended it"
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with the exit code {code}"


def _wait_and_end():
    pipe = select.poll()
    pipe.register(sys.stdin.fileno(), select.POLLHUP)
    while not pipe.poll():
        pass
    os._exit(1)
