"""The search for problems without equity and without a target; every other kind is made of these."""

from ..plan import Proof
from ..problem import PlacementProblem
from .bounds import submodular_bound
from .greedy import greedy
from .limits import Answer, Limits, Watch
from .machine import run


def quick(problem: PlacementProblem) -> Answer:
    """The greedy plan, and the bound that the diminishing returns of coverage give.

    Raises InfeasibleError, naming the groups that clash, when no plan keeps the constraints.
    """
    chosen = greedy(problem)
    return Answer(chosen, Proof(submodular_bound(problem, chosen)), "done")


def thorough(problem: PlacementProblem, limits: Limits, watch: Watch | None = None) -> Answer:
    """The best plan found within the limits; raises InfeasibleError as `quick` does."""
    return run(problem, limits, watch)
