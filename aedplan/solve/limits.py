"""When a search stops, what it says on the way, and what it hands back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..errors import raise_faults
from ..plan import Proof


@dataclass(frozen=True)
class Limits:
    """Whichever comes first. Without a time limit the same seed gives the same plan on every run.

    seconds     inf: no time limit
    gap         stop when 1 - value/bound is proven to be at most this; 0: only at a proven best
    iterations  rounds of search after the greedy plan; None: any number
    seed        of everything random
    wanted      stop once the value reaches it, or the bound shows that none does; None: never
    """

    seconds: float = 30.0
    gap: float = 0.0
    iterations: int | None = None
    seed: int = 0
    wanted: float | None = None

    def __post_init__(self) -> None:
        faults = []
        if not self.seconds > 0:
            faults.append(f"seconds is {self.seconds}; expected a number above 0")
        if not 0 <= self.gap < 1:
            faults.append(f"gap is {self.gap}; expected 0 or more, below 1")
        if self.iterations is not None and self.iterations < 0:
            faults.append(f"iterations is {self.iterations}; expected 0 or more, or None")
        raise_faults(faults)


@dataclass(frozen=True)
class Progress:
    """How far a search is.

    value    of the best plan so far
    bound    no plan has a larger value
    seconds  since the search began
    """

    value: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """1 - value / bound; 0 where nothing can be covered."""
        return 1 - self.value / self.bound if self.bound > 0 else 0.0


Watch = Callable[[Progress], None]
"""Called now and then with how far a search is."""


Ended = Literal["done", "time-limit", "stopped"]
"""Why a search ended. done: the gap was closed, or there was no more to try. stopped: somebody asked, or the iterations
were used up."""


@dataclass(frozen=True)
class Answer:
    """The best a search found.

    chosen  site numbers of the problem it was given; keeps every constraint
    """

    chosen: tuple[int, ...]
    proof: Proof
    ended: Ended
