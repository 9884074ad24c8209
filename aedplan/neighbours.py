"""How far each device has to its nearest neighbour, along streets."""

import numpy as np

from .anchors import Anchors
from .network import StreetNetwork
from .reach import nearest


def nearest_other(streets: StreetNetwork, places: Anchors) -> np.ndarray:
    """(P,) metres on foot from each place to the nearest other one; inf where none can be walked to.

    Two places differ in some binary digit of their numbers, so for every digit those with a 0 seek those with a 1, and the
    other way round: a few searches from many places instead of one from each.
    """
    metres = np.full(len(places), np.inf)
    number = np.arange(len(places))
    for digit in range(max(len(places) - 1, 0).bit_length()):
        ones = (number >> digit) & 1 == 1
        for here, there in ((ones, ~ones), (~ones, ones)):
            rows = np.flatnonzero(here)
            found = nearest(streets, places.some(np.flatnonzero(there)), places.some(rows)).metres
            metres[rows] = np.minimum(metres[rows], found)
    return metres
