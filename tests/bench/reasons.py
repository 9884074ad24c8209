"""Why a row of the benchmark is not met, by the key of the row; printed only where it is not."""

_FLOOR = (
    "streets run from junction to junction, so that a circle of 312 m holds some 28 nodes; reading those once, without any"
    " search, takes about 1 µs a source"
)

REASONS: dict[str, str] = {
    "networkx": (
        f"{_FLOOR}; networkx needs some 70 µs, so 25x leaves 2.8 µs. The search alone takes 1.4 µs; finding the points on"
        " edges, sorting and writing the pairs take the rest"
    ),
    "scipy": f"{_FLOOR}; scipy needs some 70 µs, so 150x would be half of that floor: no exact search can reach it",
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
    "valhalla_nearby": "a tenth of our time is the walk, the rest the fixed cost of one call in Python",
    "valhalla_isochrone": (
        "Valhalla contours a coarser grid, and its outline is more than twice as large as what can be walked to; ours"
        " contours a 5 m grid that keeps to the streets reached, with the rings followed in plain Python"
    ),
    "nearest_scipy": "both settle every node once from a queue; ours also gives the same answer whatever the order of ties",
    "nearest_networkx": "both settle every node once from a queue",
    "batch": "importing numba (with parts of scipy) and loading the compiled kernels takes 0.7 s of it, reading 0.02 s",
    "click": "Python, numpy, shapely and pyproj take most of it to load",
    "threads": "searches share the processor's cache and memory; 1.6 to 1.75 from run to run on this machine",
    "floor": (
        "the goal is met by the walk alone (stated beside); with every node a point as well, looking at each edge, sorting"
        " and writing the pairs cost as much again"
    ),
}
REASONS["valhalla_isochrone_4"] = REASONS["valhalla_isochrone"]
REASONS["floor_2"] = REASONS["floor"]
