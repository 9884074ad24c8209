"""The certificate of a finished plan, as its folder holds it, and the check of it: no trust in the search is needed.

certificate.npz is a zip archive: head.json says in words and numbers what is proven, the other entries are NumPy arrays. It
holds the whole placement problem beside the multipliers, so that twenty lines in any language count the bound again; see
`solve.certificate` for why any multipliers prove something true.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, raise_faults
from ..outputs import timeless
from ..plan import Plan
from ..problem import ROUNDING, PlacementProblem, Quota, breaches, value
from ..report.summary import round_
from ..scenario.choosing import problem_of
from ..solve.certificate import Certificate, bound_of, read_certificate
from .reopening import reopen

if TYPE_CHECKING:
    from .outcome import Outcome

FILE, HEAD = "certificate.npz", "head.json"

WORDS = {
    "zh": "任何方案都不超过 bound。每个需求单元 k 有一个价 charge[k]：方案为每个覆盖它的新点位付一次，"
    "权重超出价的部分最多再得一次。所有点位收到的价，扣除配额与预算的价以后，就是上界。"
    "权重和价都是 2**-shift 的整数倍，权重只向上取整；price 是一个单位预算的价。",
    "en": "No plan is worth more than bound. Each cell k of demand has a charge[k], which a plan pays for each new site that "
    "covers it; what its weight exceeds the charge by is gained once at most. What all sites collect, less the charges of "
    "quotas and of the budget, bounds every plan. Weights and charges are multiples of 2**-shift, weights rounded up; price "
    "is that of a unit of the budget.",
}
ARRAYS = {
    "start": "site s covers cell[start[s] : start[s + 1]]", "cell": "see start", "weight": "of each cell",
    "second": "of a second site that covers a cell", "cost": "of each site", "fixed": "sites that stand already",
    "apart": "pairs of sites of which a plan holds at most one", "charge": "of each cell, times 2**shift",
}  # fmt: skip


@dataclass(frozen=True)
class Certified:
    """What a certificate's file holds.

    chosen  numbers of the plan's sites, fixed ones left out
    id      of the chosen sites
    told    bound: what the multipliers prove; value: of the plan; plan_bound, bound_by: the plan's own bound and who proved
            it, which may be sharper
    """

    problem: PlacementProblem
    certificate: Certificate
    chosen: tuple[int, ...]
    id: tuple[str, ...]
    told: dict[str, Any]


@dataclass(frozen=True)
class Verified:
    """A certificate that holds.

    value       of the plan, counted again
    bound       no plan is worth more: counted again from the multipliers
    total       value if everything were covered
    plan_bound  what the plan says; below `bound` where branching or HiGHS proved more than multipliers do
    bound_by    who proved that
    """

    value: float
    bound: float
    total: float
    plan_bound: float
    bound_by: str

    @property
    def gap(self) -> float:
        """What the certificate alone says of the distance to the best plan."""
        return 1 - self.value / self.bound if self.bound > 0 else 0.0


def keep_proof(outcome: "Outcome", path: Path) -> None:
    """Write the certificate of an outcome's plan for coverage; nothing where no multipliers prove its bound.

    Devices that may move are free sites there, so that those which stay are among the chosen.
    """
    if outcome.plan.certificate is not None:
        scenario = replace(outcome.scenario, aims=outcome.scenario.aims.plain)
        problem = problem_of(scenario, outcome.coverage, outcome.sites, outcome.groups)
        chosen = np.setdiff1d(outcome.devices, np.flatnonzero(problem.fixed)).tolist()
        write_certificate(path, problem, outcome.plan, chosen=chosen, id=outcome.sites.id)


def write_certificate(
    path: Path, problem: PlacementProblem, plan: Plan, *, chosen: Sequence[int], id: Sequence[str] = ()
) -> None:
    """Write the certificate that a plan carries, with the problem that it is about; the same content gives the same bytes.

    chosen  numbers of the plan's sites
    id      (S,) of all sites; their numbers when none are given

    Raises InputError when the plan carries none.
    """
    certificate = plan.certificate
    if certificate is None:
        raise InputError(f"the plan has no certificate: its bound is by {plan.bound_by}; expected one with multipliers")
    covers = problem.covers
    arrays = {
        "start": covers.indptr.astype(np.int64), "cell": covers.indices.astype(np.int32), "weight": problem.weight,
        "second": problem.second, "cost": problem.cost, "fixed": problem.fixed, "apart": problem.apart,
        "charge": certificate.cell,
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        head = _head(problem, plan, chosen, id)
        archive.writestr(HEAD, json.dumps(head, ensure_ascii=False, allow_nan=False, indent=1))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    path.write_bytes(timeless(buffer.getvalue()))


def _head(problem: PlacementProblem, plan: Plan, chosen: Sequence[int], id: Sequence[str]) -> dict[str, Any]:
    certificate = plan.certificate
    assert certificate is not None
    quotas = [
        {"group": q.group, "sites": list(q.sites), "minimum": q.minimum, "maximum": q.maximum, "charge": charge}
        for q, charge in zip(problem.quotas, certificate.quota.tolist(), strict=True)
    ]
    return {
        "words_zh": WORDS["zh"],
        "words_en": WORDS["en"],
        "bound": bound_of(problem, certificate),
        "value": plan.value,
        "total": problem.total,
        "plan_bound": plan.bound,
        "bound_by": plan.bound_by,
        "chosen": list(chosen),
        "id": [str(id[site]) if len(id) else str(site) for site in chosen],
        "budget": float(problem.budget) if np.isfinite(problem.budget) else None,
        "shift": certificate.shift,
        "price": certificate.price,
        "quotas": quotas,
        "cliques": certificate.as_dict()["cliques"],
        "arrays": ARRAYS,
    }


def read_certified(path: str | Path) -> Certified:
    """A certificate from its file; what it says is not checked yet.

    Raises InputError when there is none, or it cannot be read.
    """
    from scipy.sparse import csr_array

    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path}: 没有证书。There is none: the plan was made greedily, or for a target, or by an older version"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            head = json.loads(archive.read(HEAD))
        with np.load(path) as file:
            a = {name: file[name] for name in ARRAYS}
        charges = {"cell": a["charge"], "quota": [one["charge"] for one in head["quotas"]]}
        certificate = read_certificate(
            {**charges, "cliques": head["cliques"], "shift": head["shift"], "price": head["price"]}
        )
        covers = csr_array(
            (np.ones(len(a["cell"]), dtype=bool), a["cell"], a["start"]), shape=(len(a["cost"]), len(a["weight"]))
        )
        quotas = tuple(Quota(q["group"], tuple(q["sites"]), q["minimum"], q["maximum"]) for q in head["quotas"])
        told = {name: head[name] for name in ("bound", "value", "plan_bound", "bound_by")}
        budget = np.inf if head["budget"] is None else head["budget"]
        problem = PlacementProblem(
            covers, a["weight"], budget, a["cost"], a["fixed"], quotas=quotas, second=a["second"], apart=a["apart"]
        )
        return Certified(problem, certificate, tuple(head["chosen"]), tuple(head["id"]), told)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: cannot be read ({error!r}); expected what `aedplan plan` writes") from error


def faults_of(held: Certified) -> list[str]:
    """What does not hold in a certificate by itself: the bound, the plan's value, its constraints."""
    told, slack = held.told, ROUNDING * abs(held.told["value"])
    try:
        proven = bound_of(held.problem, held.certificate)
    except (AssertionError, ValueError, IndexError) as error:
        return [f"the multipliers prove nothing: {error}"]
    faults = [] if proven == told["bound"] else [f"the multipliers prove {proven!r}; the head says {told['bound']!r}"]
    if not all(0 <= site < len(held.problem.cost) for site in held.chosen):
        return [*faults, "a chosen site is none; expected numbers of sites"]
    worth = value(held.problem, held.chosen)
    faults += [f"the plan {breach}" for breach in breaches(held.problem, held.chosen)]
    if abs(worth - told["value"]) > slack:
        faults.append(f"the plan is worth {worth!r}; the head says {told['value']!r}")
    least = min(told["plan_bound"], proven)
    if worth > least + slack:
        faults.append(f"the plan is worth {worth!r}, more than its bound, {least!r}")
    if told["bound_by"] == "certificate" and told["plan_bound"] < proven - slack:
        faults.append(f"the plan's bound is {told['plan_bound']!r}; the multipliers prove no more than {proven!r}")
    return faults


def verify(folder: str | Path) -> Verified:
    """Check the certificate in a plan's folder: nothing that the search said is believed.

    The bound is counted again in whole numbers, the plan is judged again, the summary must say the same, and who covers
    whom must be what walking the folder's streets gives.

    Raises InputError with everything that does not hold, or when there is no certificate.
    """
    folder = Path(folder)
    held, study = read_certified(folder / FILE), reopen(folder)
    faults = faults_of(held)
    summary, told = study.summary, held.told
    standing = {study.sites.id[site] for site in np.flatnonzero(study.sites.standing)}
    if sorted(summary["chosen"]) != sorted(id for id in held.id if id not in standing):
        faults.append("summary.json names other sites than the certificate")
    for name, known in (("value", "value"), ("bound", "plan_bound")):
        if summary[name] != round_(told[known]):
            faults.append(f"summary.json says {name} {summary[name]!r}; the certificate {round_(told[known])!r}")
    coverage, problem = study.coverage(), held.problem
    same = coverage.covers.shape == problem.covers.shape and np.array_equal(coverage.weight, problem.weight)
    if not same or (coverage.covers != problem.covers).nnz:
        faults.append(
            "the problem is not that of the study: who covers whom, or demand, differs from what walking gives"
        )
    raise_faults(f"{folder / FILE}: {fault}" for fault in faults)
    return Verified(told["value"], told["bound"], problem.total, told["plan_bound"], told["bound_by"])
