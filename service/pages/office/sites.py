"""The sites: their list, and the page of one with its devices, papers, people, training and score."""

from typing import Any, get_args

from fastapi import APIRouter, Response

from ...access import Thing
from ...api.asking import require
from ...api.figures import see_scores
from ...api.incidents import see_incidents
from ...api.people import see_people
from ...api.proposals import see_proposals
from ...api.sites import SiteChange, SiteFields, SiteIn, SiteOut, see_site, see_sites
from ...api.training import RoleChange, RoleIn, RoleOut, see_events, see_roles
from ...records.attachments import list_attachments
from ...records.devices import Filter, pick_devices
from ...records.people import sites_of
from ...tables import Device
from ...tables.places import SiteRoleName, Stage
from .choices import word_of
from .desk import At, Desk
from .files import uploads_of
from .forms import Form, Input
from .lines import Told, incident_line, papers_about
from .lists import Filter as ListFilter
from .lists import Row, options_of
from .past import past_of
from .sections import Section
from .show import badge, day, number
from .standing import ready_badge, ready_of, worth_of
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records"
GROUPS = (
    (_("是什么地方"), "name alias stage organisation_id venue_type norm_class address admin_code position"),
    (_("开放"), "opening_hours holiday_calendar open_24h_access guard_24h emergency_phone"),
    (
        _("规模和条件"),
        "daily_visitors residents volunteers_count building_floors floor_area_m2 cctv network_4g plan_marks_aed",
    ),
    (_("备注"), "note"),
)
FACTS = (
    "alias organisation_id venue_type norm_class address admin_code lon lat coordinate_source opening_hours holiday_calendar"
    " open_24h_access guard_24h emergency_phone daily_visitors residents volunteers_count building_floors floor_area_m2 cctv"
    " network_4g plan_marks_aed note"
)


@router.get("/office/sites")
def sites_page(desk: At) -> Response:
    """All sites."""
    devices = _devices_by_site(desk)
    rows = [_row(desk, one, devices.get(one.id, 0)) for one in see_sites(desk.session, desk.who)]
    columns = [
        desk.column("name", _("名称")),
        desk.column("stage", _("阶段")),
        desk.column("venue", _("场所类型"), wide=True),
        desk.column("keeper", _("管理单位"), wide=True),
        desk.column("town", _("镇街"), wide=True),
        desk.column("hours", _("开放时间"), wide=True),
        desk.column("devices", _("设备"), unit=_("台"), shape="number"),
    ]
    filters = [
        ListFilter("stage", desk.say(_("阶段")), [(one, desk.say(word_of(one, Stage))) for one in get_args(Stage)]),
        ListFilter("venue", desk.say(_("场所类型")), options_of(rows, "venue", desk.shown.venue)),
        ListFilter("town", desk.say(_("镇街")), options_of(rows, "town", str)),
        ListFilter("hours", desk.say(_("开放时间")), [("no", desk.say(_("未填"))), ("yes", desk.say(_("已填")))]),
    ]
    ways = [(desk.say(_("新增点位")), "/office/sites/new")] if desk.ever("add", "site") else []
    empty = desk.say(_("还没有点位。新增一个，或从表格导入。"))
    listing = desk.listing(rows, columns, filters, sort="name")
    return desk.page(
        "list.html",
        _("点位清单"),
        list=listing,
        path="/office/sites",
        empty=empty,
        ways=ways,
        sections=[_proposals(desk)],
    )


def _proposals(desk: Desk) -> Section:
    """Plans and how far their sites have come; what the plan that is served has chosen becomes proposed sites."""
    lines = [
        Told(None, one.title, at=day(one.at), effect=desk.say(_("{n} 个点位，已设 {standing} 个"), n=len(one.sites),
             standing=sum(site.stage == "standing" for site in one.sites)))
        for one in see_proposals(desk.session, desk.who)
    ]  # fmt: skip
    forms: list[Form] = []
    if desk.ever("add", "site") and desk.request.app.state.shelf.current().proposed:
        note = _("已发布的方案选出的点位登记为拟设；登记过的不会重复。")
        forms.append(
            desk.form("propose", _("登记方案选出的点位"), _("登记为拟设"), f"POST {R}/proposals", (), note=note)
        )
    empty = desk.say(_("还没有来自方案的点位。"))
    return Section("proposals", desk.say(_("来自方案的点位")), lines=lines, empty=empty, forms=forms)


def _devices_by_site(desk: Desk) -> dict[str, int]:
    own = Filter(sites=desk.who.sites) if desk.who.role == "manager" else Filter()
    counts: dict[str, int] = {}
    for one in pick_devices(desk.session, own):
        if one.status != "retired" and one.site_id:
            counts[one.site_id] = counts.get(one.site_id, 0) + 1
    return counts


def _row(desk: Desk, one: SiteOut, devices: int) -> Row:
    hours = "24/7" if one.open_24h_access else one.opening_hours
    town = desk.names.town(one.admin_code)
    cells = {
        "name": one.name, "stage": badge(one.stage, desk.say, Stage), "venue": desk.shown.venue(one.venue_type),
        "keeper": desk.names.of("organisation", one.organisation_id), "town": town, "hours": hours, "devices": devices,
    }  # fmt: skip
    tags = {"stage": one.stage, "venue": one.venue_type, "town": town, "hours": "yes" if hours else "no"}
    return Row(f"/office/sites/{one.id}", cells, tags, f"{one.alias} {one.address} {one.note}")


@router.get("/office/sites/new")
def new_site_page(desk: At) -> Response:
    """A site to add."""
    values = {"stage": "standing" if desk.who.role != "planner" else "proposed"}
    groups = desk.inputs.grouped(GROUPS, SiteIn, "site", values=values)
    form = desk.form("new", _("新增点位"), _("保存"), f"POST {R}/sites", groups, after="/office/sites/{id}")
    return desk.page("edit.html", _("新增点位"), form=form, back="/office/sites", back_name=desk.say(_("点位清单")))


@router.get("/office/sites/{site_id}/edit")
def edit_site_page(desk: At, site_id: str) -> Response:
    """The fields of a site; a manager's are fewer."""
    require(desk.who, "change", Thing("site", site=site_id))
    record = see_site(site_id, desk.session, desk.who)
    own = desk.inputs.of(SiteFields, "site", values=record)
    groups: Any = own if desk.who.role == "manager" else desk.inputs.grouped(GROUPS, SiteChange, "site", values=record)
    here = f"/office/sites/{site_id}"
    form = desk.form(
        "edit", _("修改点位"), _("保存"), f"PATCH {R}/sites/{site_id}", groups, after=here, version=record.version,
        see=f"{R}/sites/{site_id}",
    )  # fmt: skip
    return desk.page("edit.html", _("修改点位"), form=form, back=here, back_name=record.name)


@router.get("/office/sites/{site_id}")
def site_page(desk: At, site_id: str) -> Response:
    """One site with everything that belongs to it."""
    record = see_site(site_id, desk.session, desk.who)
    devices = pick_devices(desk.session, Filter(site_id=site_id))
    here = f"/office/sites/{site_id}"
    ways = [(desk.say(_("修改资料")), f"{here}/edit")] if desk.may("change", "site", site=site_id) else []
    ways += (
        [(desk.say(_("在此新增设备")), f"/office/devices/new?site_id={site_id}")] if desk.ever("add", "device") else []
    )
    sections = [
        _devices(desk, devices),
        _papers(desk, site_id, devices),
        _roles(desk, site_id),
        _training(desk, site_id),
    ]
    sections += [_people(desk, site_id)] if desk.ever("see", "contact") else []
    sections += [_uses(desk, site_id, devices)] if desk.ever("see", "incident") else []
    sections += [_score(desk, site_id)] if desk.ever("list", "figure") else []
    sections += [_files(desk, site_id)] if desk.ever("see", "attachment") else []
    return desk.page(
        "record.html", _("点位"), heading=record.name, back="/office/sites", back_name=desk.say(_("点位清单")), ways=ways,
        states=[badge(record.stage, desk.say, Stage)], facts=desk.shown.facts(record, FACTS, "site"), sections=sections,
        past=past_of(desk, ("site", site_id)),
    )  # fmt: skip


def _devices(desk: Desk, devices: list[Device]) -> Section:
    worth = worth_of(desk)
    ready = ready_of(desk, devices, worth)
    lines = [
        Told(ready_badge(desk, ready[one.id]), f"{one.public_code} {one.location_text}", f"/office/devices/{one.id}")
        for one in devices
    ]
    return Section("devices", desk.say(_("设备")), lines=lines, empty=desk.say(_("这里还没有设备。")))


def _papers(desk: Desk, site_id: str, devices: list[Device]) -> Section:
    lines = papers_about(desk, site_id, [one.id for one in devices])
    return Section(
        "papers", desk.say(_("协议和保险")), lines=lines, empty=desk.say(_("没有协议。先与管理单位签订公益协议。"))
    )


def _roles(desk: Desk, site_id: str) -> Section:
    roles = [one for one in see_roles(desk.session, desk.who) if one.site_id == site_id]
    lines = [
        Told(None,
             desk.say(word_of(one.role, SiteRoleName)), at=_period(one.since_on, one.until_on))
        for one in roles
    ]  # fmt: skip
    forms: list[Form] = []
    if desk.ever("add", "team"):
        forms += [_role_form(desk, one) for one in roles]
        role = (*desk.inputs.of(RoleIn, "site_role", without="site_id"), Input("site_id", "hidden", "", value=site_id))
        forms.append(desk.form("role", _("授予角色"), _("保存"), f"POST {R}/site-roles", role))
    empty = desk.say(_("还不是培训点、宣传站或先锋岗。"))
    return Section("roles", desk.say(_("培训点、宣传站、先锋岗")), lines=lines, empty=empty, forms=forms)


def _role_form(desk: Desk, one: RoleOut) -> Form:
    inputs = desk.inputs.of(RoleChange, "site_role", values=one)
    made = desk.form(f"role-{one.id}", _("修改资料"), _("保存"), f"PATCH {R}/site-roles/{one.id}", inputs)
    return made._replace(title=f"{desk.say(word_of(one.role, SiteRoleName))}: {made.title}")


def _period(first: Any, last: Any) -> str:
    return f"{first or ''} – {last or ''}" if first or last else ""


def _training(desk: Desk, site_id: str) -> Section:
    events = [one for one in see_events(desk.session, desk.who) if one.site_id == site_id]
    lines = [
        Told(None, one.course or desk.say(_("培训")), f"/office/training/{one.id}", f"{one.held_on}")
        for one in reversed(events)
    ]
    return Section("training", desk.say(_("培训演练")), lines=lines, empty=desk.say(_("这里还没有培训或演练的记录。")))


def _people(desk: Desk, site_id: str) -> Section:
    found = [one for one in see_people(desk.session, desk.who) if site_id in sites_of(desk.session, one.id)]
    lines = [
        Told(None, one.name, f"/office/people/{one.id}",
             " ".join([one.phone, *(desk.say(word_of(role)) for role in one.roles)]))
        for one in found
    ]  # fmt: skip
    return Section("people", desk.say(_("人员")), lines=lines, empty=desk.say(_("还没有登记人员。")))


def _uses(desk: Desk, site_id: str, devices: list[Device]) -> Section:
    here = {one.id for one in devices}
    found = [one for one in see_incidents(desk.session, desk.who) if one.site_id == site_id or one.device_id in here]
    lines = [incident_line(desk, one)._replace(href=f"/office/incidents/{one.id}") for one in found]
    return Section("uses", desk.say(_("使用事件")), lines=lines, empty=desk.say(_("没有使用过。")))


def _score(desk: Desk, site_id: str) -> Section:
    scores = see_scores(desk.session, desk.who)
    mine = next((one for one in scores.sites if one.site_id == site_id and one.total is not None), None)
    columns = [
        desk.column("part", _("项目")),
        desk.column("points", _("得分"), shape="number"),
        desk.column("most", _("满分"), shape="number"),
        desk.column("advice", _("怎样提高")),
    ]
    rows = [
        Row("", {"part": desk.either(one.zh, one.en), "points": number(one.points, 1), "most": number(one.most),
                 "advice": desk.either(one.advice_zh, one.advice_en)})
        for one in (mine.parts if mine else ())
    ]  # fmt: skip
    title = desk.say(_("本年评分：{points}"), points=number(mine.total if mine else None, 1) or "—")
    note = desk.either(scores.formula_zh, scores.formula_en)
    return Section("score", title, columns, rows, empty=desk.say(_("没有在用的设备，不评分。")), note=note)


def _files(desk: Desk, site_id: str) -> Section:
    files = list_attachments(desk.session, "site_id", site_id)
    uploads = uploads_of(desk, files, f"site_id={site_id}", may=desk.may("change", "site", site=site_id))
    return Section("files", desk.say(_("照片和文件")), uploads=uploads)
