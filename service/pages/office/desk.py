"""What the pages of the office share: the menu that a role has, the way a page, a list and a form are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from ...access import Kind, Thing, Verb, Who, may, reach_of
from ...api.asking import Db
from ...facts import day_of
from ...history import RecordSession
from ..catalog import Language, Translate, translator
from ..shell import language_of, page, url
from ..visitor import Visiting, Visitor
from .forms import Form, Inputs
from .lists import Column, Filter, Listing, Row, arrange
from .names import Names
from .show import Shown
from .words import message as _

MENU: tuple[tuple[str, tuple[tuple[str, str, Verb, Kind], ...]], ...] = (
    (
        _("每天"),
        (
            ("/office", _("待办"), "list", "coverage"),
            ("/office/reports", _("公众报告"), "see", "report"),
            ("/office/inspections", _("检查记录"), "see", "inspection"),
            ("/office/defects", _("缺陷"), "see", "defect"),
            ("/office/incidents", _("使用事件"), "see", "incident"),
        ),
    ),
    (
        _("档案"),
        (
            ("/office/devices", _("设备"), "see", "device"),
            ("/office/sites", _("点位清单"), "see", "site"),
            ("/office/agreements", _("协议"), "see", "agreement"),
            ("/office/policies", _("保险"), "see", "policy"),
            ("/office/people", _("人员名册"), "see", "contact"),
            ("/office/training", _("培训演练"), "see", "training"),
            ("/office/organisations", _("单位和队伍"), "see", "organisation"),
            ("/office/legal", _("法律支持"), "see", "legal"),
        ),
    ),
    (_("统计"), (("/office/figures", _("年度数据"), "see", "figure"), ("/office/scores", _("点位评分"), "list", "figure"))),
    (
        _("设置"),
        (
            ("/office/imports", _("导入和导出"), "see", "import"),
            ("/office/rules", _("规则和许可"), "see", "rule"),
            ("/office/accounts", _("账号管理"), "see", "account"),
            ("/office/log", _("修改记录"), "see", "log"),
            ("/office/me", _("我的登录"), "see", "session"),
        ),
    ),
)  # fmt: skip
"""Groups of pages: address, name, and the right without which it is not shown."""


@dataclass(frozen=True)
class Desk:
    """All that a page of the office is made from: who asks, in which language, and what says the records' words."""

    request: Request
    session: RecordSession
    visitor: Visitor
    language: Language
    say: Translate
    names: Names
    shown: Shown
    inputs: Inputs

    @property
    def who(self) -> Who:
        """Who asks."""
        return self.visitor.who

    @property
    def on(self) -> Any:
        """Today in the county."""
        return day_of(self.session.by.at)

    def may(self, verb: Verb, kind: Kind, *, site: str | None = None, device: str | None = None) -> bool:
        """Whether the visitor may do something with a thing that belongs to a site or a device."""
        return may(self.who, verb, Thing(kind, site=site, device=device))

    def ever(self, verb: Verb, kind: Kind) -> bool:
        """Whether the visitor may do it at all, if only with some."""
        return reach_of(self.who, verb, kind) != "-"

    def either(self, zh: str, en: str) -> str:
        """Of words that the records hold in both languages those of the page."""
        return zh if self.language == "zh" else en

    def page(self, template: str, title: str, /, **values: Any) -> Response:
        """A page of the office; `title` is a message."""
        values = {"title": self.say(title), "desk": self, "menu": menu_of(self), "section": section_of(self), **values}
        return page(self.request, f"office/{template}", visitor=self.visitor, **values)

    def address(self, path: str, **query: Any) -> str:
        """An address of our own in the language of the page."""
        return url(path, self.language, **query)

    def listing(
        self, rows: Sequence[Row], columns: Sequence[Column], filters: Sequence[Filter] = (), *, sort: str
    ) -> Listing:
        """The rows that the address asks for, with headers and choices in the language of the page."""
        return arrange(rows, columns, filters, self.request.query_params, sort=sort)

    def column(self, key: str, label: str, **more: Any) -> Column:
        """A column; `label` is a message, `unit` too."""
        unit = more.pop("unit", "")
        whole = self.say(label) + (self.say(_("（{unit}）"), unit=self.say(unit)) if unit else "")
        return Column(key, whole, **more)

    def form(self, id: str, title: str, button: str, sends: str, groups: Any, **more: Any) -> Form:
        """A form; `title` and `button` are messages, `sends` is "POST /api/...", groups a list of fields or of groups."""
        method, _space, to = sends.partition(" ")
        parts = [("", tuple(groups))] if not groups or not isinstance(groups, list) else groups
        words = {name: self.say(more[name]) for name in ("sure", "note") if more.get(name)}
        return Form(id, self.say(title), self.say(button), method, to, parts, **{**more, **words})


def make_desk(request: Request, session: RecordSession, visitor: Visitor) -> Desk:
    """The desk of a request."""
    language = language_of(request)
    say = translator(language)
    names = Names(session, visitor.who, say)
    return Desk(request, session, visitor, language, say, names, Shown(say, names), Inputs(say, names))


def menu_of(desk: Desk) -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups of pages that the visitor may open: heading, then address and name."""
    groups = [
        (desk.say(title), [(path, desk.say(name)) for path, name, verb, kind in pages if desk.ever(verb, kind)])
        for title, pages in MENU
    ]
    return [(title, pages) for title, pages in groups if pages]


def section_of(desk: Desk) -> str:
    """The address in the menu that a page belongs to."""
    path = desk.request.url.path
    known = [one[0] for _title, pages in MENU for one in pages if path == one[0] or path.startswith(f"{one[0]}/")]
    return max(known, key=len, default="/office")


def _desk(request: Request, session: Db, visitor: Visiting) -> Desk:
    return make_desk(request, session, visitor)


At = Annotated[Desk, Depends(_desk, scope="function")]
"""The desk of whoever opens a page that is open to their role: the table of rights has been asked."""
