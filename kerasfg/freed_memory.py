"""Memory that is freed stays with the process, to be used again."""

from __future__ import annotations

import ctypes
import os

# Numbers of <malloc.h>, and what glibc is told by them.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_SETTINGS = {
    _M_MMAP_MAX: 0,  # no tensor has a mapping of its own
    _M_TRIM_THRESHOLD: -1,  # nothing is given back
    _M_TOP_PAD: 64 * 2**20,  # grows by so many bytes
    _M_ARENA_MAX: 1,  # one heap: those of threads are at most 64 MiB
}


def keep_freed_memory() -> bool:
    """Tells glibc to keep the memory that TensorFlow frees, for its next step.

    On the CPU each operator of a training step allocates its tensors and frees
    them again. By default glibc gives those of more than a few MB back to the
    operating system at once, so that the next step begins with pages that have
    to be cleared anew: where page faults are dear, as on virtual machines, they
    take longer than the computing. What is computed is the same to the bit, and
    the process needs no more memory than at its peak, but has it until it ends.

    The commands that train call it. Call it first thing in a script of your
    own, before threads have heaps of theirs.

    Returns:
        Whether it is done: it is not without glibc (macOS, Windows, Alpine), or
        where variables of the environment, `MALLOC_...` or `GLIBC_TUNABLES`,
        say how memory is to be kept.

    Example:

    >>> is_done = keep_freed_memory()
    """
    if any(v.startswith(("MALLOC_", "GLIBC_TUNABLES")) for v in os.environ):
        return False
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    return all(
        library.mallopt(setting, value) == 1
        for setting, value in _SETTINGS.items()
    )
