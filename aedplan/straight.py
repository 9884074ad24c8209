"""Straight lines in place of walks: what circles drawn on maps promise, for comparing with what streets keep.

The same answers in the same shapes as `reach`, in whole millimetres.
"""

import numpy as np

from .checks import read_only
from .coordinates import project
from .network import StreetNetwork, millimetres
from .reach import Nearest, Reach, limit_in_mm

_PAIRS_AT_A_TIME = 4_000_000


def straight_reach(streets: StreetNetwork, origins: np.ndarray, points: np.ndarray, *, limit_m: float) -> Reach:
    """Whom each origin reaches in a straight line; as `reach`.

    origins, points  (n, 2) WGS-84 degrees
    """
    return line_reach(project(origins, streets.crs), project(points, streets.crs), limit_m=limit_m)


def line_reach(origin_xy: np.ndarray, point_xy: np.ndarray, *, limit_m: float) -> Reach:
    """Whom each origin reaches in a straight line, where there are no streets.

    origin_xy, point_xy  (n, 2) metres
    """
    from scipy.spatial import cKDTree

    limit_mm = limit_in_mm(limit_m)
    near = cKDTree(point_xy).query_ball_point(origin_xy, limit_m + 0.001, return_sorted=True)
    sizes = np.array([len(row) for row in near], dtype=np.int64)
    point = np.concatenate([np.asarray(row, dtype=np.int32) for row in near]) if len(near) else np.zeros(0, np.int32)
    owner = np.repeat(np.arange(len(near)), sizes)
    mm = millimetres(np.hypot(*(point_xy[point] - origin_xy[owner]).T))
    keep = mm <= limit_mm
    start = np.concatenate([[0], np.cumsum(np.bincount(owner[keep], minlength=len(near)))])
    return Reach(read_only(start), read_only(point[keep]), read_only(mm[keep]), limit_m, len(point_xy))


def straight_nearest(streets: StreetNetwork, origins: np.ndarray, points: np.ndarray) -> Nearest:
    """The origin nearest to each point in a straight line, of equally near ones the first; as `nearest`.

    origins, points  (n, 2) WGS-84 degrees
    """
    who, metres = np.full(len(points), -1, dtype=np.int64), np.full(len(points), np.inf)
    if not len(origins):
        return Nearest(who, metres)
    origin_xy, point_xy = project(origins, streets.crs), project(points, streets.crs)
    step = max(1, _PAIRS_AT_A_TIME // len(origins))
    for at in range(0, len(points), step):
        apart = point_xy[at : at + step, None] - origin_xy[None]
        mm = np.rint(np.hypot(apart[..., 0], apart[..., 1]) * 1000)
        who[at : at + step] = mm.argmin(axis=1)
        metres[at : at + step] = mm.min(axis=1) / 1000
    return Nearest(who, metres)
