"""People, for those who may see their names: list, page of one with certificates, all that is kept, erasure."""

from typing import get_args

from fastapi import APIRouter, Response

from ...access import Thing
from ...api.asking import require
from ...api.certificates import CertificateChange, CertificateIn, CertificateOut, see_certificates
from ...api.people import PersonChange, PersonIn, PersonOut, SitesShape, see_people, see_person
from ...errors import ServiceError
from ...records.people import sites_of
from ...tables.people import CertificateKind, PersonRole
from .choices import word_of
from .desk import At, Desk
from .forms import Form
from .lines import Told
from .lists import Filter, Row
from .past import past_of
from .sections import Section
from .show import badge
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records/people"
ENDING_DAYS = 60


@router.get("/office/people")
def people_page(desk: At) -> Response:
    """Everybody whom the visitor may see."""
    held = _held(desk)
    rows = [_row(desk, one, held.get(one.id, ("none", None))) for one in see_people(desk.session, desk.who)]
    columns = [
        desk.column("name", _("姓名")),
        desk.column("phone", _("电话")),
        desk.column("roles", _("身份"), wide=True),
        desk.column("organisation", _("单位"), wide=True),
        desk.column("held", _("证书")),
        desk.column("ends", _("证书有效期"), shape="date", wide=True),
    ]
    filters = [
        Filter(
            "role", desk.say(_("身份")), [(one, desk.say(word_of(one, PersonRole))) for one in get_args(PersonRole)]
        ),
        Filter("held", desk.say(_("证书")), [(one, desk.say(word)) for one, word in HELD.items()]),
    ]
    ways = [(desk.say(_("新增人员")), "/office/people/new")] if desk.ever("add", "person") else []
    empty = desk.say(_("还没有登记人员。"))
    listing = desk.listing(rows, columns, filters, sort="name")
    return desk.page("list.html", _("人员名册"), list=listing, path="/office/people", empty=empty, ways=ways)


HELD = {"active": _("有效"), "expiring": _("将到期"), "expired": _("已到期"), "none": _("没有")}
"""Of a person's certificates the one that holds longest."""


def _held(desk: Desk) -> dict[str, tuple[str, object]]:
    """State and end of the certificate that holds longest, by person."""
    found: dict[str, tuple[str, object]] = {}
    for one in see_certificates(desk.session, desk.who):  # those that expire first come first
        left = (one.expires_on - desk.on).days if one.expires_on else ENDING_DAYS
        state = "expired" if left < 0 else ("expiring" if left < ENDING_DAYS else "active")
        found[one.person_id] = (state, one.expires_on)
    return found


def _row(desk: Desk, one: PersonOut, held: tuple[str, object]) -> Row:
    state, ends = held
    mark = badge(state, desk.say)._replace(word=desk.say(HELD[state]), rank=list(HELD).index(state))
    roles = [desk.say(word_of(role)) for role in one.roles]
    cells = {
        "name": one.name, "phone": one.phone, "roles": desk.either("、", ", ").join(roles),
        "organisation": desk.names.of("organisation", one.organisation_id), "held": mark, "ends": ends,
    }  # fmt: skip
    return Row(f"/office/people/{one.id}", cells, {"role": set(one.roles), "held": state}, one.email)  # type: ignore[arg-type]


@router.get("/office/people/new")
def new_person_page(desk: At) -> Response:
    """A person to add."""
    note = _("先征得本人同意。姓名、电话、邮箱加密保存，只有办公室和本点位的管理员看得到。")
    inputs = desk.inputs.of(PersonIn, "person", values={"consent_on": desk.on})
    form = desk.form("new", _("新增人员"), _("保存"), f"POST {R}", inputs, after="/office/people/{id}", note=note)
    return desk.page("edit.html", _("新增人员"), form=form, back="/office/people", back_name=desk.say(_("人员名册")))


def _found(desk: Desk, person_id: str) -> PersonOut:
    found = next((one for one in see_people(desk.session, desk.who) if one.id == person_id), None)
    if found is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    return found


@router.get("/office/people/{person_id}/edit")
def edit_person_page(desk: At, person_id: str) -> Response:
    """The fields of a person."""
    record = _found(desk, person_id)
    require(
        desk.who, "change", Thing("person"), *(Thing("person", site=one) for one in sites_of(desk.session, person_id))
    )
    here, inputs = f"/office/people/{person_id}", desk.inputs.of(PersonChange, "person", values=record)
    form = desk.form(
        "edit", _("修改人员"), _("保存"), f"PATCH {R}/{person_id}", inputs, after=here, version=record.version
    )
    return desk.page("edit.html", _("修改人员"), form=form, back=here, back_name=record.name)


@router.get("/office/people/{person_id}")
def person_page(desk: At, person_id: str) -> Response:
    """One person with certificates and sites, and what can be asked of the office: all that is kept, and erasure."""
    record = _found(desk, person_id)
    kept = see_person(person_id, desk.session, desk.who)
    certificates = see_certificates(desk.session, desk.who, person_id)
    columns = [
        desk.column("kind", _("类别")), desk.column("issuer", _("发证单位"), wide=True),
        desk.column("issued", _("发证日期"), shape="date"), desk.column("ends", _("有效期至"), shape="date"),
    ]  # fmt: skip
    rows = [
        Row("", {"kind": desk.say(word_of(one.kind, CertificateKind)), "issuer": desk.names.of("organisation", one.issuer_id),
                 "issued": one.issued_on, "ends": one.expires_on})
        for one in certificates
    ]  # fmt: skip
    sites = [Told(None, desk.names.of("site", one), desk.names.link("site", one)) for one in kept["sites"]]
    sections = [
        Section(
            "certificates",
            desk.say(_("证书")),
            columns,
            rows,
            empty=desk.say(_("还没有证书。")),
            forms=[_certificate(desk, one) for one in certificates],
        ),
        Section("sites", desk.say(_("所在点位")), lines=sites, empty=desk.say(_("不属于任何点位。"))),
    ]
    here = f"/office/people/{person_id}"
    ways = [(desk.say(_("修改资料")), f"{here}/edit"), (desk.say(_("导出全部资料")), f"{R}/{person_id}")]
    kinds = [("person", person_id), *(("certificate", one.id) for one in certificates)]
    return desk.page(
        "record.html", _("人员"), heading=record.name, back="/office/people", back_name=desk.say(_("人员名册")), ways=ways,
        facts=desk.shown.facts(record, "phone email organisation_id admin_code roles consent_on privacy_scope", "person"),
        sections=sections, actions=_actions(desk, person_id, kept["sites"]), past=past_of(desk, *kinds),
        note=desk.say(_("参加培训 {n} 次，做过检查 {checks} 次。"), n=len(kept["trainings"]), checks=len(kept["inspections"])),
    )  # fmt: skip


def _certificate(desk: Desk, one: CertificateOut) -> Form:
    inputs = desk.inputs.of(CertificateChange, "certificate", values=one, without="number")
    to = f"PATCH /api/v1/records/certificates/{one.id}"
    made = desk.form(f"certificate-{one.id}", _("更正证书"), _("保存"), to, inputs, version=one.version)
    return made._replace(title=f"{made.title} {desk.say(word_of(one.kind, CertificateKind))}")


def _actions(desk: Desk, person_id: str, sites: list[str]) -> list[Form]:
    inputs = desk.inputs.of(CertificateIn, "certificate")
    made = [desk.form("certificate", _("添加证书"), _("保存"), f"POST {R}/{person_id}/certificates", inputs)]
    where = desk.inputs.of(SitesShape, "person", values={"sites": sites})
    made.append(desk.form("sites", _("更改所在点位"), _("保存"), f"PUT {R}/{person_id}/sites", where))
    if desk.ever("erase", "person"):
        sure = _("姓名、电话、证书编号和登录名将永远删除，不能恢复。确定删除？")
        note = _("本人要求时使用。做过的事留在档案里，但不再指向任何人。")
        to, more = f"DELETE {R}/{person_id}", {"after": "/office/people", "sure": sure, "note": note}
        made.append(desk.form("erase", _("删除个人资料"), _("删除个人资料"), to, (), **more))
    return made
