"""What aedplan raises.

AedplanError
+-- InputError (also ValueError)     something given is wrong: says where, and what was expected
+-- InfeasibleError                  no plan keeps the budget and the quotas: names the groups that clash
+-- MissingLibraryError              an optional library is not installed: names the command that installs it
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .problem import Quota


class AedplanError(Exception):
    """Anything aedplan raises on purpose."""


class InputError(AedplanError, ValueError):
    """Bad input; one message holds every fault found.

    faults  one sentence each: where (file, sheet, row), what is wrong, what was expected
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class InfeasibleError(AedplanError):
    """No plan meets every constraint.

    quotas  those that clash with one another or with the budget
    """

    def __init__(self, message: str, *, quotas: "tuple[Quota, ...]" = ()) -> None:
        super().__init__(message)
        self.quotas = quotas


class MissingLibraryError(AedplanError):
    """A library that this call needs is not installed."""


def raise_faults(faults: Iterable[str]) -> None:
    """Raise one InputError with all faults, or return when there are none."""
    found = tuple(faults)
    if found:
        raise InputError(*found)
