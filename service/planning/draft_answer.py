"""What a draft is worth, as plain values for a page: beside the plan it began from, with what it breaks of the plan's rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from aedplan.losses import CAUSES, CAUSES_EN, CAUSES_ZH
from aedplan.report.words import KINDS_EN
from aedplan.sites import KINDS_ZH
from aedplan.towns import Groups

from .draft_value import Drafting, DraftValue, Placed

SAME = 1e-9
"""Shares that differ by less are the same."""

Breach = tuple[str, str]


def tell(drafting: Drafting, draft: DraftValue) -> dict[str, Any]:
    """A draft beside the plan."""
    summary, plan = drafting.study.summary, drafting.plan
    total = summary["total"] or 1.0
    broken = breaches(drafting, draft)
    own = all(not one.moved for one in draft.new) and draft.standing == drafting.standing
    kept = draft.units[..., 0].sum() / draft.units.sum()
    changed = np.flatnonzero(np.abs(draft.covered - plan.covered) > SAME)
    return {
        "value": draft.value,
        "total": summary["total"],
        "share": draft.value / total,
        "change": draft.value - plan.value,
        "change_share": (draft.value - plan.value) / total,
        "before": drafting.before,
        "bound": summary["bound"],
        "bound_share": summary["bound"] / total,
        "bound_holds": own and not broken,
        "kept_share": kept,
        "kept_change": kept - plan.units[..., 0].sum() / plan.units.sum(),
        "devices": len(draft.new),
        "off_street": list(draft.off_street),
        "gains": draft.gains.tolist(),
        "losses": draft.alone.tolist(),
        "towns": _towns(drafting, draft),
        "periods": _periods(drafting, draft),
        "quotas_by": quotas_by(drafting, draft),
        "causes": _causes(draft, plan),
        "breaches": [{"zh": zh, "en": en} for zh, en in broken],
        "changed": {"point": changed.tolist(), "covered": draft.covered[changed].round(6).tolist()},
    }


def _causes(draft: DraftValue, plan: DraftValue) -> list[dict[str, Any]]:
    now, then = (one.units.sum(axis=(0, 1)) / one.units.sum() for one in (draft, plan))
    rows = zip(CAUSES, now.tolist(), (now - then).tolist(), strict=True)
    return [{"cause": one, "zh": CAUSES_ZH[one], "en": CAUSES_EN[one], "share": share, "change": change}
            for one, share, change in rows]  # fmt: skip


def _towns(drafting: Drafting, draft: DraftValue) -> list[dict[str, Any]]:
    """How each town is served; what lies in none is not told here."""
    found = [group for group in drafting.study.groups if group.level == "town"]
    if not found:
        return []
    town = found[0]
    names = [(code or name, name, name) for name, code in zip(town.name, town.code, strict=True)]
    return _rows(names, draft, drafting.plan, lambda units: _summed(units.sum(axis=1), town.point, len(town)))


def _periods(drafting: Drafting, draft: DraftValue) -> list[dict[str, Any]]:
    periods = drafting.study.week.times.periods.periods
    return _rows([(one.id, one.zh, one.en) for one in periods], draft, drafting.plan, lambda units: units.sum(axis=0))


def _rows(
    names: Sequence[tuple[str, str, str]],
    draft: DraftValue,
    plan: DraftValue,
    grouped: Callable[[np.ndarray], np.ndarray],
) -> list[dict[str, Any]]:
    """Share really covered of each group, and how it changes; grouped turns units (D, T, C) into (G, C)."""
    shares = [
        (table[:, 0] / np.maximum(table.sum(axis=1), 1)).tolist() for table in map(grouped, (draft.units, plan.units))
    ]
    return [
        {"id": id, "zh": zh, "en": en, "share": now, "change": now - then}
        for (id, zh, en), now, then in zip(names, *shares, strict=True)
    ]


def _summed(units: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    table = np.zeros((groups, units.shape[1]), dtype=np.int64)
    inside = group >= 0
    np.add.at(table, group[inside], units[inside])
    return table


def breaches(drafting: Drafting, draft: DraftValue) -> list[Breach]:
    """What a draft breaks of what the plan was asked to keep."""
    plan = drafting.study.settings.get("plan", {})
    ids = drafting.study.sites.id
    chosen = [ids[one.row] for one in draft.new if one.row >= 0]
    found: list[Breach] = []
    gone = max(0, int(drafting.study.sites.standing.sum()) - len(draft.standing)) if "move" in plan else 0
    if "devices" in plan and len(draft.new) > plan["devices"] + gone:
        count, most = len(draft.new), plan["devices"] + gone
        found.append((f"{count} 台，最多 {most} 台", f"{count} devices, at most {most}"))
    cost = sum(one.cost for one in draft.new)
    money = plan.get("budget_rmb", np.inf)
    if "move" not in plan and cost > money * (1 + SAME):
        found.append((f"费用 {cost:,.0f} 元，最多 {money:,.0f} 元", f"{cost:,.0f} yuan, at most {money:,.0f}"))
    found += _quota_breaches(plan.get("quotas", {}), [one.kind for one in draft.new])
    for one in quotas_by(drafting, draft):
        found += _limit_breaches(one["name"], one["name"], one["new"], one)
    found += [(f"不能用的点位：{id}", f"forbidden: {id}") for id in plan.get("forbid", []) if id in chosen]
    found += [(f"必须有的点位：{id}", f"must be there: {id}") for id in plan.get("pin", []) if id not in chosen]
    if "target" in plan and draft.value < plan["target"] * drafting.study.summary["total"] * (1 - SAME):
        found.append((f"没有达到 {plan['target']:.1%}", f"does not reach {plan['target']:.1%}"))
    return found + _spacing_breaches(draft, float(plan.get("spacing_m", 0.0)))


def _quota_breaches(quotas: dict[str, dict[str, int]], kinds: Sequence[str]) -> list[Breach]:
    found = []
    for kind, limit in quotas.items():
        found += _limit_breaches(KINDS_ZH[kind], KINDS_EN[kind], kinds.count(kind), limit)
    return found


def _limit_breaches(zh: str, en: str, have: int, limit: Mapping[str, Any]) -> list[Breach]:
    least, most = limit.get("minimum", 0), limit.get("maximum")
    if have < least:
        return [(f"{zh} {have} 台，至少 {least} 台", f"{en}: {have}, at least {least}")]
    if most is not None and have > most:
        return [(f"{zh} {have} 台，最多 {most} 台", f"{en}: {have}, at most {most}")]
    return []


def quotas_by(drafting: Drafting, draft: DraftValue) -> list[dict[str, Any]]:
    """How many new devices towns, or other levels of areas, had to get and could get at most, and how many they get."""
    from aedplan.scenario.quotas import numbers_of  # reads the kernels, which a start has no use for

    levels = {one.level: one for one in drafting.study.groups}
    told = []
    for level, limits in drafting.study.settings.get("plan", {}).get("quotas_by", {}).items():
        groups = levels[level]
        new = [_group_of(drafting, groups, one) for one in draft.new]
        for name, limit in limits.items():
            numbers = numbers_of(groups, name)
            names = {groups.name[number] for number in numbers} or {name}
            least, most = limit.get("minimum", 0), limit.get("maximum")
            have = sum(one in numbers for one in new)
            told.append({"level": level, "name": "、".join(names), "minimum": least, "maximum": most, "new": have})
    return told


def _group_of(drafting: Drafting, groups: Groups, device: Placed) -> int:
    """The town of a new device; of one put or dragged somewhere, that of the people nearest to it."""
    lonlat = drafting.study.demand.lonlat
    if (device.row >= 0 and not device.moved) or not len(lonlat):
        return int(groups.site[device.row]) if device.row >= 0 else -1
    east, north = (lonlat - device.lonlat).T
    return int(groups.point[np.argmin((east * np.cos(np.radians(device.lonlat[1]))) ** 2 + north**2)])


def _spacing_breaches(draft: DraftValue, spacing_m: float) -> list[Breach]:
    """Devices nearer to one another than they may; what hangs may stay."""
    lonlat = np.array([one.lonlat for one in draft.devices], dtype=float).reshape(-1, 2)
    from aedplan.scenario.aims import too_near  # reads the kernels, which a start has no use for

    pairs = too_near(lonlat, spacing_m)
    close = int((pairs >= len(draft.standing)).any(axis=1).sum())
    zh = f"{close} 处设备之间不足 {spacing_m:g} 米"
    return [(zh, f"{close} pairs of devices lie nearer than {spacing_m:g} m")] if close else []
