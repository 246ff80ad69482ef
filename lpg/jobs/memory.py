"""What the C library does with memory that a network has given back."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h


def keep_freed_memory() -> None:
    """From here on malloc hands freed memory out again, and does not ask the kernel for every large tensor.

    The kernel clears what it gives page by page: a sixth of a training step (docs/performance.md). The process keeps
    its peak until it ends, and threads may add a tenth. Where the C library is not glibc, nothing happens.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_MMAP_MAX, 0)
        library.mallopt(M_TRIM_THRESHOLD, -1)
