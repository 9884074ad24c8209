"""Insurance: policies with the four covers, what has none, and claims. Money in fen (0.01 CNY)."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, model_validator

from ..facts import day_of
from ..records import change, find
from ..records.policies import (
    add_claim,
    add_policy,
    change_policy,
    find_gaps,
    insured_by,
    list_claims,
    list_policies,
    set_insured,
)
from ..tables import Claim, Policy, PolicyInsured
from ..tables.papers import ClaimStatus, Cover, InsuredKind
from .asking import Asking, Db, own_sites
from .shapes import Day, Fen, Key, Line, Shape, Text, refusals, shown

router = APIRouter(prefix="/api/v1/records", tags=["insurance"])


class InsuredShape(Shape):
    """One that a policy names: a device, a person or a training event."""

    device_id: Key | None = None
    person_id: Key | None = None
    training_event_id: Key | None = None

    @model_validator(mode="after")
    def _one(self) -> "InsuredShape":
        if [self.device_id, self.person_id, self.training_event_id].count(None) != 2:
            raise ValueError("name one of device_id, person_id, training_event_id / 应且只应写一项")
        return self


class PolicyIn(Shape):
    """A policy; both ends of its time count."""

    insurer_id: Key
    policy_no: Annotated[Line, Field(min_length=1, max_length=64)]
    cover: Cover
    insured_kind: InsuredKind
    starts_on: Day
    ends_on: Day
    sum_per_person_fen: Fen | None = None
    sum_per_event_fen: Fen | None = None
    sum_total_fen: Fen | None = None
    deductible_fen: Fen | None = None
    premium_fen: Fen | None = None
    payer_id: Key | None = None
    claim_requirements: Text = ""
    note: Text = ""
    insured: Annotated[list[InsuredShape], Field(max_length=2000, default_factory=list)]


class PolicyChange(Shape):
    """What is changed of a policy; only what is named. `insured` takes the place of all that was named before."""

    version: int | None = None
    starts_on: Day = dt.date(1900, 1, 1)
    ends_on: Day = dt.date(1900, 1, 1)
    sum_per_person_fen: Fen | None = None
    sum_per_event_fen: Fen | None = None
    sum_total_fen: Fen | None = None
    deductible_fen: Fen | None = None
    premium_fen: Fen | None = None
    payer_id: Key | None = None
    claim_requirements: Text = ""
    note: Text = ""
    insured: Annotated[list[InsuredShape], Field(max_length=2000, default_factory=list)]


class PolicyOut(PolicyIn):
    """A policy with its id."""

    id: str
    version: int


class GapsOut(Shape):
    """What has no cover on a day, by id: devices against loss, volunteers by cover, events to come."""

    on: dt.date
    devices: list[str]
    volunteers: dict[str, list[str]]
    events: list[str]


class ClaimIn(Shape):
    """What is asked of the insurer."""

    incident_id: Key | None = None
    device_id: Key | None = None
    filed_on: Day | None = None
    amount_fen: Fen | None = None
    status: ClaimStatus = "prepared"
    note: Text = ""


class ClaimChange(ClaimIn):
    """How a claim went on; only what is named is changed."""

    version: int | None = None
    paid_fen: Fen | None = None


class ClaimOut(ClaimIn):
    """A claim as it stands."""

    id: str
    version: int
    policy_id: str
    paid_fen: int | None


@router.get("/policies", responses=refusals())
def see_policies(session: Db, who: Asking) -> list[PolicyOut]:
    """Policies, those that end first first; a manager's only those that cover something of theirs."""
    sites = own_sites(who, "see", "policy")
    found = list_policies(session, sites=sites)
    insured = insured_by(session, [policy.id for policy in found], sites=sites)
    return [_shape(policy, insured.get(policy.id, [])) for policy in found]


@router.post("/policies", status_code=201, responses=refusals(404, 409))
def add(given: PolicyIn, session: Db, who: Asking) -> PolicyOut:
    """Add a policy."""
    insured = [PolicyInsured(**one.model_dump()) for one in given.insured]
    return _shape(add_policy(session, Policy(**given.model_dump(exclude={"insured"})), insured), insured)


@router.patch("/policies/{policy_id}", responses=refusals(404, 409))
def change_one(policy_id: str, given: PolicyChange, session: Db, who: Asking) -> PolicyOut:
    """Change what is named of a policy."""
    policy = find(session, Policy, policy_id)
    change_policy(session, policy, given.model_dump(exclude_unset=True, exclude={"insured"}))
    if "insured" in given.model_fields_set:
        insured = set_insured(session, policy, [PolicyInsured(**one.model_dump()) for one in given.insured])
    else:
        insured = insured_by(session, [policy.id]).get(policy.id, [])
    return _shape(policy, insured)


@router.get("/policies/gaps", responses=refusals())
def see_gaps(session: Db, who: Asking, on: Day | None = None) -> GapsOut:
    """What has no cover on a day, today by default."""
    day = on or day_of(session.by.at)
    gaps = find_gaps(session, day)
    volunteers = {cover: list(people) for cover, people in gaps.volunteers.items()}
    return GapsOut(on=day, devices=list(gaps.devices), volunteers=volunteers, events=list(gaps.events))


@router.get("/policies/{policy_id}/claims", responses=refusals(404))
def see_claims(policy_id: str, session: Db, who: Asking) -> list[ClaimOut]:
    """The claims on a policy, oldest first."""
    return [shown(ClaimOut, claim) for claim in list_claims(session, find(session, Policy, policy_id).id)]


@router.post("/policies/{policy_id}/claims", status_code=201, responses=refusals(404, 409))
def add_one_claim(policy_id: str, given: ClaimIn, session: Db, who: Asking) -> ClaimOut:
    """Note what is asked of the insurer."""
    return shown(ClaimOut, add_claim(session, Claim(policy_id=policy_id, **given.model_dump())))


@router.patch("/claims/{claim_id}", responses=refusals(404, 409))
def change_claim(claim_id: str, given: ClaimChange, session: Db, who: Asking) -> ClaimOut:
    """Say how a claim went on."""
    return shown(ClaimOut, change(session, find(session, Claim, claim_id), given.model_dump(exclude_unset=True)))


def _shape(policy: Policy, insured: list[PolicyInsured]) -> PolicyOut:
    return shown(PolicyOut, policy, insured=[shown(InsuredShape, one) for one in insured])
