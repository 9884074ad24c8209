"""One way to compile a kernel: numba, releasing the interpreter lock, cached beside the source where that can be written."""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _numba() -> Any:
    """numba, without scipy.linalg.

    When numba loads its first kernel, it imports scipy.linalg to learn whether matrices can be multiplied, 0.2 s for what
    no kernel here does. scipy is always installed beside aedplan, so the question is answered without the import; code
    that does multiply matrices imports it then.
    """
    import numba
    from numba.np import linalg

    if "numba.np.arraymath" not in sys.modules and hasattr(linalg, "ensure_blas"):
        ask, linalg.ensure_blas = linalg.ensure_blas, lambda: None
        try:
            from numba.np import arraymath
        finally:
            linalg.ensure_blas = ask
        arraymath.ensure_blas = ask  # type: ignore[attr-defined]
    return numba


def compiled(kernel: Callable[..., Any]) -> Any:
    """The kernel compiled on first call; its plain Python form stays reachable as `.py_func`."""
    numba = _numba()
    try:
        return numba.njit(nogil=True, cache=True)(kernel)
    except RuntimeError:  # numba found no folder it may write a cache to: compile in every process instead
        return numba.njit(nogil=True)(kernel)


@lru_cache
def form_of(kernel: Callable[..., Any], fast: bool) -> Any:
    """A kernel that also runs as plain Python, in one form or the other: compiled when it is to be fast.

    For a few origins plain Python answers sooner than the compiler loads; both forms give the same bits.
    """
    return compiled(kernel) if fast else kernel
