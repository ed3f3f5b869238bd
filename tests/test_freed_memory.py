import os
import platform
import subprocess
import sys

import pytest

import kerasfg.freed_memory

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="it is a setting of glibc"
)

# The module alone, as importing the package takes seconds.
FUNCTION = f"""
import runpy, sys
names = runpy.run_path({kerasfg.freed_memory.__file__!r})
keep_freed_memory = names["keep_freed_memory"]
"""
FAULTS = """
import resource
import numpy as np
if "keep" in sys.argv:
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2**23)
before = faults()
for _ in range(10):
    np.ones(2**23)  # 64 MiB, freed at once
print(faults() - before)
"""


def run(code, *arguments, **variables):
    variables["NUMPY_MADVISE_HUGEPAGE"] = "0"  # a fault for every page
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", FUNCTION + code, *arguments],
        env=kept | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()[-1]


@pytest.mark.slow
def test_freed_memory_is_used_again():
    pages = 10 * 2**26 // os.sysconf("SC_PAGE_SIZE")
    assert int(run(FAULTS)) > pages / 2
    assert int(run(FAULTS, "keep")) < pages / 100


@pytest.mark.slow
def test_the_environment_has_the_last_word():
    code = "print(keep_freed_memory())"
    assert run(code) == "True"
    assert run(code, MALLOC_TRIM_THRESHOLD_="1000000") == "False"
