"""Uses of devices: their list, and the page of one. Nothing tells who the patient was."""

from typing import Any, get_args

from fastapi import APIRouter, Response

from ...access import Thing
from ...api.asking import require
from ...api.incidents import IncidentChange, IncidentIn, IncidentOut, see_incident, see_incidents
from ...records import find
from ...records.attachments import list_attachments
from ...tables import Device
from ...tables.events import Outcome
from .choices import word_of
from .desk import At, Desk
from .files import uploads_of
from .lists import Filter, Row, options_of
from .past import past_of
from .sections import Section
from .show import Badge, badge, day, moment
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records/incidents"
GROUPS = (
    (_("在哪里，什么时候"), "at site_id device_id place reported_by"),
    (_("经过"), "collapse_at call_120_at fetch_start_at aed_arrive_at first_shock_at ems_arrive_at shocks"),
    (_("结果"), "rosc outcome consumables_used debrief thanks"),
)
CHANGES = (
    (_("在哪里"), "place"),
    *GROUPS[1:],
)
FACTS = (
    "at site_id device_id place reported_by collapse_at call_120_at fetch_start_at aed_arrive_at first_shock_at ems_arrive_at"
    " shocks rosc outcome consumables_used returned_to_service_at debrief thanks"
)


@router.get("/office/incidents")
def incidents_page(desk: At) -> Response:
    """All uses."""
    rows = [_row(desk, one) for one in see_incidents(desk.session, desk.who)]
    columns = [
        desk.column("at", _("时间"), shape="date"),
        desk.column("place", _("地点")),
        desk.column("device", _("设备"), wide=True),
        desk.column("shocks", _("电击次数"), unit=_("次"), shape="number", wide=True),
        desk.column("outcome", _("结果")),
        desk.column("back", _("恢复备用"), wide=True),
    ]
    outcomes = [(one, desk.say(word_of(one, Outcome))) for one in get_args(Outcome)]
    filters = [
        Filter("outcome", desk.say(_("结果")), outcomes),
        Filter("year", desk.say(_("年份")), options_of(rows, "year", str)[::-1]),
        Filter("back", desk.say(_("恢复备用")), [("no", desk.say(_("尚未恢复"))), ("yes", desk.say(_("已恢复")))]),
    ]
    ways = [(desk.say(_("登记使用")), "/office/incidents/new")] if desk.ever("add", "incident") else []
    empty = desk.say(_("还没有使用过设备。用过之后在这里登记，不写患者身份。"))
    listing = desk.listing(rows, columns, filters, sort="-at")
    return desk.page("list.html", _("使用事件"), list=listing, path="/office/incidents", empty=empty, ways=ways)


def _row(desk: Desk, one: IncidentOut) -> Row:
    place = one.place or desk.names.of("site", one.site_id)
    back: Badge | str = day(one.returned_to_service_at)
    if not back and one.device_id:
        back = badge("in_use", desk.say)._replace(word=desk.say(_("尚未恢复")))
    cells = {
        "at": moment(one.at), "place": place, "device": desk.names.of("device", one.device_id), "shocks": one.shocks,
        "outcome": desk.say(word_of(one.outcome, Outcome)), "back": back,
    }  # fmt: skip
    tags = {"outcome": one.outcome, "year": moment(one.at)[:4], "back": "yes" if one.returned_to_service_at else "no"}
    return Row(f"/office/incidents/{one.id}", cells, tags, one.debrief)


@router.get("/office/incidents/new")
def new_incident_page(desk: At, device_id: str = "") -> Response:
    """A use to note."""
    values = {"at": desk.session.by.at, "device_id": device_id or None}
    groups = desk.inputs.grouped(GROUPS, IncidentIn, "incident", values=values)
    note = _("登记后，设备停用到检查合格为止。不写患者身份。")
    form = desk.form("new", _("登记使用"), _("保存"), f"POST {R}", groups, after="/office/incidents/{id}", note=note)
    return desk.page("edit.html", _("登记使用"), form=form, back="/office/incidents", back_name=desk.say(_("使用事件")))


def _things(desk: Desk, record: IncidentOut) -> dict[str, Any]:
    """What a use belongs to: its device and where that hangs, or its site."""
    if record.device_id is None:
        return {"site": record.site_id}
    return {"site": find(desk.session, Device, record.device_id).site_id, "device": record.device_id}


@router.get("/office/incidents/{incident_id}/edit")
def edit_incident_page(desk: At, incident_id: str) -> Response:
    """What became known of a use later."""
    record = see_incident(incident_id, desk.session, desk.who)
    require(desk.who, "change", Thing("incident", **_things(desk, record)))
    here = f"/office/incidents/{incident_id}"
    groups = desk.inputs.grouped(CHANGES, IncidentChange, "incident", values=record)
    form = desk.form(
        "edit", _("补充记录"), _("保存"), f"PATCH {R}/{incident_id}", groups, after=here, version=record.version,
        see=f"{R}/{incident_id}",
    )  # fmt: skip
    return desk.page("edit.html", _("补充记录"), form=form, back=here, back_name=moment(record.at))


@router.get("/office/incidents/{incident_id}")
def incident_page(desk: At, incident_id: str) -> Response:
    """One use."""
    record = see_incident(incident_id, desk.session, desk.who)
    here, may = f"/office/incidents/{incident_id}", desk.may("change", "incident", **_things(desk, record))
    sections = []
    if desk.ever("see", "attachment"):
        files = list_attachments(desk.session, "incident_id", incident_id)
        kinds = ("photo", "device_data", "other")
        uploads = uploads_of(desk, files, f"incident_id={incident_id}", may=may, kinds=kinds)
        sections.append(Section("files", desk.say(_("照片和设备数据")), uploads=uploads))
    out = record.device_id and record.returned_to_service_at is None
    return desk.page(
        "record.html", _("使用事件"), heading=f"{moment(record.at)} {record.place}", back="/office/incidents",
        back_name=desk.say(_("使用事件")), ways=[(desk.say(_("补充记录")), f"{here}/edit")] if may else [],
        facts=desk.shown.facts(record, FACTS, "incident"), sections=sections, past=past_of(desk, ("incident", incident_id)),
        note=desk.say(_("设备尚未恢复备用：换好耗材并检查合格后自动恢复。")) if out else "",
    )  # fmt: skip
