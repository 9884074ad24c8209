"""Charges that prove as much for all sites as for those that reduction left.

A site that another one can always stand in for is left out, and so nobody sees to it that what it collects is little. Where
charges may as well be high as low, because the other site is in every good plan, they may pay such a site, and a certificate
that counts all sites then proves less than the search did. Where the problem is small the charges are sought once more,
with nothing left out.
"""

from ..problem import ROUNDING, PlacementProblem
from .certificate import Certificate, bound_of
from .core import core_of
from .evidence import certificate_of
from .exact import is_small
from .relaxed import Relaxation, open_box
from .rows import rows_between

TURNS, SWEEPS = 60, 40
"""Turns of so many iterations, at most."""

MOST_STEPS = 60_000_000
"""Iterations times entries of the core: about a fifth of a second."""

STALLED = 10
"""Turns over which the bound must fall."""

CLOSE = 1e-4
"""A certificate this near to what is proven is left as it is."""


def sharpest(problem: PlacementProblem, certificate: Certificate, known: float) -> tuple[Certificate, float]:
    """The certificate or, where it proves less than is known and the problem is small, a better one; and what it proves.

    known  what the search proved by all means: no certificate need be sharper
    """
    bound = bound_of(problem, certificate)
    if bound <= known * (1 + CLOSE):
        return certificate, bound
    core, class_of = core_of(problem)
    if not is_small(core):
        return certificate, bound
    relaxation = Relaxation(core, rows_between(core), open_box(core))
    falls = [relaxation.best.value]
    for _ in range(min(TURNS, MOST_STEPS // max(1, SWEEPS * core.entries))):
        falls.append(relaxation.tighten(SWEEPS))
        stalled = len(falls) > STALLED and falls[-STALLED] <= falls[-1] * (1 + ROUNDING)
        if stalled or falls[-1] <= known * (1 + ROUNDING):
            break
    other = certificate_of(problem, core, class_of, relaxation)
    proven = bound_of(problem, other)
    return (other, proven) if proven < bound else (certificate, bound)
