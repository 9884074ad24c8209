"""The machine: one step after the other until a plan is proven best, the gap is small enough, or time is up.

greedy and swaps give a plan; multipliers give a bound; annealing (ruin and repair where there are rules) and exact moves around
one place better the plan while the multipliers and then ever larger regions better the bound; what both settle is left out;
the rest, when it is small, is branched on or handed to HiGHS. At the end the multipliers' bound is counted once more in whole
numbers: the certificate.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..plan import Proof
from ..problem import ROUNDING, PlacementProblem
from .annealing import anneal
from .around import around
from .core import Core, core_of, without_sites
from .evidence import certificate_of
from .exact import MOST_SITES, charges_of, exact, is_small
from .fixing import box_of, next_better, settle_charges, settle_rules
from .greedy import greedy, greedy_core
from .guided import guided
from .limits import Answer, Limits, Watch
from .moves import State, chosen_of, state_of
from .record import Record
from .reduce import joined, reduce
from .regions import Levels
from .relaxed import Relaxation, open_box
from .rows import rows_between
from .ruin import rounds, search_of
from .swaps import improve, is_plain
from .unreduced import sharpest

SWEEPS = 40
"""Iterations of the multipliers in one turn."""

ROUNDS = 400
"""Ruins and repairs in one turn."""

TRIES = 10_000
"""Exchanges in one turn of annealing."""

STALLED = 10
"""Turns of the multipliers over which the bound must fall."""

TINY = 2000
"""Entries of a core that HiGHS settles sooner than it takes to prepare anything for it."""

WARM = 5
"""Turns of multipliers, and of ruin and repair, before a small core is handed to HiGHS."""

FIRST = 0.35
"""Part of the time that goes to the multipliers alone, at most."""

GUIDED = (0.25, 0.5, 1.0)
"""Powers of a site's fraction that its gain is multiplied by."""

FEW, MANY = 4, 24
"""Sites that are taken out at once where the best in their stead is found exactly, at least and at most."""

PATIENCE = 2.0
"""Seconds for one such place, where time is limited."""

PROMISING = 0.1
"""Annealing leaves alone what would cost the bound more than this part of what a site is worth."""

HOT, COLD = 0.03, 0.003
"""Parts of what a site is worth by which a move may worsen a plan, at first and at last."""

BRIEF = 1 / 8
"""Part of the time that a first cooling takes, so that there is a good plan early; the second takes the rest."""

COOLED = 0.85
"""Part of the time limit after which the search stays cold, at the best plan that exact moves find."""

CONVERGED = 0.02
"""Part of the gap that a better linear program could close at most, below which it is left alone."""

Step = Callable[[], None]


def run(problem: PlacementProblem, limits: Limits, watch: Watch | None = None) -> Answer:
    """The best plan found within the limits, and the best proof, for a problem without equity and target.

    Ctrl-C ends the search; what it found comes back. Raises InfeasibleError, naming the groups that clash, when no plan
    keeps the constraints.
    """
    record = Record(problem, limits, watch, problem.total)
    machine = Machine(problem, record)
    machine.begin()
    try:
        machine.search()
    except KeyboardInterrupt:
        record.interrupted = True
    machine.prove()
    record.tell()
    answer = record.answer()
    assert answer is not None  # the greedy plan keeps every constraint
    return answer


class Machine:
    """A search: the core, a relaxation of it for the bound, a state for the plan.

    certified  the multipliers prove this; proven: what they, branching and HiGHS prove together
    """

    def __init__(self, problem: PlacementProblem, record: Record) -> None:
        self.problem, self.record, self.limits = problem, record, record.limits
        self.rng = np.random.default_rng(record.limits.seed)
        whole, self.class_of = core_of(problem)
        self.core, step = reduce(whole)
        self.class_of = joined(self.class_of, step)
        self.rows = rows_between(self.core)
        self.turns, self.cycle, self.cycle_turn = 0, 4, 0
        self.warm_since = 0.0
        self.falls: list[float] = []
        self.shares = {self.tighten: 0.2, self.wander: 0.35, self.look_around: 0.2, self.look_at_region: 0.25}
        self.spent = dict.fromkeys(self.shares, 0.0)
        self.around = 2 * FEW
        self.best: State | None = None

    def begin(self) -> None:
        """A plan that keeps all constraints, and a bound."""
        plan = greedy_core(self.core)
        if plan is None:
            self.record.offer(greedy(self.problem))
            plan = tuple(self.core.places(self.record.chosen or ()).tolist())
        else:
            self.offer(plan)
        self.state = state_of(self.core, plan)
        self.relaxation = Relaxation(self.core, self.rows, open_box(self.core))
        self.tighten()

    def search(self) -> None:
        """All steps in their order."""
        improve(self.core, self.state)
        self.offer(chosen_of(self.state))
        while not self.over and not self.converged and self.record.seconds < FIRST * self.limits.seconds:
            self.turns += 1
            self.tighten()
            if self.is_small and self.turns >= WARM:
                break
        self.begin_again()
        while not self.over and not self.settled():
            self.turn()

    @property
    def is_small(self) -> bool:
        """Whether HiGHS could settle the whole core."""
        return is_small(self.core)

    @property
    def over(self) -> bool:
        """Whether to stop: the record says so, or the turns are used up."""
        most = self.limits.iterations
        return self.record.over or (most is not None and self.turns >= most)

    def tighten(self) -> None:
        """A turn of the multipliers."""
        self.falls = [*self.falls, self.relaxation.tighten(SWEEPS)][-STALLED:]
        self.tell_bound()

    def begin_again(self) -> None:
        """Plans made greedily with an eye on the fractions of the linear program, which are better to begin with."""
        fractions = self.relaxation.fractions()
        for power in GUIDED if not self.record.over else ():
            plan = guided(self.core, fractions, power)
            if plan is not None:
                state = state_of(self.core, plan)
                improve(self.core, state)
                self.offer(chosen_of(state))
                self.state = max(self.state, state, key=lambda one: float(one.value[0]))
        self.ruins = search_of(self.core, self.state)
        self.promising = np.flatnonzero(self.state.inside | (self.relaxation.best.reduced > -PROMISING * self.each))
        self.warm_since = self.record.seconds
        self.levels = Levels(self.core, self.relaxation)

    def turn(self) -> None:
        """A turn of what has had the least of its share of the time; without a time limit each in its turn."""
        self.turns += 1
        able = [step for step in self.shares if self.has_use(step)]
        began = self.record.seconds
        if np.isfinite(self.limits.seconds):
            step = min(able, key=lambda one: self.spent[one] / self.shares[one])
        else:
            step = able[self.turns % len(able)]
        step()
        self.spent[step] += self.record.seconds - began

    def has_use(self, step: Step) -> bool:
        """Whether a step can still better anything."""
        if step == self.tighten:
            return not self.converged
        if step == self.look_at_region:
            return self.levels.lasts(self.record.left)
        return step == self.wander or (self.is_equal and bool(self.ruins.best.any()))

    @property
    def is_equal(self) -> bool:
        """Whether any site may take the place of any other, and cells count once."""
        return is_plain(self.core) and not self.core.graph.second.any()

    def look_around(self) -> None:
        """Find the best of one place exactly; more sites the next time where that was easy, fewer where it was not."""
        best = self.best_state()
        inside = np.flatnonzero(best.inside)
        here = int(inside[self.rng.integers(len(inside))])
        found = around(self.core, best, here, self.around, self.patience)
        self.around = min(MANY, self.around + 1) if found.settled else max(FEW, self.around - 1)
        if found.into is not found.out:
            better = state_of(self.core, np.concatenate([np.setdiff1d(inside, found.out), found.into]))
            improve(self.core, better)
            self.ruins.best[:], self.ruins.value[:] = better.inside, better.value
            self.offer(chosen_of(better))
            if self.cooled >= 1:  # before that the search is on its way, and has the heat to come here if it pays
                self.state = better
                self.ruins = search_of(self.core, self.state)

    @property
    def patience(self) -> float:
        """Seconds for one place."""
        return min(PATIENCE, self.record.left) if np.isfinite(self.limits.seconds) else np.inf

    def best_state(self) -> State:
        """The best choice of the core, with what moves need; counted anew only where it has changed."""
        if self.best is None or self.best.value[0] != self.ruins.value[0]:
            self.best = state_of(self.core, np.flatnonzero(self.ruins.best))
        return self.best

    def look_at_region(self) -> None:
        """Settle one more region for the bound."""
        self.levels.step(self.ruins.best, self.record.left)
        if self.levels.bound < self.record.proof.bound:
            self.record.proof = Proof(float(max(self.levels.bound, self.record.value)), "branching")
        self.record.tell()

    @property
    def converged(self) -> bool:
        """Whether the linear program has little left to give: its fractions say so, or its bound no longer falls."""
        gap = CONVERGED * (self.relaxation.best.value - self.record.value)
        if len(self.falls) == STALLED and self.falls[0] - self.falls[-1] <= gap:
            return True
        return not len(self.rows.high) and self.relaxation.best.value - self.relaxation.covered() <= gap

    def wander(self) -> None:
        """Annealing, or ruin and repair, at the heat of this moment."""
        self.cycle_turn += 1
        if self.cycle_turn > self.cycle:
            self.cycle, self.cycle_turn = 2 * self.cycle, 1
        heat = self.each * HOT * (COLD / HOT) ** self.cooled
        known = float(self.ruins.value[0])
        graph, rules = self.core.graph, self.core.rules
        if is_plain(self.core):
            anneal(graph, rules, self.state, self.ruins, (self.promising, TRIES, heat), self.rng)
        else:
            wide = 1.0 if self.core.sites <= 1000 else 0.05
            rounds(graph, rules, self.state, self.ruins, (ROUNDS, heat, heat, 2, wide), self.rng)
        if self.ruins.value[0] > known:
            self.offer(np.flatnonzero(self.ruins.best))
        else:
            self.record.tell()

    @property
    def each(self) -> float:
        """What a chosen site is worth on average."""
        return float(self.state.value[0]) / max(1, int(self.state.inside.sum()))

    @property
    def cooled(self) -> float:
        """How far the present cooling is, 0 to 1: by time where that is limited, else in ever longer cycles of turns."""
        if not np.isfinite(self.limits.seconds):
            return self.cycle_turn / self.cycle
        span = max(1e-9, COOLED * self.limits.seconds - self.warm_since)
        part = (self.record.seconds - self.warm_since) / span
        return part / BRIEF if part < BRIEF else min(1.0, (part - BRIEF) / (1 - BRIEF))

    def offer(self, chosen: Any) -> None:
        """Hand a plan of the core in."""
        self.record.offer(self.core.names(chosen))

    def tell_bound(self) -> None:
        """Hand the multipliers' bound in."""
        if self.relaxation.best.value < self.record.proof.bound:
            self.record.proof = Proof(self.relaxation.best.value, "certificate")
        self.record.tell()

    def settled(self) -> bool:
        """Leave out what plan and multipliers settle; hand the rest to HiGHS if it is small; whether that ends the search.

        Where the linear program is small too, HiGHS solves it sooner than the multipliers, and ruin and repair soon has
        the best plan: a few turns go before.
        """
        if self.record.over or not (
            self.core.entries <= TINY or (self.turns >= 2 * WARM and (self.converged or self.is_small))
        ):
            return False
        inside = np.full(self.core.sites, -1, dtype=np.int8)
        wanted = next_better(self.core, self.record.value)
        if not settle_charges(self.relaxation.best, inside, wanted) or not settle_rules(self.core, inside):
            self.record.proof = Proof(self.record.value, "reduction")
            return True
        kept = np.flatnonzero(inside != 0)
        small, class_of = without_sites(self.core, kept) if len(kept) <= MOST_SITES else (self.core, None)
        if not is_small(small):
            return False
        self.finish(small, inside[kept], class_of, wanted)
        return True

    def finish(self, small: Core, inside: np.ndarray, class_of: np.ndarray | None, wanted: float) -> None:
        """Let HiGHS settle what is left, and take over what it found and proved."""
        record = self.record
        goal = (wanted - small.before, wanted - record.value)
        found = exact(small, box_of(inside), goal, seconds=record.left, gap=self.limits.gap)
        if found.chosen is not None:
            record.offer(small.names(found.chosen))
        if found.duals is not None and small.sites == self.core.sites:
            self.relaxation.consider(charges_of(small, found.duals))
        bound = found.bound + small.before if np.isfinite(found.bound) else np.inf
        bound = record.value if found.status in ("infeasible", "optimal") else max(bound, record.value)
        if bound < record.proof.bound:
            record.proof = Proof(bound, "highs")

    def prove(self) -> None:
        """Count the bound once more in whole numbers, and keep the multipliers with it.

        What reduction or HiGHS proved beyond the multipliers stays, under another name.
        """
        certificate = certificate_of(self.problem, self.core, self.class_of, self.relaxation)
        known = self.record.proof
        certificate, bound = sharpest(self.problem, certificate, known.bound)
        if bound <= known.bound * (1 + ROUNDING):
            self.record.proof = Proof(bound, "certificate", certificate)
        else:
            by = "reduction" if known.bound_by == "certificate" else known.bound_by
            self.record.proof = Proof(known.bound, by, certificate)
