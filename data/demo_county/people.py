"""Who lives where: residents of buildings gathered into cells of 100 m, scaled to the county's total."""

import numpy as np

from demo_county.frame import County, to_degrees
from demo_county.names import SOUTH_BANK, TOWNS
from demo_county.terrain import RIVER

PEOPLE, CELL_M = 180_000, 100.0
# shares of under-18s and of 60 and over, by town: younger in the new town, older in the villages
AGES = {
    "城关街道": (0.17, 0.26),
    "北门街道": (0.19, 0.21),
    "新城街道": (0.26, 0.12),
    "江南街道": (0.23, 0.15),
    "鹭洲镇": (0.19, 0.25),
    "青石镇": (0.18, 0.27),
    "云溪镇": (0.17, 0.29),
    "榕荫镇": (0.17, 0.30),
}


def town_of(xy: tuple[float, float]) -> str:
    """The town a point belongs to: the nearest centre on its own bank of the river."""
    river = np.array(RIVER, dtype=float)
    south = xy[1] < np.interp(xy[0], river[:, 0], river[:, 1])
    same_bank = {name: centre for name, centre in TOWNS.items() if (name in SOUTH_BANK) == south}
    return min(same_bank, key=lambda name: np.hypot(xy[0] - same_bank[name][0], xy[1] - same_bank[name][1]))


def share_out(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in proportion to weights that add up to the total (largest remainders)."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - whole.sum()]] += 1
    return whole


def population_rows(county: County) -> list[list]:
    """Rows of population.csv. A cell's point is the middle of its homes, so that it never lies in the river."""
    homes = [building for building in county.buildings if building.homes > 0]
    xy = np.array([building.polygon.centroid.coords[0] for building in homes])
    weight = np.array([building.homes for building in homes])
    _cells, cell_of = np.unique(np.floor(xy / CELL_M).astype(int), axis=0, return_inverse=True)
    cell_of = cell_of.ravel()
    total = np.bincount(cell_of, weights=weight)
    middle = np.stack([np.bincount(cell_of, weights=weight * xy[:, axis]) / total for axis in (0, 1)], axis=1)
    people = share_out(total, PEOPLE)
    rows = []
    for number, (place, lonlat, count) in enumerate(zip(middle, to_degrees(middle), people, strict=False), start=1):
        if count:
            town = town_of(tuple(place))
            rows.append(
                [f"P{number:04d}", f"{lonlat[0]:.6f}", f"{lonlat[1]:.6f}", town, *ages(county, town, int(count))]
            )
    return rows


def ages(county: County, town: str, count: int) -> list[int]:
    """Under 18, 18 to 59, 60 and over, and all, of one cell."""
    young, old = (share * county.rng.uniform(0.85, 1.15) for share in AGES[town])
    groups = share_out(np.array([young, 1 - young - old, old]), count)
    return [*(int(group) for group in groups), count]
