"""Branch and bound with bounds by multipliers: settles what is left of a core, the most promising part first.

A part of the tree is a box: some sites in, some out. Its bound is tightened from its parent's charges as long as that may
close it; what the charges settle inside it (`fixing`) stays settled below. The bound of the whole is the largest of all
open parts, so that a search that is cut short has proved something too.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .core import Core
from .fixing import certain, hopeless, next_better
from .moves import add, chosen_of, fits, state_of, unmet
from .relaxed import Bound, Box, Relaxation
from .rows import Rows
from .swaps import improve

SWEEPS = 10
"""Iterations between two looks at a part's bound."""

MOST_LOOKS = 20
"""At a part of the tree before it is split."""

MEMORY = 400e6
"""Bytes that the charges of open parts may take; parts beyond that begin from those of the whole."""


@dataclass(frozen=True)
class Part:
    """An open part of the tree.

    inside  (S,) int8: 1 in, 0 out, -1 open
    start   fractions and charges to begin with, float32
    """

    bound: float
    inside: np.ndarray
    start: tuple[np.ndarray, ...]


class Tree:
    """The open parts and the best plan known.

    bound  no plan of the core is worth more than this or the best plan
    """

    def __init__(self, core: Core, rows: Rows, root: Relaxation, best: tuple[float, tuple[int, ...]]) -> None:
        self.core, self.rows = core, rows
        self.value, self.chosen = best
        self.root = (root.fractions(), *root.charge)
        self.wanted = next_better(core, self.value)
        self.queue: list[tuple[float, int, Part]] = []
        self.parts = 0
        self.push(Part(root.best.value, np.full(core.sites, -1, dtype=np.int8), self.root))

    @property
    def bound(self) -> float:
        """Proven for the whole core."""
        return max(self.value, -self.queue[0][0]) if self.queue else self.value

    def push(self, part: Part) -> None:
        """Keep a part for later."""
        self.parts += 1
        heapq.heappush(self.queue, (-part.bound, self.parts, part))

    def grow(self, over: Callable[[], bool]) -> None:
        """Split parts until none may hold a better plan or it is over."""
        while self.queue and -self.queue[0][0] >= self.wanted and not over():
            self.split(heapq.heappop(self.queue)[2])
        if self.queue and -self.queue[0][0] < self.wanted:
            self.queue = []

    def split(self, part: Part) -> None:
        """Tighten the bound of a part; if it stays open, put its two halves in the queue."""
        if not settle_rules(self.core, part.inside):
            return
        relaxation = Relaxation(self.core, self.rows, box_of(part.inside), wide(part.start))
        if not self.stays_open(relaxation) or not settle_charges(relaxation.best, part.inside, self.wanted):
            return
        bound = min(part.bound, relaxation.best.value)
        if not settle_rules(self.core, part.inside):
            return
        fractions = relaxation.fractions()
        self.try_plan(part.inside, fractions)
        free = np.flatnonzero(part.inside < 0)
        if not len(free) or bound < self.wanted:
            return
        at = free[np.argmax(np.minimum(fractions[free], 1 - fractions[free]) + 1e-6 * fractions[free])]
        start = self.kept((fractions, *relaxation.charge))
        for way in (1, 0):
            inside = part.inside.copy()
            inside[at] = way
            self.push(Part(bound, inside, start))

    def stays_open(self, relaxation: Relaxation) -> bool:
        """Whether a part may hold a better plan, as far as it is worth finding out."""
        before = relaxation.best.value
        for _ in range(MOST_LOOKS):
            if relaxation.best.value < self.wanted:
                return False
            now = relaxation.tighten(SWEEPS)
            if now - self.wanted > 10 * max(before - now, 0.0):
                break
            before = now
        return relaxation.best.value >= self.wanted

    def kept(self, start: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        """What a part remembers of its parent; the whole's own where memory is short."""
        size = sum(part.nbytes for part in start) / 2 * len(self.queue)
        return tuple(part.astype(np.float32) for part in start) if size < MEMORY else self.root

    def try_plan(self, inside: np.ndarray, fractions: np.ndarray) -> None:
        """Make a plan of the largest fractions, and keep it if it is the best."""
        plan = rounded(self.core, inside, fractions)
        if plan is None:
            return
        state = state_of(self.core, plan)
        if self.core.before + state.value[0] > self.value - 0.003 * abs(self.value):
            improve(self.core, state)
        if self.core.before + state.value[0] > self.value:
            self.value, self.chosen = self.core.before + float(state.value[0]), chosen_of(state)
            self.wanted = next_better(self.core, self.value)


def wide(start: Iterable[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Arrays as float64."""
    return tuple(part.astype(float) for part in start)


def box_of(inside: np.ndarray) -> Box:
    """The box of sites that are in (1), out (0) or open (-1)."""
    return Box((inside == 1).astype(float), (inside != 0).astype(float))


def settle_charges(bound: Bound, inside: np.ndarray, wanted: float) -> bool:
    """Settle in place the sites that every better plan has or lacks; False where it must both have and lack one."""
    free = inside < 0
    out, needed = hopeless(bound.value, bound.reduced, wanted), certain(bound.value, bound.reduced, wanted)
    inside[free & out] = 0
    inside[free & needed] = 1
    return not (free & out & needed).any()


def settle_rules(core: Core, inside: np.ndarray) -> bool:
    """Settle in place what budget, quotas and neighbours leave no choice about; False where they cannot be kept."""
    rules = core.rules
    chosen = inside == 1
    left = int(rules.budget[0] - rules.cost[chosen].sum())
    inside[(inside < 0) & (rules.cost > left)] = 0
    if left < 0:
        return False
    for site in np.flatnonzero(chosen) if len(rules.apart) else ():
        near = rules.apart[rules.apart_start[site] : rules.apart_start[site + 1]]
        if (inside[near] == 1).any():
            return False
        inside[near] = 0
    counted = np.repeat(np.arange(core.sites), np.diff(rules.group_start))
    for group in range(len(rules.least)):
        members = counted[rules.group == group]
        have, open_ = int((inside[members] == 1).sum()), members[inside[members] < 0]
        if have > rules.most[group] or have + len(open_) < rules.least[group]:
            return False
        if have == rules.most[group]:
            inside[open_] = 0
        elif have + len(open_) == rules.least[group]:
            inside[open_] = 1
    chosen = inside == 1
    return bool(rules.cost[chosen].sum() <= rules.budget[0])


def rounded(core: Core, inside: np.ndarray, fractions: np.ndarray) -> list[int] | None:
    """The sites that are in, and the largest fractions beside them as long as they fit; None where a minimum is not met."""
    state = state_of(core, np.flatnonzero(inside == 1))
    for site in np.argsort(-fractions, kind="stable").tolist():
        if fractions[site] <= 0.01 and not len(core.rules.least):
            break
        if inside[site] < 0 and fits(core.rules, state, site):
            add(core.graph, core.rules, state, site)
    return None if unmet(core.rules, state) else list(chosen_of(state))
