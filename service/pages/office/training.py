"""Training events and drills: their list, and the page of one."""

from fastapi import APIRouter, Response

from ...api.training import EventChange, EventIn, EventOut, see_events
from ...errors import ServiceError
from ...records.attachments import list_attachments
from .desk import At, Desk
from .files import uploads_of
from .lines import Told
from .lists import Filter, Row, options_of
from .past import past_of
from .sections import Section
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records/training"
_NAMELESS = _("培训")
FACTS = (
    "held_on site_id admin_code course hours trainer_id drill device_models attended_n passed_n publicity_reach note"
)


@router.get("/office/training")
def training_page(desk: At) -> Response:
    """All events."""
    rows = [_row(desk, one) for one in see_events(desk.session, desk.who)]
    columns = [
        desk.column("on", _("日期"), shape="date"),
        desk.column("course", _("课程或演练内容")),
        desk.column("kind", _("类别"), wide=True),
        desk.column("site", _("点位"), wide=True),
        desk.column("came", _("参加"), unit=_("人"), shape="number"),
        desk.column("passed", _("合格"), unit=_("人"), shape="number", wide=True),
    ]
    filters = [
        Filter("kind", desk.say(_("类别")), [("course", desk.say(_("培训"))), ("drill", desk.say(_("演练")))]),
        Filter("year", desk.say(_("年份")), options_of(rows, "year", str)[::-1]),
    ]
    ways = [(desk.say(_("登记培训或演练")), "/office/training/new")] if desk.ever("add", "training") else []
    empty = desk.say(_("还没有培训或演练。办过之后在这里登记。"))
    listing = desk.listing(rows, columns, filters, sort="-on")
    return desk.page("list.html", _("培训演练"), list=listing, path="/office/training", empty=empty, ways=ways)


def _row(desk: Desk, one: EventOut) -> Row:
    cells = {
        "on": one.held_on, "course": one.course or desk.say(_("培训")), "site": desk.names.of("site", one.site_id),
        "kind": desk.say(_("演练")) if one.drill else desk.say(_("培训")), "came": one.attended_n, "passed": one.passed_n,
    }  # fmt: skip
    tags = {"kind": "drill" if one.drill else "course", "year": str(one.held_on.year)}
    return Row(f"/office/training/{one.id}", cells, tags, f"{one.note} {one.device_models}")


@router.get("/office/training/new")
def new_training_page(desk: At) -> Response:
    """An event to add."""
    inputs = desk.inputs.of(EventIn, "training", values={"held_on": desk.on})
    form = desk.form("new", _("登记培训或演练"), _("保存"), f"POST {R}", inputs, after="/office/training/{id}")
    return desk.page(
        "edit.html", _("登记培训或演练"), form=form, back="/office/training", back_name=desk.say(_("培训演练"))
    )


@router.get("/office/training/{event_id}")
def event_page(desk: At, event_id: str) -> Response:
    """One event."""
    record = next((one for one in see_events(desk.session, desk.who) if one.id == event_id), None)
    if record is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    sections = [_people(desk, record)]
    if desk.ever("see", "attachment"):
        files = list_attachments(desk.session, "training_event_id", event_id)
        uploads = uploads_of(desk, files, f"training_event_id={event_id}", may=_may_add(desk, record))
        sections.append(Section("files", desk.say(_("照片和文件")), uploads=uploads))
    actions = []
    if desk.may("change", "training", site=record.site_id):
        inputs = desk.inputs.of(EventChange, "training", values=record)
        to = f"PATCH {R}/{event_id}"
        actions.append(desk.form("edit", _("修改资料"), _("保存"), to, inputs, version=record.version))
    heading = f"{record.course or desk.say(_NAMELESS)} {record.held_on}"
    return desk.page(
        "record.html", _("培训演练"), heading=heading, sections=sections, actions=actions,
        back="/office/training", back_name=desk.say(_("培训演练")), facts=desk.shown.facts(record, FACTS, "training"),
        past=past_of(desk, ("training_event", event_id)),
    )  # fmt: skip


def _people(desk: Desk, record: EventOut) -> Section:
    """Who took part, by name for those who may see names, and whether they passed."""
    told = {True: desk.say(_("合格")), False: desk.say(_("不合格")), None: ""}
    lines = [
        Told(None, desk.names.of("person", one), desk.names.link("person", one), told[passed])
        for one, passed in record.people.items()
    ]
    return Section("people", desk.say(_("参加的人员")), lines=lines, empty=desk.say(_("没有写明是谁。")))


def _may_add(desk: Desk, record: EventOut) -> bool:
    return desk.may("add", "training", site=record.site_id)
