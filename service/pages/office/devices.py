"""The devices: their list, and the page of one with everything that belongs to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

from fastapi import APIRouter, Response

from ...access import Thing
from ...api.asking import require
from ...api.certificates import FundingChange, FundingIn, FundingOut, see_funding
from ...api.incidents import IncidentIn, see_incidents
from ...api.inspections import see_defects, see_inspections
from ...api.readiness import see_steps
from ...api.records_devices import (
    BatteryIn,
    BatteryOut,
    DeviceChange,
    DeviceFields,
    DeviceIn,
    DeviceOut,
    MoveIn,
    PadsIn,
    PadsOut,
    PartChange,
    StepIn,
)
from ...api.records_devices import see_device as api_device
from ...api.reports import see_reports
from ...api.sites import see_sites
from ...facts import CabinetAccess, Lifecycle
from ...records.attachments import list_attachments
from ...records.devices import AFTER, Filter, find_device, list_devices, pick_devices
from ...tables import Device
from ...tables.devices import PadsKind
from .choices import CHOICES, word_of
from .desk import At, Desk
from .files import Uploads, uploads_of
from .forms import Form, Input
from .lines import check_columns, check_row, defect_line, incident_line, papers_about, report_line
from .lists import Column, Row, options_of
from .lists import Filter as ListFilter
from .past import past_of
from .show import badge, day, moment, small
from .standing import ready_badge, ready_of, told_once, way, worth_of
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records"
LATEST_CHECKS = 20

_NAMES = (
    "id", "public_code", "status", "site_id", "location_text", "level", "serial", "manufacturer", "model",
    "last_verified_at", "cabinet_access", "display_public", "mobile", "note",
)  # fmt: skip

GROUPS = (
    (_("在哪里"), "location_text location_text_en level indoor opening_hours access mobile"),
    (_("箱体"), "cabinet_type cabinet_access cabinet_power mount_height_cm remote_monitor_id accessories"),
    (_("主机"), "manufacturer model serial registration_no manufactured_on supplier warranty_until_on installed_on"
     " body_expires_on child_key"),
    (_("公开和备注"), "display_public hidden_reason data_confidence osm_id note"),
)  # fmt: skip
"""The form of a device, part by part."""

FACTS = " ".join(names for _title, names in GROUPS)


@router.get("/office/devices")
def devices_page(desk: At) -> Response:
    """All devices."""
    own = desk.who.role in ("manager", "inspector")
    which = Filter(sites=desk.who.sites, devices=desk.who.devices) if own else Filter()
    worth = worth_of(desk) if desk.ever("list", "coverage") else {}
    plain = list_devices(desk.session, which, _NAMES)
    ready = ready_of(desk, pick_devices(desk.session, which), worth)
    towns = {site: desk.names.town(code) for site, code in _codes(desk).items()}
    rows = [
        _row(desk, one, ready[one["id"]], worth.get(one["id"]), towns.get(one["site_id"] or "", "")) for one in plain
    ]
    ways = [(desk.say(_("新增设备")), "/office/devices/new")] if desk.ever("add", "device") else []
    if desk.ever("see", "site"):
        ways += [(desk.say(_("打印二维码")), "/office/print/qr"), (desk.say(_("打印登记表")), "/office/print/register")]
    empty = desk.say(_("还没有设备。新增一台，或从表格导入。"))
    listing = desk.listing(rows, _columns(desk), _filters(desk, rows), sort="public_code")
    return desk.page("list.html", _("设备"), list=listing, path="/office/devices", empty=empty, ways=ways)


def _codes(desk: Desk) -> dict[str, str | None]:
    return {one.id: one.admin_code for one in see_sites(desk.session, desk.who)} if desk.ever("see", "site") else {}


def _row(desk: Desk, one: dict[str, Any], ready: Any, worth: Any, town: str) -> Row:
    pads = [part["expires_on"] for part in one["pads"] if not part["spare"]]
    batteries = [part["expires_on"] for part in one["batteries"]]
    return Row(
        f"/office/devices/{one['id']}",
        {
            "public_code": one["public_code"],
            "site": one["site_name"],
            "location": one["location_text"],
            "town": town,
            "ready": ready_badge(desk, ready),
            "status": badge(one["status"], desk.say, Lifecycle),
            "checked": day(one["last_verified_at"]),
            "pads": min((day for day in pads if day), default=None),
            "battery": min((day for day in batteries if day), default=None),
            "worth": worth.worth if worth else None,
        },
        {"ready": ready.state, "status": one["status"], "town": town, "cabinet": one["cabinet_access"] or "-"},
        " ".join(str(one[name]) for name in ("serial", "manufacturer", "model", "level", "note")),
    )


def _columns(desk: Desk) -> Sequence[Column]:
    made = [
        desk.column("public_code", _("编号")),
        desk.column("site", _("点位")),
        desk.column("location", _("具体位置"), wide=True),
        desk.column("town", _("镇街"), wide=True),
        desk.column("ready", _("可用状态")),
        desk.column("status", _("在用情况"), wide=True),
        desk.column("checked", _("最近检查"), shape="date", wide=True),
        desk.column("pads", _("电极片到期"), shape="date", wide=True),
        desk.column("battery", _("电池到期"), shape="date", wide=True),
    ]
    if desk.ever("list", "coverage"):
        text = {"shape": "number", "text": small}
        made.append(desk.column("worth", _("失效损失"), unit=_("例/年"), wide=True, **text))
    return made


def _filters(desk: Desk, rows: list[Row]) -> list[ListFilter]:
    def say(value: str) -> str:
        return desk.say(word_of(value))

    cabinets = [(value or "-", desk.say(word)) for value, word in CHOICES[get_args(CabinetAccess)].items()]
    return [
        ListFilter(
            "ready", desk.say(_("可用状态")), [(one, say(one)) for one in ("READY", "EXPIRING", "UNKNOWN", "NOT_READY")]
        ),
        ListFilter("status", desk.say(_("在用情况")), [(one, desk.say(word_of(one, Lifecycle))) for one in AFTER]),
        ListFilter("town", desk.say(_("镇街")), options_of(rows, "town", str)),
        ListFilter("cabinet", desk.say(_("箱体开启")), cabinets),
    ]


@router.get("/office/devices/new")
def new_device_page(desk: At, site_id: str = "") -> Response:
    """A device to add."""
    groups = desk.inputs.grouped(
        ((_("点位"), "site_id position"), *GROUPS), DeviceIn, "device", values={"site_id": site_id}
    )
    form = desk.form("new", _("新增设备"), _("保存"), f"POST {R}/devices", groups, after="/office/devices/{id}")
    back = desk.say(_("设备"))
    return desk.page("edit.html", _("新增设备"), form=form, back="/office/devices", back_name=back)


@router.get("/office/devices/{device_id}/edit")
def edit_device_page(desk: At, device_id: str) -> Response:
    """The fields of a device; a manager's are fewer."""
    device = find_device(desk.session, device_id)
    require(desk.who, "change", Thing("device", site=device.site_id, device=device.id))
    record = api_device(device_id, desk.session, desk.who)
    if desk.who.role == "manager":
        groups: Any = desk.inputs.of(DeviceFields, "device", values=record)
    else:
        groups = desk.inputs.grouped(GROUPS, DeviceChange, "device", values=record)
    here = f"/office/devices/{device_id}"
    form = desk.form(
        "edit", _("修改设备"), _("保存"), f"PATCH {R}/devices/{device_id}", groups, after=here, version=record.version,
        see=f"{R}/devices/{device_id}",
    )  # fmt: skip
    name = desk.names.of("device", device_id)
    return desk.page("edit.html", _("修改设备"), form=form, back=here, back_name=name)


@router.get("/office/devices/{device_id}")
def device_page(desk: At, device_id: str) -> Response:
    """One device with everything that belongs to it."""
    record = api_device(device_id, desk.session, desk.who)
    device = find_device(desk.session, device_id)
    worth = worth_of(desk).get(device_id) if desk.ever("list", "coverage") else None
    ready = worth.ready if worth else ready_of(desk, [device], {})[device_id]
    reasons = [
        (desk.either(one.zh, one.en), badge(one.state, desk.say), way(one.code, device))
        for one in told_once(ready.reasons)
    ]
    kinds = [("device", device_id), *(("pads", one.id) for one in record.pads)]
    return desk.page(
        "device.html", _("设备"), heading=f"{record.public_code} {record.site_name}", record=record, ready=ready,
        state=ready_badge(desk, ready), life=badge(record.status, desk.say, Lifecycle), reasons=reasons, worth=worth,
        facts=desk.shown.facts(record, f"public_code site_id {FACTS} out_of_service_reason", "device"),
        actions=_actions(desk, record, device), part_rows=_parts(desk, record),
        corrections=_corrections(desk, record, device), uploads=_uploads(desk, device),
        past=past_of(desk, *kinds, *(("battery", one.id) for one in record.batteries)),
        may_change=desk.may("change", "device", site=device.site_id, device=device_id),
        may_check=desk.may("add", "inspection", site=device.site_id, device=device_id), **_attached(desk, device),
    )  # fmt: skip


def _attached(desk: Desk, device: Device) -> dict[str, Any]:
    """What belongs to a device: checks, defects, papers, uses, reports, steps, money."""
    session, who, sees = desk.session, desk.who, desk.ever
    checks = see_inspections(session, who, device.id, limit=LATEST_CHECKS) if sees("see", "inspection") else []
    defects = see_defects(session, who, device.id, done=True) if sees("see", "defect") else []
    incidents = see_incidents(session, who) if sees("see", "incident") else []
    reports = see_reports(session, who, handled=True) if sees("see", "report") else []
    money = see_funding(session, who, device.id) if sees("see", "funding") else []
    return {
        "checks": [check_row(desk, one) for one in checks],
        "check_columns": check_columns(desk),
        "defects": [defect_line(desk, one) for one in defects],
        "papers": papers_about(desk, device.site_id or "", [device.id]),
        "incidents": [incident_line(desk, one) for one in incidents if one.device_id == device.id],
        "reports": [report_line(desk, one) for one in reports if one.device_id == device.id],
        "steps": [
            (moment(one.at), badge(one.status, desk.say, Lifecycle), desk.say(_REASONS.get(one.reason, one.reason)))
            for one in reversed(see_steps(device.id, session, who))
        ],
        "money": [(desk.shown.facts(one, MONEY, "funding"), _money_form(desk, one)) for one in money],
    }


def _money_form(desk: Desk, one: FundingOut) -> Form | None:
    """What was noted wrongly of who paid."""
    if not desk.ever("add", "funding"):
        return None
    inputs, to = desk.inputs.of(FundingChange, "funding", values=one), f"PATCH {R}/funding/{one.id}"
    return desk.form(f"money-{one.id}", _("更正"), _("保存"), to, inputs, version=one.version)


_REASONS = {"incident": _("使用事件")}
MONEY = "source organisation_id person_id amount_fen paid_on note"


def _parts(desk: Desk, record: DeviceOut) -> list[tuple[str, str, str, str, str]]:
    """What is in the device and what was: name, lot, expiry, fitted, removed."""
    found = [
        (desk.say(word_of(one.kind, PadsKind)) + (" · " + desk.say(_("备用")) if one.spare else ""), one.lot, one.expires_on,
         one.fitted_on, one.removed_on)
        for one in record.pads
    ]  # fmt: skip
    found += [
        (
            desk.say(_("电池")) + (f" {one.kind}" if one.kind else ""),
            one.lot,
            one.expires_on,
            one.installed_on,
            one.removed_on,
        )
        for one in record.batteries
    ]
    current = [one for one in found if one[4] is None]
    gone = [one for one in found if one[4] is not None]
    return [tuple(str(cell or "") for cell in one) for one in current + gone]  # type: ignore[misc]


def _corrections(desk: Desk, record: DeviceOut, device: Device) -> list[Form]:
    """What was typed wrongly of a part that is in."""
    if not desk.may("change", "device", site=device.site_id, device=device.id):
        return []
    made = []
    parts: list[PadsOut | BatteryOut] = [*record.pads, *record.batteries]
    for one in parts:
        if one.removed_on is None:
            to = f"PATCH {R}/devices/{device.id}/parts/{one.id}"
            form = desk.form(f"part-{one.id}", _("更正"), _("保存"), to, desk.inputs.of(PartChange, "part", values=one))
            name = desk.say(word_of(one.kind, PadsKind)) if isinstance(one, PadsOut) else desk.say(_("电池"))
            made.append(form._replace(title=f"{form.title} {name} {one.expires_on or ''}"))
    return made


def _uploads(desk: Desk, device: Device) -> Uploads:
    may = desk.may("add", "inspection", site=device.site_id, device=device.id)
    files = list_attachments(desk.session, "device_id", device.id) if desk.ever("see", "attachment") else []
    return uploads_of(desk, files, f"device_id={device.id}", may=may)


def _actions(desk: Desk, record: DeviceOut, device: Device) -> list[Form]:
    """What can be done with a device now, by whoever asks."""
    to, here = f"{R}/devices/{device.id}", f"/office/devices/{device.id}"
    own = {"site": device.site_id, "device": device.id}
    today, made = {"fitted_on": desk.on, "installed_on": desk.on}, []
    if desk.may("change", "device", **own):
        pads, battery = desk.inputs.of(PadsIn, "pads", values=today), desk.inputs.of(BatteryIn, "battery", values=today)
        made.append(desk.form("pads", _("更换电极片"), _("记下电极片"), f"POST {to}/pads", pads))
        made.append(desk.form("battery", _("更换电池"), _("记下电池"), f"POST {to}/battery", battery))
    if desk.may("decide", "device", **own) and AFTER[record.status]:
        made.append(desk.form("step", _("改变在用情况"), _("记下"), f"POST {to}/steps", _step_inputs(desk, record)))
        move = desk.inputs.of(MoveIn, "device", values={})
        made.append(
            desk.form("move", _("移到别处"), _("移位"), f"POST {to}/move", move, note=_("原来挂在哪里留在修改记录里。"))
        )
    if desk.may("add", "incident", **own) and record.status != "planned":
        use = desk.inputs.of(IncidentIn, "incident", values={"at": desk.session.by.at}, only=USE)
        fixed = (*use, _fixed("device_id", device.id), *([_fixed("site_id", device.site_id)] if device.site_id else []))
        note = _("登记后，设备停用到检查合格为止。不写患者身份。")
        to_use = f"POST {R}/incidents"
        after = "/office/incidents/{id}"
        made.append(desk.form("use", _("登记一次使用"), _("登记使用"), to_use, fixed, after=after, note=note))
    if desk.ever("add", "funding"):
        money = (*desk.inputs.of(FundingIn, "funding", without="device_id"), _fixed("device_id", device.id))
        made.append(desk.form("money", _("记下资金来源"), _("记下"), f"POST {R}/funding", money, after=f"{here}#money"))
    return made


USE = "at place call_120_at aed_arrive_at first_shock_at shocks rosc outcome debrief"


def _fixed(name: str, value: str | None) -> Input:
    """A field that the page fills in itself."""
    return Input(name, "hidden", "", value=value)


def _step_inputs(desk: Desk, record: DeviceOut) -> tuple[Input, ...]:
    inputs = desk.inputs.of(StepIn, "device", values={"at": desk.session.by.at})
    choices = tuple((one, desk.say(word_of(one, Lifecycle))) for one in AFTER[record.status])
    return tuple(replace(one, choices=choices) if one.name == "status" else one for one in inputs)
