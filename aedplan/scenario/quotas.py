"""How many new devices kinds of venue and towns must get and may get at most: [plan.quotas], [plan.quotas_by.town]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..checks import unknown_key_faults
from ..coverage import kind_quotas
from ..errors import raise_faults
from ..problem import Quota
from ..sites import KINDS_ZH, Sites
from ..towns import Groups

Limits = Mapping[str, tuple[int, int | None]]
"""{kind of venue, or name or code of a town: (minimum, maximum or None)}"""


def read_quotas(given: Any, faults: list[str]) -> Limits:
    """plan.quotas; what is wrong is added to the faults."""
    return _read_limits(given, "plan.quotas", "school", faults, known=KINDS_ZH)


def read_quotas_by(given: Any, faults: list[str]) -> Mapping[str, Limits]:
    """plan.quotas_by, by level; whether there are such towns is known when the data is read."""
    if not isinstance(given, dict):
        faults.append(f"plan.quotas_by is {given!r}; expected tables such as [plan.quotas_by.town]")
        return {}
    return {level: _read_limits(one, f"plan.quotas_by.{level}", '"柳城街道"', faults) for level, one in given.items()}


def _read_limits(
    given: Any, where: str, example: str, faults: list[str], *, known: Iterable[str] | None = None
) -> Limits:
    if not isinstance(given, dict):
        faults.append(f"{where} is {given!r}; expected tables such as {example} = {{ minimum = 2, maximum = 5 }}")
        return {}
    faults += [] if known is None else unknown_key_faults(given, known, where)
    return {name: _read_limit(f"{where}.{name}", limit, faults) for name, limit in given.items()}


def _read_limit(where: str, limit: Any, faults: list[str]) -> tuple[int, int | None]:
    if not isinstance(limit, dict):
        faults.append(f"{where} is {limit!r}; expected {{ minimum = 2, maximum = 5 }}")
        return 0, None
    faults += unknown_key_faults(limit, ("minimum", "maximum"), where)
    low, high = limit.get("minimum", 0), limit.get("maximum")
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in (low, 0 if high is None else high))
    if not whole or (high is not None and low > high):
        faults.append(f"{where}: minimum {low!r}, maximum {high!r}; expected whole numbers, minimum <= maximum")
        return 0, None
    return low, high


def quotas_of(kinds: Limits, by: Mapping[str, Limits], sites: Sites, groups: Sequence[Groups]) -> tuple[Quota, ...]:
    """Quotas over the candidates, by kind of venue and by town or another level.

    Raises InputError for a level by which sites are not told apart, and for a name that is none of its.
    """
    faults, found = [], list(kind_quotas(sites, dict(kinds)))
    levels = {one.level: one for one in groups}
    for level, limits in by.items():
        if level not in levels:
            known = ", ".join(levels) or "none"
            faults.append(
                f"plan.quotas_by.{level}: sites are not told apart by {level} (known levels: {known}); expected a"
                f" table [areas.{level}]"
            )
            continue
        for name, limit in limits.items():
            numbers = numbers_of(levels[level], name)
            if not numbers:
                faults.append(f"plan.quotas_by.{level}.{name} is not known; known: {', '.join(levels[level].name)}")
            inside = [site for site, group in enumerate(levels[level].site.tolist()) if group in numbers]
            found.append(Quota(f"{level}.{name}", tuple(s for s in inside if not sites.standing[s]), *limit))
    raise_faults(faults)
    return tuple(found)


def numbers_of(groups: Groups, name: str) -> set[int]:
    """The numbers of the groups with a name or code: none, one, or several of the same name."""
    return {number for number, both in enumerate(zip(groups.name, groups.code, strict=True)) if name and name in both}


def quota_words(quota: Quota) -> str:
    """A quota over kinds or towns, as a scenario says it."""
    return f"plan.{'quotas_by' if '.' in quota.group else 'quotas'}.{quota.group} = {quota.limits}"
