"""The names of what records point to, and the choices of a form's lists: read once for a page, and only where needed."""

from collections.abc import Mapping
from functools import cached_property

from ...access import Kind, Thing, Who, may, reach_of
from ...accounts import list_accounts
from ...api.asking import own_sites
from ...history import RecordSession
from ...records.agreements import list_agreements
from ...records.devices import Filter, pick_devices
from ...records.incidents import list_incidents
from ...records.people import list_people
from ...records.policies import list_policies
from ...records.sites import list_organisations, list_sites, list_units
from ...records.training import list_events
from ...tables.papers import Cover
from ..catalog import Translate
from .choices import word_of
from .words import message as _

PAGES: Mapping[str, tuple[Kind, str]] = {
    "site": ("site", "/office/sites/"),
    "device": ("device", "/office/devices/"),
    "organisation": ("organisation", "/office/organisations/"),
    "agreement": ("agreement", "/office/agreements/"),
    "policy": ("policy", "/office/policies/"),
    "person": ("contact", "/office/people/"),
    "incident": ("incident", "/office/incidents/"),
    "inspection": ("inspection", "/office/inspections/"),
    "account": ("account", "/office/accounts/"),
    "training_event": ("training", "/office/training/"),
}
"""Who may open the page of a record, and where it is."""


class Names:
    """The names that somebody may see: of other people's sites, devices and persons there are none."""

    def __init__(self, session: RecordSession, who: Who, say: Translate) -> None:
        self._session, self._who, self._say = session, who, say

    def of(self, kind: str, record_id: str | None) -> str:
        """The name of a record; "" for none, a short form of its id where the name is not for the reader."""
        if not record_id:
            return ""
        return self.all(kind).get(record_id) or f"#{record_id[-6:]}"

    def link(self, kind: str, record_id: str | None) -> str:
        """The address of a record's page; "" where the reader may not open it."""
        asked = PAGES.get(kind)
        if not record_id or asked is None or record_id not in self.all(kind):
            return ""
        return asked[1] + record_id if reach_of(self._who, "see", asked[0]) != "-" else ""

    def all(self, kind: str) -> Mapping[str, str]:
        """Names by id, in the order in which a list shows them."""
        found: Mapping[str, str] = getattr(self, f"_{kind}", {})
        return found

    def town(self, code: str | None) -> str:
        """The name of the town that a unit lies in."""
        return self._unit.get((code or "")[:9], "") if code and len(code) >= 9 else ""

    @cached_property
    def _site(self) -> dict[str, str]:
        return {one.id: one.name for one in list_sites(self._session, within=own_sites(self._who, "see", "site"))}

    @cached_property
    def _device(self) -> dict[str, str]:
        own = reach_of(self._who, "see", "device") == "own"
        which = Filter(sites=self._who.sites, devices=self._who.devices) if own else Filter()
        sites = self._site
        return {
            one.id: f"{one.public_code} {sites.get(one.site_id or '', '')}".strip()
            for one in pick_devices(self._session, which)
        }

    @cached_property
    def _organisation(self) -> dict[str, str]:
        seen = reach_of(self._who, "see", "organisation") != "-"
        return {one.id: one.name for one in list_organisations(self._session)} if seen else {}

    @cached_property
    def _unit(self) -> dict[str, str]:
        return {one.code: one.name for one in list_units(self._session)}

    @cached_property
    def _person(self) -> dict[str, str]:
        if reach_of(self._who, "see", "contact") == "-":
            return {}
        return {
            one.person.id: one.name for one in list_people(self._session, sites=own_sites(self._who, "see", "contact"))
        }

    @cached_property
    def _account(self) -> dict[str, str]:
        seen = may(self._who, "see", Thing("account"))
        return {one.id: one.name for one in list_accounts(self._session)} if seen else {}

    @cached_property
    def _agreement(self) -> dict[str, str]:
        within = own_sites(self._who, "see", "agreement")
        return {one.id: one.number for one in list_agreements(self._session, sites=within)}

    @cached_property
    def _policy(self) -> dict[str, str]:
        if reach_of(self._who, "see", "policy") == "-":
            return {}
        found = list_policies(self._session, sites=own_sites(self._who, "see", "policy"))
        return {one.id: f"{self._say(word_of(one.cover, Cover))} {one.policy_no}" for one in found}

    @cached_property
    def _incident(self) -> dict[str, str]:
        if reach_of(self._who, "see", "incident") == "-":
            return {}
        found = list_incidents(self._session, sites=own_sites(self._who, "see", "incident"))
        return {one.id: f"{one.at:%Y-%m-%d} {one.place or self.of('site', one.site_id)}".strip() for one in found}

    @cached_property
    def _training_event(self) -> dict[str, str]:
        if reach_of(self._who, "see", "training") == "-":
            return {}
        found = list_events(self._session, sites=own_sites(self._who, "see", "training"))
        return {one.id: f"{one.held_on} {one.course or self.of('site', one.site_id)}".strip() for one in found}

    def account_name(self, account_id: str | None, role: str = "") -> str:
        """Who wrote a line of the log."""
        return self.all("account").get(account_id or "") or self._say(_NOBODY.get(role, role or _("系统")))


_NOBODY = {
    "machine": _("系统"),
    "command": _("命令行"),
    "public": _("公众"),
    "self": _("本人"),
    "link": _("一次性链接"),
}
