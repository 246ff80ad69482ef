"""Memory that is freed, and asked for again."""

import platform
import subprocess
import sys

import pytest

ASKED = """
import resource
import numpy as np
from lpg.jobs.machine import keep_freed_memory
if {kept}:
    keep_freed_memory()
def faults():
    np.ones(32 * 2**20, np.uint8)  # 8,192 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
first = faults()
print(faults() - first)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is another")
@pytest.mark.parametrize(("kept", "least", "most"), [(False, 12, 1e9), (True, 0, 10)])
def test_what_was_freed_is_given_again_without_the_kernel(kept, least, most):
    """A page is asked of the kernel by a fault; huge pages are few, but no fewer than 16."""
    called = [sys.executable, "-c", ASKED.format(kept=kept)]
    faults = int(subprocess.run(called, check=True, capture_output=True, text=True).stdout)
    assert least <= faults <= most
