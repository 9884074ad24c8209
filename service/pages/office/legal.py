"""Legal support: the cases that counsel was asked about, and the kit that everybody may read."""

from fastapi import APIRouter, Response

from ...api.legal import CaseChange, CaseIn, CaseOut, PageChange, PageIn, PageOut, see_cases, see_kit
from ...errors import ServiceError
from .desk import At, Desk
from .forms import Form
from .lists import Filter, Row
from .past import past_of
from .show import badge
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records/legal"
FACTS = "opened_on closed_on counsel_id hotline incident_id summary"


@router.get("/office/legal")
def legal_page(desk: At) -> Response:
    """The cases, and the kit below."""
    rows = [_row(desk, one) for one in see_cases(desk.session, desk.who)]
    columns = [
        desk.column("topic", _("事由")),
        desk.column("opened", _("提出日期"), shape="date"),
        desk.column("state", _("状态")),
        desk.column("counsel", _("律师事务所"), wide=True),
    ]
    filters = [
        Filter("state", desk.say(_("状态")), [("open", desk.say(_("未办结"))), ("closed", desk.say(_("已办结")))])
    ]
    kit = see_kit(desk.session, desk.who)
    new = desk.form("page", _("新增一页"), _("保存"), f"POST {R}/kit", desk.inputs.of(PageIn, "kit"))
    return desk.page(
        "legal.html", _("法律支持"), list=desk.listing(rows, columns, filters, sort="-opened"), path="/office/legal",
        empty=desk.say(_("还没有咨询或案件。")), kit=[(one, _page_form(desk, one)) for one in kit], new=new,
        ways=[(desk.say(_("登记咨询")), "/office/legal/new")],
    )  # fmt: skip


def _row(desk: Desk, one: CaseOut) -> Row:
    state, word = ("closed", _("已办结")) if one.closed_on else ("open", _("未办结"))
    mark = badge("accepted" if one.closed_on else "new", desk.say)._replace(word=desk.say(word))
    cells = {"topic": one.topic, "opened": one.opened_on, "state": mark}
    counsel = desk.names.of("organisation", one.counsel_id)
    return Row(f"/office/legal/{one.id}", {**cells, "counsel": counsel}, {"state": state}, one.summary)


def _page_form(desk: Desk, one: PageOut) -> Form:
    inputs = desk.inputs.of(PageChange, "kit", values=one)
    return desk.form(
        f"kit-{one.id}", _("修改这一页"), _("保存"), f"PATCH {R}/kit/{one.id}", inputs, version=one.version
    )


@router.get("/office/legal/new")
def new_case_page(desk: At) -> Response:
    """A case to note."""
    inputs = desk.inputs.of(CaseIn, "legal_case", values={"opened_on": desk.on}, without="closed_on")
    form = desk.form("new", _("登记咨询"), _("保存"), f"POST {R}/cases", inputs, after="/office/legal/{id}")
    return desk.page("edit.html", _("登记咨询"), form=form, back="/office/legal", back_name=desk.say(_("法律支持")))


@router.get("/office/legal/{case_id}")
def case_page(desk: At, case_id: str) -> Response:
    """One case and how it went on."""
    record = next((one for one in see_cases(desk.session, desk.who) if one.id == case_id), None)
    if record is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    inputs = desk.inputs.of(CaseChange, "legal_case", values=record)
    form = desk.form("edit", _("记下进展"), _("保存"), f"PATCH {R}/cases/{case_id}", inputs, version=record.version)
    return desk.page(
        "record.html", _("法律支持"), heading=record.topic, back="/office/legal", back_name=desk.say(_("法律支持")),
        facts=desk.shown.facts(record, FACTS, "legal_case"), actions=[form], past=past_of(desk, ("legal_case", case_id)),
    )  # fmt: skip
