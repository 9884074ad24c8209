"""Coverage as it is at this moment: open and ready devices against those on paper, what takes the rest, and what each
device is worth to the county.

Rows are devices, columns are cells of demand (see aedplan.coverage). Lost demand meets the causes in one fixed order and
is counted at the first that takes it, as in the planner's losses: where no device within reach is open it is lost to
closed doors; else to what is wrong with the open ones, by the cause that is easiest to mend.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aedplan.checks import length_faults
from aedplan.errors import raise_faults

from ..ready.readiness import RANK, Readiness

UNIT_ZH, UNIT_EN = "预期心搏骤停，例/年", "expected arrests per year"

CAUSES = ("kept", "unchecked", "expired", "used", "faulty", "away", "closed")
"""What remains, then the causes: of one cell the first among its open devices counts, `closed` where none is open."""

CAUSES_ZH = {
    "kept": "真正覆盖",
    "unchecked": "逾期未检查或未找到",
    "expired": "电极片或电池过期、缺失",
    "used": "使用后尚未检查",
    "faulty": "设备有故障",
    "away": "设备停用或不在原处",
    "closed": "场所关门或开放时间不明",
}
CAUSES_EN = {
    "kept": "really covered",
    "unchecked": "not checked in time, or not found",
    "expired": "pads or battery expired or missing",
    "used": "used and not yet checked",
    "faulty": "the device has a fault",
    "away": "the device is out of service or not there",
    "closed": "the place is closed, or its hours are not known",
}
_CAUSE_OF = {
    "check_overdue": "unchecked",
    "never_checked": "unchecked",
    "not_found": "unchecked",
    "no_part": "expired",
    "no_expiry": "expired",
    "expired": "expired",
    "used": "used",
    "lifecycle_in_use": "used",
    "item_failed": "faulty",
    "defect_critical": "faulty",
}
"""By reason of readiness; every other step of a device's life is `away`."""


def cause_of(readiness: Readiness) -> str:
    """Why a device does not count, by its reason that is hardest to mend; "kept" when it counts.

    >>> cause_of(Readiness("READY", (), None))
    'kept'
    """
    if readiness.usable:
        return "kept"
    stopping = [reason.code for reason in readiness.reasons if RANK[reason.state] > RANK["EXPIRING"]]
    return max((_CAUSE_OF.get(code, "away") for code in stopping), key=CAUSES.index)


@dataclass(frozen=True)
class CoverageNow:
    """Weights of demand, in the unit of the cells.

    total      all demand
    paper      covered if every device were open and ready
    effective  covered now
    lost       paper less effective, by cause
    """

    total: float
    paper: float
    effective: float
    lost: Mapping[str, float]


def coverage_now(covers: Any, weight: np.ndarray, *, is_open: np.ndarray, cause: np.ndarray) -> CoverageNow:
    """Coverage of this moment.

    covers   (n, K) scipy sparse of bool: which cells a device covers on paper
    weight   (K,) demand of each cell at this moment
    is_open  (n,) bool; a device whose hours are not known is not open
    cause    (n,) of CAUSES: "kept" where the device counts when it is open

    Raises InputError when sizes differ or a cause is not known.
    """
    _check(covers, weight, is_open=is_open, cause=cause)
    left = np.asarray(covers.astype(bool).sum(axis=0)).ravel() > 0
    paper = float(weight[left].sum())
    lost = {}
    for name in CAUSES[:-1]:
        here = left & _reached(covers, is_open & (cause == name))
        lost[name] = float(weight[here].sum())
        left &= ~here
    lost["closed"] = float(weight[left].sum())
    effective = lost.pop("kept")
    return CoverageNow(float(weight.sum()), paper, effective, lost)


def worth_now(covers: Any, weight: np.ndarray, *, works: np.ndarray) -> np.ndarray:
    """(n,) demand that hangs on each device: lost if a working one fails, won back if one that fails is mended.

    covers  (n, K) with the cells of the whole week, a closed device covering none of a period's: then the worth is that
            of a mean hour, not of this one
    works   (n,) bool
    """
    _check(covers, weight, works=works)
    matrix = covers.astype(float).tocsr()
    backing = np.asarray(matrix[np.flatnonzero(works)].sum(axis=0)).ravel()
    alone, nobody = np.where(backing == 1, weight, 0.0), np.where(backing == 0, weight, 0.0)
    return np.asarray(np.where(works, matrix @ alone, matrix @ nobody))


def by_worth(worth: np.ndarray) -> np.ndarray:
    """(n,) numbers of the devices, what the county loses most by first; equal ones in their order."""
    return np.argsort(-worth, kind="stable")


def _reached(covers: Any, rows: np.ndarray) -> np.ndarray:
    """(K,) bool: cells that any of the rows covers."""
    found = np.zeros(covers.shape[1], dtype=bool)
    found[covers.tocsr()[np.flatnonzero(rows)].indices] = True
    return found


def _check(covers: Any, weight: np.ndarray, **columns: np.ndarray) -> None:
    faults = length_faults("coverage", covers.shape[0], **columns)
    faults += length_faults("coverage", covers.shape[1], weight=weight)
    strange = sorted(set(columns.get("cause", np.zeros(0, dtype=str)).tolist()) - set(CAUSES))
    raise_faults(faults + [f"coverage: cause {name!r} is not known; known: {', '.join(CAUSES)}" for name in strange])
