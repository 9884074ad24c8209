"""Why a row of the benchmark is not met, by the key of the row; printed only where it is not."""

REASONS: dict[str, str] = {
    "networkx": (
        "streets are joined from junction to junction, so that a circle of 312 m holds some 30 nodes and networkx itself needs "
        "little; 25x would be within one and a half times the floor of the row below, every node being a point as well"
    ),
    "scipy_few": (
        "with 8 sources at a time scipy's dense answer stays in the processor's cache and costs little more than filling it; "
        "at 1 M nodes, where it no longer fits, the goal is passed"
    ),
}
