"""Accounts: who signs in, as what, for which sites and devices; links that let in once; sessions."""

from typing import Any, get_args

from fastapi import APIRouter, Response

from ...accounts import list_accounts, who_is
from ...api.accounts import AccountIn, OwnIn, RoleIn
from ...records import find
from ...tables import Account, Role
from .choices import word_of
from .desk import At, Desk
from .forms import Form
from .lists import Filter, Row
from .me import session_lines
from .past import past_of
from .show import badge
from .words import message as _

router = APIRouter(include_in_schema=False)
R = "/api/v1/accounts"


@router.get("/office/accounts")
def accounts_page(desk: At) -> Response:
    """All accounts that have not ended."""
    rows = [_row(desk, one) for one in list_accounts(desk.session)]
    columns = [
        desk.column("name", _("登录名")),
        desk.column("role", _("角色")),
        desk.column("person", _("人员"), wide=True),
        desk.column("until", _("使用至"), shape="date"),
        desk.column("how", _("登录方式"), wide=True),
    ]
    filters = [Filter("role", desk.say(_("角色")), [(one, desk.say(word_of(one, Role))) for one in get_args(Role)])]
    ways = [(desk.say(_("新增账号")), "/office/accounts/new")] if desk.ever("add", "account") else []
    listing = desk.listing(rows, columns, filters, sort="name")
    return desk.page(
        "list.html", _("账号管理"), list=listing, path="/office/accounts", empty=desk.say(_("没有账号。")), ways=ways
    )


def _row(desk: Desk, one: Account) -> Row:
    over = one.until_on is not None and one.until_on < desk.on
    cells = {
        "name": one.name, "role": desk.say(word_of(one.role, Role)), "person": desk.names.of("person", one.person_id),
        "until": badge("expired", desk.say)._replace(word=f"{one.until_on}") if over else one.until_on,
        "how": desk.say(_("密码")) if one.password_hash else desk.say(_("一次性链接")),
    }  # fmt: skip
    return Row(f"/office/accounts/{one.id}", cells, {"role": one.role})


@router.get("/office/accounts/new")
def new_account_page(desk: At) -> Response:
    """An account to add."""
    note = _("没有密码的账号用一次性链接登录：保存后在账号页生成。")
    form = desk.form("new", _("新增账号"), _("保存"), f"POST {R}", desk.inputs.of(AccountIn, "account"),
                     after="/office/accounts/{id}", note=note)  # fmt: skip
    return desk.page("edit.html", _("新增账号"), form=form, back="/office/accounts", back_name=desk.say(_("账号管理")))


@router.get("/office/accounts/{account_id}")
def account_page(desk: At, account_id: str) -> Response:
    """One account: what is its own, its links, its sessions."""
    account = find(desk.session, Account, account_id)
    own = who_is(desk.session, account, desk.on)
    facts: dict[str, Any] = {"role": account.role, "person_id": account.person_id, "until_on": account.until_on}
    facts |= {"sites": sorted(own.sites), "devices": sorted(own.devices)}
    return desk.page(
        "account.html", _("账号管理"), account=account, heading=account.name, actions=_actions(desk, account, own),
        facts=desk.shown.facts(facts, "role person_id until_on sites devices", "account"),
        sessions=session_lines(desk, account.id) if desk.who.role == "administrator" else None,
        link=_may_link(desk, account), may_end=desk.ever("end", "account") and account.ended_at is None,
        past=past_of(desk, ("account", account_id)),
    )  # fmt: skip


def _may_link(desk: Desk, account: Account) -> bool:
    stronger = account.role == "administrator" and desk.who.role != "administrator"
    return desk.ever("decide", "account") and account.ended_at is None and not stronger


def _actions(desk: Desk, account: Account, own: Any) -> list[Form]:
    own_role = account.id == desk.who.account or account.ended_at is not None
    roles = [] if own_role or not desk.ever("add", "account") else [_role_form(desk, account)]
    if account.role not in ("manager", "inspector") or not _may_link(desk, account):
        return roles
    values = {"sites": sorted(own.sites), "devices": sorted(own.devices)}
    wanted = "sites" if account.role == "manager" else "devices"
    inputs = desk.inputs.of(OwnIn, "account", values=values, only=wanted)
    other = desk.inputs.of(OwnIn, "account", only="devices" if wanted == "sites" else "sites")
    title = _("管理哪些点位") if wanted == "sites" else _("检查哪些设备")
    given = desk.form("own", title, _("保存"), f"PUT {R}/{account.id}/own", (*inputs, *(one.kept() for one in other)))
    return [given, *roles]


def _role_form(desk: Desk, account: Account) -> Form:
    values = {"role": account.role, "until_on": account.until_on}
    note = _("换了角色要重新登录；原来归他的点位和设备要重新指定。")
    inputs = desk.inputs.of(RoleIn, "account", values=values)
    return desk.form("role", _("更改角色"), _("保存"), f"PUT {R}/{account.id}/role", inputs, note=note)
