"""Coordinates that can all be read and are yet wrong: another system than declared, shifted twice, two columns swapped, mixed.

Then the points lie hundreds of metres off, away from the streets and from the mapped places of the same names. In a dense town
any place is near some street, so that half of the points prove little: the furthest tenth tells.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .anchors import snap
from .checks import name_first
from .coordinates import CHINA_BOX, System, convert, local_crs, project
from .network import StreetNetwork
from .sites import Sites
from .tables.columns import plain

SUSPICIOUS_M, TIMES_NEARER = 60.0, 3.0
"""Suspected are points of which a tenth lies further off than this, and would lie so many times nearer otherwise. In the
demo county a tenth lies beyond 14 m (candidates) and 38 m (people); declared wrongly, beyond 101 m and 205 m."""
APART_M = 150.0
"""Places of one name in a table and on the map are as a rule nearer than this, a large site's gate and its middle included;
half of them further apart are suspected. The least shift, of WGS-84 and GCJ-02, is above 300 m nearly all over China."""
FEWEST, ENOUGH = 20, 500
"""Fewer points prove nothing by streets; so many, taken evenly, tell as much as all."""
FEWEST_NAMES = 5
"""Fewer places found on the map by their names prove nothing."""


class Suspicion(NamedTuple):
    """What may be wrong, as a sentence in Chinese and in English."""

    zh: str
    en: str


class Rows(NamedTuple):
    """The rows of a table that are looked at: its name, their numbers, what they are called, and their places.

    lonlat  (n, 2) WGS-84 degrees, as converted from the system declared
    """

    file: str
    number: Sequence[int]
    label: Sequence[str]
    lonlat: np.ndarray


class Story(NamedTuple):
    """What coordinates may have gone through before they came into the table, and how to undo it."""

    zh: str
    en: str
    undo: Callable[[np.ndarray], np.ndarray]


NAMES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


def _from(*systems: System) -> Callable[[np.ndarray], np.ndarray]:
    """To WGS-84 from one system after another."""

    def undo(lonlat: np.ndarray) -> np.ndarray:
        for system in systems:
            lonlat = convert(lonlat, source=system, target="wgs84")
        return lonlat

    return undo


def _back(system: System) -> Callable[[np.ndarray], np.ndarray]:
    return lambda lonlat: convert(lonlat, source="wgs84", target=system)


SHIFTS: dict[str, Story] = {
    **{name: Story(f" {words} ", words, _from(name)) for name, words in NAMES.items()},  # type: ignore[arg-type]
    "gcj02 twice": Story("重复转换（两次加偏）的 GCJ-02", "GCJ-02 shifted twice", _from("gcj02", "gcj02")),
    "bd09 twice": Story("重复转换（两次加偏）的 BD-09", "BD-09 shifted twice", _from("bd09", "bd09")),
    "gcj02 unshifted": Story(
        "重复转换的 WGS-84（本已是 WGS-84，又按 GCJ-02 纠偏一次）",
        "WGS-84 converted twice (unshifted once more as if it were GCJ-02)",
        _back("gcj02"),
    ),
    "bd09 unshifted": Story(
        "重复转换的 WGS-84（本已是 WGS-84，又按 BD-09 纠偏一次）",
        "WGS-84 converted twice (unshifted once more as if it were BD-09)",
        _back("bd09"),
    ),
}
"""What may stand in a table, in China."""

SWAPPED = Story("经纬度两列颠倒的坐标", "longitude and latitude in each other's column", lambda lonlat: lonlat[:, ::-1])


class Ruler(NamedTuple):
    """How to tell whether points lie where they should.

    row      (k,) rows that are measured
    off_m    their coordinates (k, 2) in degrees to (k,) metres from where they should be
    limit_m  further than this is suspicious
    share    of the points that shall lie within, per cent
    zh, en   what is measured, with a gap for the figure
    """

    row: np.ndarray
    off_m: Callable[[np.ndarray], np.ndarray]
    limit_m: float
    share: float
    zh: str
    en: str

    def metres(self, lonlat: np.ndarray) -> float:
        """How far off the points (k, 2) lie at most, but for the few that `share` allows."""
        return float(np.percentile(self.off_m(lonlat), self.share, method="lower"))


def suspect_system(
    streets: StreetNetwork,
    lonlat: np.ndarray,
    *,
    declared: str,
    file: str,
    labels: Sequence[str] = (),
    mapped: Sites | None = None,
) -> tuple[Suspicion, ...]:
    """A warning when points would lie far nearer to streets and mapped places had their coordinates another history.

    lonlat    (n, 2) WGS-84 degrees, as converted from the system declared
    declared  wgs84, gcj02 or bd09
    labels    (n,) what the places are called
    mapped    places of the map, of which those of the same names are compared

    Empty where nothing is proved: fewer than 20 points and no five names on the map; shifts also outside China.
    """
    ruler = names_ruler(labels, mapped) or streets_ruler(streets, len(lonlat))
    if ruler is None or (now_m := ruler.metres(lonlat[ruler.row])) <= ruler.limit_m:
        return ()
    here = lonlat[ruler.row]
    raw = convert(here, source="wgs84", target=declared)  # type: ignore[arg-type]
    stories = [SHIFTS[name] for name in SHIFTS if name != declared] if _mostly_in_china(here) else []
    then = [(ruler.metres(story.undo(raw)), story) for story in [*stories, SWAPPED]]
    then_m, story = min(then, key=lambda one: one[0])
    if then_m * TIMES_NEARER >= now_m:
        return ()
    shift = _distance_words(_shift_m(here, story.undo(raw)))
    before, after = f"{now_m:,.0f}", f"{then_m:,.0f}"
    return (
        Suspicion(
            f"{file}：像是把{story.zh}当作 {NAMES[declared]} 读入：偏移约 {shift.zh}。若是这样，{ruler.zh.format(after)}，"
            f"而现在是 {before} 米。请核对坐标系后重新计算。",
            f"{file}: these look like {story.en} read as {NAMES[declared]}: shift {shift.en}. If so,"
            f" {ruler.en.format(after)}, not {before} m. Check the coordinate system and plan again.",
        ),
    )


FEWEST_MIXED = 3
"""So many rows by names, or FEWEST / 2 by streets, must fit one other history before a table is said to be mixed."""
MOST_OF_ASTRAY = 0.9
"""By streets, such a share of the rows that lie astray must fit it."""


def suspect_mixture(
    streets: StreetNetwork, rows: Rows, *, declared: str, mapped: Sites | None = None
) -> tuple[Suspicion, ...]:
    """A warning when some rows of a table look like another coordinate system than the rest, with their numbers.

    declared  wgs84, gcj02 or bd09, from which `rows` were converted
    mapped    places of the map, of which those of the same names are compared
    """
    by_name = names_ruler(rows.label, mapped)
    ruler = by_name or streets_ruler(streets, len(rows.lonlat), enough=len(rows.lonlat))
    if ruler is None or not _mostly_in_china(rows.lonlat):
        return ()
    here = rows.lonlat[ruler.row]
    now = ruler.off_m(here)
    astray = now > ruler.limit_m
    raw = convert(here, source="wgs84", target=declared)  # type: ignore[arg-type]
    fits = {
        name: astray & (ruler.off_m(story.undo(raw)) * TIMES_NEARER < now)
        for name, story in SHIFTS.items()
        if name != declared
    }
    best = max(fits, key=lambda name: int(fits[name].sum()))
    found, least = ruler.row[fits[best]], FEWEST_MIXED
    if by_name is None:
        least = max(FEWEST // 2, int(MOST_OF_ASTRAY * astray.sum()))
    if not least <= len(found) < len(here):
        return ()
    zh, en = SHIFTS[best].zh.rstrip(), SHIFTS[best].en
    return tuple(told(rows, found, f"像是{zh}，与其余各行不同", f"look like {en}, unlike the rest"))


def streets_ruler(streets: StreetNetwork, count: int, *, enough: int = ENOUGH) -> Ruler | None:
    """How far points lie from any street; None for too few of them."""
    if count < FEWEST:
        return None

    def off_m(lonlat: np.ndarray) -> np.ndarray:
        metres = np.full(len(lonlat), np.inf)
        usable = np.abs(lonlat[:, 1]) <= 90
        metres[usable] = snap(streets, lonlat[usable]).off_mm / 1000
        return metres

    row = np.linspace(0, count - 1, min(count, enough)).astype(np.int64)
    return Ruler(row, off_m, SUSPICIOUS_M, 90, "九成的点离街道不超过 {} 米", "nine in ten lie within {} m of a street")


def names_ruler(labels: Sequence[str], mapped: Sites | None) -> Ruler | None:
    """How far places lie from those of the same name on the map; None where too few have one."""
    if mapped is None:
        return None
    there, here = _once(mapped.label), _once(labels)
    pairs = np.array([(here[name], there[name]) for name in here if name in there], dtype=np.int64).reshape(-1, 2)
    if len(pairs) < FEWEST_NAMES:
        return None
    true = mapped.lonlat[pairs[:, 1]]
    crs = local_crs(true)

    def off_m(lonlat: np.ndarray) -> np.ndarray:
        metres: np.ndarray = np.hypot(*(project(lonlat, crs) - project(true, crs)).T)
        return np.where(np.isfinite(metres), metres, np.inf)

    zh = f"与地图上同名的 {len(true)} 处相比，半数相距不超过 {{}} 米"
    en = f"half of the {len(true)} places of the same name on the map lie within {{}} m of it"
    return Ruler(pairs[:, 0], off_m, APART_M, 50, zh, en)


def _once(labels: Sequence[str]) -> dict[str, int]:
    """Plain label: its number, of the labels that stand just once."""
    plains = [plain(label) for label in labels]
    counts: dict[str, int] = {}
    for name in plains:
        counts[name] = counts.get(name, 0) + 1
    return {name: number for number, name in enumerate(plains) if name and counts[name] == 1}


def _mostly_in_china(lonlat: np.ndarray) -> bool:
    west, south, east, north = CHINA_BOX
    inside = ((lonlat > (west, south)) & (lonlat < (east, north))).all(axis=1)
    return len(lonlat) > 0 and float(np.mean(inside)) > 0.9


def _shift_m(here: np.ndarray, there: np.ndarray) -> float:
    """Median distance in metres between points and where they should be."""
    from pyproj import Geod

    return float(np.median(Geod(ellps="WGS84").inv(*here.T, *there.T)[2]))


def _distance_words(metres: float) -> Suspicion:
    """A distance to 10 m, or in kilometres where it is long."""
    if metres < 10_000:
        return Suspicion(f"{metres / 10:.0f}0 米", f"{metres / 10:.0f}0 m")
    return Suspicion(f"{metres / 1000:,.0f} 公里", f"{metres / 1000:,.0f} km")


TOLD = 5
"""So many rows of each suspicion are named."""


def told(rows: Rows, found: np.ndarray, zh: str, en: str) -> list[Suspicion]:
    """One warning for all rows found, none where there are none."""
    if not len(found):
        return []
    counted = f"{len(found):,} rows {en}" if len(found) > 1 else name_first(1, f"rows {en}", "").removesuffix(": ")
    return [
        Suspicion(
            f"{rows.file}：{len(found)} 行{zh}：{some_rows(rows, found, '第 ', ' 行')}。",
            f"{rows.file}: {counted}: {some_rows(rows, found, 'row ', '')}.",
        )
    ]


def some_rows(rows: Rows, group: np.ndarray, before: str, after: str) -> str:
    """The first rows of a group with what they are called."""
    named = [f"{before}{rows.number[row]}{after} {rows.label[row]}".rstrip() for row in group[:TOLD]]
    more = [f"… +{len(group) - TOLD}"] if len(group) > TOLD else []
    return "; ".join([*named, *more])
