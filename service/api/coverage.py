"""Coverage of this moment against coverage on paper, and the office's work list by what hangs on each device."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from ..access import reach_of
from ..errors import ServiceError
from ..facts import day_of
from ..mapping.coverage_now import CAUSES, CAUSES_EN, CAUSES_ZH, UNIT_EN, UNIT_ZH
from ..ready.readiness import State
from ..records.coverage import DeviceWorth, find_coverage, list_worth
from . import Current
from .asking import Asking, Db
from .shapes import Instant, Shape, refusals

router = APIRouter(prefix="/api/v1", tags=["coverage"])
Share = Annotated[float, Field(ge=0, le=1, examples=[0.31])]
Arrests = Annotated[float, Field(ge=0, examples=[2.75])]


class LossOut(Shape):
    """What one cause takes of the coverage on paper."""

    cause: Annotated[str, Field(examples=["closed"])]
    zh: Annotated[str, Field(examples=["场所关门或开放时间不明"])]
    en: Annotated[str, Field(examples=["the place is closed, or its hours are not known"])]
    value: Arrests
    share: Share


class CoverageOut(Shape):
    """Coverage at an instant, in expected arrests per year and as shares of all demand.

    paper      if every device in service were open and ready
    effective  by devices that are open and ready: paper less what the causes take
    """

    at: Annotated[dt.datetime, Field(examples=["2026-11-22T19:00:00Z"])]
    circle_zh: str
    circle_en: Annotated[str, Field(examples=["walk-4 (v1): 300 m along streets, one way, 4 min at 1.25 m/s"])]
    unit_zh: str = UNIT_ZH
    unit_en: str = UNIT_EN
    devices: Annotated[int, Field(examples=[20])]
    total: Arrests
    paper: Arrests
    effective: Arrests
    paper_share: Share
    effective_share: Share
    lost: list[LossOut]


class WorkReason(Shape):
    """What is to be done, as the reason why a device is not simply ready."""

    code: Annotated[str, Field(examples=["expired"])]
    zh: str
    en: str


class WorkOut(Shape):
    """A device, its readiness, and what hangs on it.

    worth  arrests a year that only this device covers while it is open: lost if it fails, won back if it is mended;
           null where the published plan tells of no demand, and for a device on a vehicle or of unknown place
    """

    device_id: str
    public_code: Annotated[str, Field(examples=["A7K2MQ"])]
    site_id: str | None
    site_name: Annotated[str, Field(examples=["汽车站"])]
    state: State
    usable: bool
    changes_on: dt.date | None
    worth: float | None
    reasons: list[WorkReason]


@router.get("/coverage", responses=refusals(404))
def see_coverage(published: Current, session: Db, who: Asking, at: Instant | None = None) -> CoverageOut:
    """Present effective coverage (open and ready) against coverage on paper, and the loss by cause; now or at an instant."""
    ground = published.ground
    if ground is None:
        raise ServiceError(404, "已发布的方案没有需求数据。", "The published plan tells of no demand.")
    instant = at or session.by.at
    found = find_coverage(session, ground, instant)
    total = found.now.total
    return CoverageOut(
        at=instant,
        circle_zh=ground.circle.words_zh,
        circle_en=ground.circle.words_en,
        devices=found.devices,
        total=total,
        paper=found.now.paper,
        effective=found.now.effective,
        paper_share=found.now.paper / total,
        effective_share=found.now.effective / total,
        lost=[
            LossOut(cause=cause, zh=CAUSES_ZH[cause], en=CAUSES_EN[cause], value=value, share=value / total)
            for cause, value in ((cause, found.now.lost[cause]) for cause in CAUSES[1:])
        ],
    )


@router.get("/records/work", responses=refusals())
def see_work(
    published: Current, session: Db, who: Asking, everything: Annotated[bool, Query(alias="all")] = False
) -> list[WorkOut]:
    """Devices that need something done, that on which most hangs first; `all` tells of the others too."""
    own = reach_of(who, "list", "coverage") == "own"
    found = list_worth(session, published.ground, day_of(session.by.at))
    return [
        _work(one)
        for one in found
        if (everything or one.ready.reasons) and not (own and one.standing.device.site_id not in who.sites)
    ]


def _work(one: DeviceWorth) -> WorkOut:
    device = one.standing.device
    return WorkOut(
        device_id=device.id,
        public_code=device.public_code,
        site_id=device.site_id,
        site_name=one.standing.site_name,
        state=one.ready.state,
        usable=one.ready.usable,
        changes_on=one.ready.changes_on,
        worth=one.worth,
        reasons=[WorkReason(code=reason.code, zh=reason.zh, en=reason.en) for reason in one.ready.reasons],
    )
