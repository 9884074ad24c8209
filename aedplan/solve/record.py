"""The best plan and the best proof of a search that has several parts, and how much time is left for the next one."""

import time
from collections.abc import Iterable
from dataclasses import replace

from ..plan import Proof
from ..problem import PlacementProblem, breaches, value
from .limits import Answer, Ended, Limits, Progress, Watch
from .stopping import asked


class Record:
    """Keeps the best of what the parts of a search hand in, and tells whoever watches.

    problem  judges every plan; plans that break one of its constraints are not kept
    """

    def __init__(self, problem: PlacementProblem, limits: Limits, watch: Watch | None, ceiling: float) -> None:
        self.problem = problem
        self.limits = limits
        self.watch = watch
        self.began = time.perf_counter()
        self.chosen: tuple[int, ...] | None = None
        self.value = 0.0
        self.proof = Proof(ceiling)
        self.interrupted = False

    def offer(self, chosen: Iterable[int], proof: Proof | None = None) -> float:
        """Keep a plan if it is the best so far, and a proof if it is the sharpest; the plan's value."""
        plan = tuple(chosen)
        worth = value(self.problem, plan)
        if (self.chosen is None or worth > self.value) and not breaches(self.problem, plan):
            self.chosen, self.value = plan, worth
        if proof is not None and proof.bound < self.proof.bound:
            self.proof = proof
        self.tell()
        return worth

    def tell(self) -> None:
        """Let whoever watches know how far the search is; a KeyboardInterrupt of theirs asks it to end."""
        if self.watch is not None:
            try:
                self.watch(Progress(self.value, max(self.proof.bound, self.value), self.seconds))
            except KeyboardInterrupt:
                self.interrupted = True

    @property
    def seconds(self) -> float:
        """Since the search began."""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Seconds left; never below a moment, so that a part that begins can end."""
        return max(self.limits.seconds - self.seconds, 0.01)

    @property
    def over(self) -> bool:
        """Whether the search may end: somebody asked, time is up, or the gap is small enough."""
        self.interrupted |= asked()
        return self.interrupted or self.seconds >= self.limits.seconds or self.closed

    @property
    def closed(self) -> bool:
        """Whether the gap is small enough."""
        return self.chosen is not None and self.value >= self.proof.bound * (1 - max(self.limits.gap, 1e-12))

    def part(self, seconds: float) -> Limits:
        """Limits for a part of the search that may take so many seconds."""
        return replace(self.limits, seconds=max(min(seconds, self.left), 0.01), wanted=None)

    def answer(self) -> Answer | None:
        """What the search found; None where it found no plan."""
        if self.chosen is None:
            return None
        return Answer(self.chosen, self.proof, self.ended)

    @property
    def ended(self) -> Ended:
        """Why it ends now."""
        if self.interrupted or asked():
            return "stopped"
        return "time-limit" if self.seconds >= self.limits.seconds else "done"
