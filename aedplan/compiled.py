"""One way to compile a kernel: numba, releasing the interpreter lock, cached beside the source where that can be written."""

from collections.abc import Callable
from typing import Any

import numba


def compiled(kernel: Callable[..., Any]) -> Any:
    """The kernel compiled on first call; its plain Python form stays reachable as `.py_func`."""
    try:
        return numba.njit(nogil=True, cache=True)(kernel)
    except RuntimeError:  # numba found no folder it may write a cache to: compile in every process instead
        return numba.njit(nogil=True)(kernel)
