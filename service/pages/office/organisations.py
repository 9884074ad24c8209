"""Organisations, rescue teams and administrative units."""

from typing import get_args

from fastapi import APIRouter, Response

from ...api.certificates import UnitChange, UnitIn, UnitOut, see_units
from ...api.sites import OrganisationChange, OrganisationIn, OrganisationOut, see_organisations, see_sites
from ...api.training import MembersShape, TeamChange, TeamIn, TeamOut, see_members, see_teams
from ...errors import ServiceError
from ...tables.places import Level, OrganisationKind
from .choices import word_of
from .desk import At, Desk
from .forms import Form
from .lines import Told
from .lists import Filter, Row, options_of
from .past import past_of
from .sections import Section
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/records"
FACTS = "kind credit_code parent_id admin_code address duty_phone"


@router.get("/office/organisations")
def organisations_page(desk: At) -> Response:
    """All organisations, with the teams and units below."""
    sites = [one.organisation_id for one in see_sites(desk.session, desk.who)] if desk.ever("see", "site") else []
    rows = [_row(desk, one, sites.count(one.id)) for one in see_organisations(desk.session, desk.who)]
    columns = [
        desk.column("name", _("名称")),
        desk.column("kind", _("类别")),
        desk.column("town", _("镇街"), wide=True),
        desk.column("phone", _("值班电话"), wide=True),
        desk.column("sites", _("点位"), unit=_("个"), shape="number"),
    ]
    kinds = [(one, desk.say(word_of(one, OrganisationKind))) for one in get_args(OrganisationKind)]
    filters = [
        Filter("kind", desk.say(_("类别")), kinds),
        Filter("town", desk.say(_("镇街")), options_of(rows, "town", str)),
    ]
    ways = [(desk.say(_("新增单位")), "/office/organisations/new")] if desk.ever("add", "organisation") else []
    return desk.page(
        "list.html", _("单位和队伍"), list=desk.listing(rows, columns, filters, sort="name"), ways=ways,
        path="/office/organisations", empty=desk.say(_("还没有单位。")), sections=[_teams(desk), _units(desk)],
    )  # fmt: skip


def _row(desk: Desk, one: OrganisationOut, sites: int) -> Row:
    town = desk.names.town(one.admin_code)
    cells = {
        "name": one.name,
        "kind": desk.say(word_of(one.kind, OrganisationKind)),
        "town": town,
        "phone": one.duty_phone,
    }
    return Row(
        f"/office/organisations/{one.id}", {**cells, "sites": sites}, {"kind": one.kind, "town": town}, one.address
    )


def _teams(desk: Desk) -> Section:
    columns = [
        desk.column("name", _("名称")),
        desk.column("where", _("所属")),
        desk.column("members", _("队员"), unit=_("人"), shape="number"),
        desk.column("founded", _("成立日期"), shape="date", wide=True),
    ]
    rows = [
        Row("", {"name": one.name, "members": one.members_n, "founded": one.founded_on,
                 "where": desk.names.of("organisation", one.organisation_id) or desk.names.of("site", one.site_id)
                 or desk.names.of("unit", one.admin_code)})
        for one in see_teams(desk.session, desk.who)
    ]  # fmt: skip
    forms: list[Form] = []
    if desk.ever("add", "team"):
        forms += [form for one in see_teams(desk.session, desk.who) for form in _team_forms(desk, one)]
        forms.append(desk.form("team", _("新增救护队"), _("保存"), f"POST {R}/teams", desk.inputs.of(TeamIn, "team")))
    return Section("teams", desk.say(_("救护队")), columns, rows, empty=desk.say(_("还没有救护队。")), forms=forms)


def _team_forms(desk: Desk, one: TeamOut) -> list[Form]:
    """A team's own fields, and who is in it."""
    inputs, to = desk.inputs.of(TeamChange, "team", values=one), f"{R}/teams/{one.id}"
    change = desk.form(f"team-{one.id}", _("修改资料"), _("保存"), f"PATCH {to}", inputs, version=one.version)
    people = desk.inputs.of(MembersShape, "team", values=see_members(one.id, desk.session, desk.who))
    members = desk.form(f"members-{one.id}", _("更改队员"), _("保存"), f"PUT {to}/members", people)
    return [form._replace(title=f"{one.name}: {form.title}") for form in (change, members)]


def _unit_form(desk: Desk, one: UnitOut) -> Form:
    inputs = desk.inputs.of(UnitChange, "unit", values=one)
    made = desk.form(f"unit-{one.code}", _("修改资料"), _("保存"), f"PATCH {R}/units/{one.code}", inputs)
    return made._replace(title=f"{one.name}: {made.title}")


def _units(desk: Desk) -> Section:
    columns = [
        desk.column("name", _("名称")),
        desk.column("level", _("级别")),
        desk.column("code", _("行政区划代码"), wide=True),
        desk.column("population", _("人口"), unit=_("人"), shape="number", text=lambda value: f"{value:,}"),
    ]
    rows = [
        Row("", {"name": one.name, "level": desk.say(word_of(one.level or "", Level)), "code": one.code,
                 "population": one.population})
        for one in see_units(desk.session, desk.who)
    ]  # fmt: skip
    forms: list[Form] = []
    if desk.ever("add", "unit"):
        forms += [_unit_form(desk, one) for one in see_units(desk.session, desk.who) if one.level == "town"]
        inputs = desk.inputs.of(UnitIn, "unit")
        forms.append(desk.form("unit", _("新增镇街、村社"), _("保存"), f"POST {R}/units", inputs))
    empty = desk.say(_("还没有行政区划；每万人的数字要用到人口。"))
    return Section("units", desk.say(_("行政区划")), columns, rows, empty=empty, forms=forms)


@router.get("/office/organisations/new")
def new_organisation_page(desk: At) -> Response:
    """An organisation to add."""
    inputs = desk.inputs.of(OrganisationIn, "organisation")
    form = desk.form(
        "new", _("新增单位"), _("保存"), f"POST {R}/organisations", inputs, after="/office/organisations/{id}"
    )
    back = desk.say(_("单位和队伍"))
    return desk.page("edit.html", _("新增单位"), form=form, back="/office/organisations", back_name=back)


@router.get("/office/organisations/{organisation_id}")
def organisation_page(desk: At, organisation_id: str) -> Response:
    """One organisation and the sites that it looks after."""
    found = see_organisations(desk.session, desk.who)
    record = next((one for one in found if one.id == organisation_id), None)
    if record is None:
        raise ServiceError(404, "没有这条档案。", "There is no such record.")
    mine = [one for one in see_sites(desk.session, desk.who) if one.organisation_id == organisation_id]
    lines = [Told(None, one.name, f"/office/sites/{one.id}") for one in mine]
    actions = []
    if desk.ever("add", "organisation"):
        inputs, to = (
            desk.inputs.of(OrganisationChange, "organisation", values=record),
            f"PATCH {R}/organisations/{organisation_id}",
        )
        actions.append(desk.form("edit", _("修改资料"), _("保存"), to, inputs, version=record.version))
    sections = [Section("sites", desk.say(_("管理的点位")), lines=lines, empty=desk.say(_("没有点位。")))]
    return desk.page(
        "record.html", _("单位和队伍"), heading=record.name, back="/office/organisations", back_name=desk.say(_("单位和队伍")),
        facts=desk.shown.facts(record, FACTS, "organisation"), sections=sections, actions=actions,
        past=past_of(desk, ("organisation", organisation_id)),
    )  # fmt: skip
