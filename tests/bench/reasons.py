"""Why a row of the benchmark is not met, by the key of the row; printed only where it is not."""

_FLOOR = (
    "streets run from junction to junction, so that a circle of 312 m holds some 28 nodes; reading those once, without any"
    " search, takes more than 1 µs a source"
)
_NEAREST = (
    "both settle every node once from a queue, and a step waits for memory four times in a row (entry, node, edges, the"
    " nodes there), so that the ratio falls when others use the processor's cache; ours also gives the same answer whatever"
    " the order of ties"
)
_OUTLINE = (
    "Valhalla contours a coarser grid, and its outline is more than twice as large as what can be walked to; ours contours"
    " a 5 m grid that keeps to the streets reached: laying that grid takes a fifth, joining the place to its street a fifth,"
    " making and simplifying the polygon a quarter, small steps in Python the rest"
)

REASONS: dict[str, str] = {
    "networkx": f"{_FLOOR}; the search takes about 1 µs, finding the points, putting them in order and writing them the rest",
    "scipy": f"{_FLOOR}; scipy needs some 70 to 100 µs, so 150x would be half of that floor: no exact search can reach it",
    "scipy_few": (
        f"{_FLOOR}; with 8 sources at a time scipy's dense answer stays in the processor's cache, and 150x of it is little"
        " more than that floor"
    ),
    "scipy_big": "scipy's time is that of filling its dense answer and varies with the machine; ours is the walk itself",
    "pandana_aggregate": (
        f"{_FLOOR}; pandana sums in 2 µs a node from a hierarchy that it prepares before (not timed here), so 2x is that"
        " floor; ours needs no preparation and counts points anywhere on edges"
    ),
    "pandana_range": "the fixed cost of making pandas tables is less on a quiet machine",
    "valhalla_nearby": "a quarter of our time is the walk, the rest the fixed cost of one call in Python",
    "valhalla_isochrone": _OUTLINE,
    "nearest_scipy": _NEAREST,
    "nearest_networkx": _NEAREST,
    "batch": (
        "importing numba takes a quarter of it and making it ready to load a compiled kernel (its tables of types, and cffi"
        " where that is installed) a third; the walks take 0.05 s, opening the streets 0.03 s"
    ),
    "click": "Python, numpy, shapely and pyproj take most of it to load",
    "threads": (
        "one thread puts the pieces together and makes the answer's memory; the searches share the processor's cache, and on"
        " a machine with two threads to a core also its units"
    ),
    "floor": (
        "the goal is met by the walk alone (stated beside); with every node a point as well, putting each row in order and"
        " writing the pairs cost half as much again"
    ),
}
REASONS["networkx_second"] = REASONS["networkx"]
REASONS["nearest_second"] = REASONS["nearest_scipy"]
REASONS["valhalla_isochrone_4"] = REASONS["valhalla_isochrone"]
REASONS["floor_2"] = REASONS["floor"]
