"""Keeps freed memory in the process, to be used again."""

from __future__ import annotations

import ctypes
import os

# Parameters of mallopt, numbered as in <malloc.h>, and their values.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_SETTINGS = {
    _M_MMAP_MAX: 0,  # no tensor has a mapping of its own
    _M_TRIM_THRESHOLD: -1,  # no memory is returned
    _M_TOP_PAD: 64 * 2**20,  # bytes to grow by
    _M_ARENA_MAX: 1,  # one heap, since those of threads are at most 64 MiB
}


def keep_freed_memory() -> bool:
    """Makes glibc keep the memory that TensorFlow frees, for its next step.

    On the CPU each operator of a training step allocates its tensors and frees
    them again. By default glibc returns those of more than a few MB to the
    operating system at once, so that the next step begins with pages that must
    be cleared again: where page faults are expensive, as on virtual machines,
    they take longer than the computation. Results are the same to the last bit.
    The process needs no more memory than at its peak, but keeps it until it
    ends.

    The commands that train call it. In a script of your own, call it first,
    before threads have heaps of their own.

    Returns:
        Whether it was set. It is not without glibc (macOS, Windows, Alpine), or
        if an environment variable, `MALLOC_...` or `GLIBC_TUNABLES`, sets how
        memory is kept.

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
