"""Defects over time: the stretches during which something was wrong, folded from what checks found, whenever they came.

A check that arrives late may begin a stretch earlier, end one, or cut one in two; the order of arrival is of no account.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from .rules import ActionPlan


@dataclass(frozen=True)
class Look:
    """What one check says of one item.

    inspection  its id
    plan        what will be done; None where the check only saw that it is still so
    """

    inspection: str
    at: datetime
    fails: bool
    plan: ActionPlan | None = None


@dataclass(frozen=True)
class Stretch:
    """Something wrong from one look until another.

    plan         the newest one; None where nobody made one
    planned_by   the check that made it
    done_at      None while it lasts
    """

    begun: Look
    plan: ActionPlan | None
    planned_by: str
    done_at: datetime | None = None


def stretches(looks: Iterable[Look]) -> list[Stretch]:
    """The stretches of one item, the earliest first; only the last may still be open."""
    found: list[Stretch] = []
    for look in sorted(looks, key=lambda look: (look.at, look.inspection)):
        lasting = found and found[-1].done_at is None
        if look.fails and not lasting:
            found.append(Stretch(look, look.plan, look.inspection))
        elif look.fails and look.plan is not None:
            found[-1] = replace(found[-1], plan=look.plan, planned_by=look.inspection)
        elif not look.fails and lasting:
            found[-1] = replace(found[-1], done_at=look.at)
    return found
