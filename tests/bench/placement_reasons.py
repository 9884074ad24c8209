"""Why a row of the placement benchmark is not met, by the key of the row; printed only where it is not."""

_VALUE = (
    "The bound is not what is left: the linear program is solved to about a tenth of a per cent within seconds, and more time"
    " moves neither side much. What remains is the plan's value, and the gap between the linear program and whole devices,"
    " which only branching can close. Next: exact subproblems on neighbourhoods, and mixing several guided plans."
)
_CLOCK = (
    "About 1.5 s is merging a million cells, about as much the child process with HiGHS; measured while the machine's other"
    " core was busy. Next: branching in the same process."
)

REASONS: dict[str, str] = {
    "a_1m_5.5": _CLOCK,
    "a_1m_6.25": _CLOCK,
    "a_1m_5": _CLOCK,
    "a_1m_4.25": _CLOCK,
    "b1_50_10": _VALUE,
    "b1_50_60": _VALUE,
    "b5_100_30": _VALUE,
    "b5_100_120": _VALUE,
    "b5_500_30": _VALUE,
    "b5_500_120": _VALUE,
}
