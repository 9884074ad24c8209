"""Studies of planners and their runs: kept, changed, copied, run, published; and the files that they are made from."""

import datetime as dt
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aedplan import InputError
from aedplan.hours.holidays import REFERENCE_YEAR
from aedplan.outputs import write_csv
from aedplan.sites import DEVICE_COST_RMB
from aedplan.tables.columns import kind_of, plain

from ..errors import ServiceError
from ..facts import day_of
from ..history import RecordSession, history_of
from ..planning.run_folders import RunFolder, read
from ..planning.studies import SITE_HEADER, Fault, Head, Put, find_faults, kept, renamed, write_scenario
from ..planning.study_sources import (
    DEMO,
    OWN_CRS,
    ROLES,
    count_demo,
    count_served,
    demo_settings,
    put_demo,
    put_served,
    served_settings,
)
from ..tables import Account, AdminUnit, Change, PublishedPlan, Site, Study, StudyFile, StudyRun
from . import add, change, find
from .coverage import list_standing
from .ready import readiness_of
from .rules import current_years

FIGURES = ("value", "total", "share", "before", "bound", "gap", "status", "cost", "cost_unit", "synthetic")


@dataclass(frozen=True)
class Files:
    """Where the files of studies come from.

    kept  gives the path of a kept file by its checksum
    plan  the folder of the plan that is served
    """

    session: RecordSession
    kept: Callable[[str], Path]
    plan: Path

    def put(self, token: str, folder: Path) -> Put:
        """Put the file of a token into a folder; raises InputError where there is none."""
        origin, _, name = token.partition(":")
        if origin == "upload":
            path, put = self._upload(name)
            shutil.copy(path, folder / put.name)
            return put
        if origin == "demo":
            return put_demo(name, folder)
        if origin == "served":
            return put_served(name, self.plan, folder)
        rows = {"devices": device_rows, "sites": site_rows}.get(name)
        if rows is None:
            raise InputError(f"there is no {name!r} in the records")
        write_csv(folder / f"{name}.csv", SITE_HEADER, rows(self.session))
        return Put(f"{name}.csv", OWN_CRS)

    def stand_in(self, token: str, folder: Path) -> Put:
        """The same for judging settings alone: what need not be read is an empty file."""
        origin, _, name = token.partition(":")
        if origin == "upload":
            path, put = self._upload(name)
            (folder / put.name).symlink_to(path)
            return put
        known = {"demo": DEMO, "served": ROLES, "records": ("devices", "sites")}[origin]
        if name not in known:
            raise InputError(f"there is no {token!r}")
        if origin == "served" and name != "streets" and not (self.plan / "study.npz").is_file():
            raise InputError("the plan that is served was written by an earlier version, without its sites and demand")
        (folder / "file.csv").touch()
        return Put("file.csv", {} if name == "streets" else OWN_CRS)

    def _upload(self, file_id: str) -> tuple[Path, Put]:
        found = self.session.get(StudyFile, file_id)
        if found is None:
            raise InputError("there is no such file any more")
        return self.kept(found.sha256), Put(re.split(r"[\\/]", found.name)[-1][-60:], {})


def device_rows(session: RecordSession) -> list[list[object]]:
    """The devices that count on paper, as a table of standing devices: with their hours, and whether they would work."""
    standing = list_standing(session)
    ready = readiness_of(session, [one.device for one in standing], day_of(session.by.at))
    sites = {site.id: site for site in session.scalars(select(Site))}
    towns = _towns(session)
    rows: list[list[object]] = []
    for one, state in zip(standing, ready, strict=True):
        device, site = one.device, sites.get(one.device.site_id or "")
        kind = _kind(site.venue_type) if site else "other"
        town = towns.get(site.admin_code or "", "") if site else ""
        usable = "yes" if state.usable else "no"
        label = one.site_name or device.public_code
        rows.append([device.public_code, label, kind, device.lon, device.lat, one.hours, DEVICE_COST_RMB, town, usable])
    return rows


def site_rows(session: Session) -> list[list[object]]:
    """The sites that were proposed or agreed and have no device yet, as a table of candidates."""
    query = select(Site).where(Site.stage.in_(("proposed", "agreed")), Site.lon.is_not(None)).order_by(Site.id)
    towns = _towns(session)
    rows: list[list[object]] = []
    for site in session.scalars(query):
        hours = "24/7" if site.open_24h_access else site.opening_hours
        town = towns.get(site.admin_code or "", "")
        rows.append(
            [site.id, site.name, _kind(site.venue_type), site.lon, site.lat, hours, DEVICE_COST_RMB, town, "yes"]
        )
    return rows


def _kind(venue_type: str) -> str:
    return kind_of().get(plain(venue_type), "other")


def _towns(session: Session) -> dict[str, str]:
    query = select(AdminUnit.code, AdminUnit.name).where(AdminUnit.level == "town")
    return {row.code: row.name for row in session.execute(query)}


@dataclass(frozen=True)
class Offer:
    """A file that a study can be made from; count: how many records it holds, where that is known."""

    role: str
    token: str
    zh: str
    en: str
    count: int | None


def list_offers(session: RecordSession, plan: Path) -> list[Offer]:
    """Every file that can be named, for each role."""
    offers = []
    for role in ROLES:
        with suppress(ServiceError):
            offers.append(
                Offer(role, f"served:{role}", "当前公布方案", "the plan that is served", count_served(role, plan))
            )
    offers.append(
        Offer("standing", "records:devices", "档案里的设备", "devices on record", len(list_standing(session)))
    )
    offers.append(
        Offer("candidates", "records:sites", "档案里待设的点位", "proposed sites on record", len(site_rows(session)))
    )
    offers += [
        Offer(role, f"demo:{role}", "示例县（合成）", "demo county (synthetic)", count_demo(role)) for role in ROLES
    ]
    for file in list_files(session):
        offers += [Offer(role, f"upload:{file.id}", file.name, file.name, None) for role in ROLES]
    return offers


def list_towns(session: Session, plan: Path) -> list[str]:
    """Names of towns that quotas may be given to: those on record and those of the plan that is served."""
    summary = read(plan / "summary.json") or {}
    return sorted({*_towns(session).values(), *(town["words_zh"] for town in summary.get("towns", ()))})


def add_file(session: RecordSession, name: str, sha256: str, size: int) -> StudyFile:
    """Note a file that lies on the disk."""
    by = session.by
    return add(session, StudyFile(account_id=by.account, name=name, sha256=sha256, size=size, at=by.at))


def list_files(session: Session) -> list[StudyFile]:
    """The files that were sent, the newest first."""
    return list(session.scalars(select(StudyFile).order_by(StudyFile.at.desc(), StudyFile.id.desc())))


def head_of(study: Study | StudyRun) -> Head:
    """What the scenario of a study is called."""
    return renamed(Head("", study.title_zh, study.title_en), study.id)


def check_settings(files: Files, settings: Mapping[str, Any], head: Head) -> list[Fault]:
    """All that is wrong with settings."""
    return find_faults(with_own_year(files.session, settings), head, files.stand_in)


def with_own_year(session: Session, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings whose hours follow the office's own holidays of their year, where it has entered them and the study has none."""
    hours = settings.get("hours")
    if not isinstance(hours, dict) or not isinstance(hours.get("years", {}), dict):
        return settings
    year, given = hours.get("year", REFERENCE_YEAR), hours.get("years", {})
    own = {str(one): {"holidays": list(table.holidays), "workdays": list(table.workdays)}
           for one, table in current_years(session) if one == year}  # fmt: skip
    return {**settings, "hours": {**hours, "years": {**own, **given}}} if own else settings


def _kept(settings: Any) -> dict[str, Any]:
    try:
        return kept(settings)
    except InputError as error:
        raise ServiceError(422, f"设置不能保存：{error}", f"The settings cannot be kept: {error}") from error


def list_studies(session: Session) -> list[Study]:
    """All studies, that changed last first."""
    return list(session.scalars(select(Study).order_by(Study.changed_at.desc(), Study.id.desc())))


def add_study(session: RecordSession, title_zh: str, title_en: str, settings: Any) -> Study:
    """Begin a study; raises ServiceError 422 for settings that cannot be kept."""
    by = session.by
    made = Study(
        account_id=by.account, title_zh=title_zh, title_en=title_en, settings=_kept(settings), changed_at=by.at
    )
    return add(session, made)


def change_study(session: RecordSession, study: Study, values: Mapping[str, Any]) -> Study:
    """Change a study's titles or settings; raises ServiceError 409 when somebody was faster, 422 as `add_study`."""
    fields = dict(values)
    if "settings" in fields:
        fields["settings"] = _kept(fields["settings"])
    return change(session, study, {**fields, "changed_at": session.by.at})


def remove_study(session: RecordSession, study: Study) -> list[StudyRun]:
    """Remove a study and its runs, which are returned; raises ServiceError 409 where one is worked on or was published."""
    runs = list_runs(session, study_id=study.id)
    for run in runs:
        remove_run(session, run)
    session.delete(study)
    session.flush()
    return runs


@dataclass(frozen=True)
class Version:
    """Settings as they stood once."""

    number: int
    at: dt.datetime
    account_id: str | None
    settings: dict[str, Any]


def list_versions(session: Session, study: Study) -> list[Version]:
    """The settings of a study over time, from the log, the newest first."""
    changes: list[Change] = [one for one in history_of(session, "study", study.id) if "settings" in one.after]
    versions = [Version(n, one.at, one.account_id, one.after["settings"]) for n, one in enumerate(changes, 1)]
    return versions[::-1]


def list_runs(session: Session, *, study_id: str | None = None) -> list[StudyRun]:
    """The runs of a study, or all of them, the newest first."""
    query = select(StudyRun).order_by(StudyRun.at.desc(), StudyRun.id.desc())
    return list(session.scalars(query if study_id is None else query.where(StudyRun.study_id == study_id)))


def count_runs(session: Session) -> dict[str, int]:
    """How many runs each study has."""
    rows = session.execute(select(StudyRun.study_id, func.count().label("runs")).group_by(StudyRun.study_id))
    return {row.study_id: row.runs for row in rows}


def list_waiting(session: Session) -> list[StudyRun]:
    """The runs that have not ended, the oldest first."""
    return list(session.scalars(select(StudyRun).where(StudyRun.state == "waiting").order_by(StudyRun.at, StudyRun.id)))


def add_run(session: RecordSession, study: Study, files: Files, runs: Path) -> StudyRun:
    """A run of a study as it stands, its files written, ready to be worked on.

    Raises ServiceError 422 with all that is wrong with the settings.
    """
    faults = [fault.text for fault in check_settings(files, study.settings, head_of(study))]
    _refuse(faults)
    by = session.by
    run = StudyRun(
        study_id=study.id, account_id=by.account, study_version=study.version, title_zh=study.title_zh,
        title_en=study.title_en, settings=study.settings, at=by.at,
    )  # fmt: skip
    add(session, run)
    folder = RunFolder(runs / run.id / "1").study
    folder.mkdir(parents=True)
    try:
        write_scenario(with_own_year(session, study.settings), head_of(study), folder, files.put)
    except InputError as error:
        _refuse(error.faults)
    return run


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        told = "; ".join(faults)
        raise ServiceError(422, f"设置有误，不能计算：{told}", f"The settings cannot be run: {told}")


def end_run(
    session: RecordSession, run_id: str, attempt: int, told: Mapping[str, Any], summary: Mapping[str, Any] | None
) -> None:
    """Note how an attempt ended; one that is over already, or was removed, stays as it is."""
    run = session.get(StudyRun, run_id)
    if run is None or run.attempt != attempt or run.state != "waiting":
        return
    figures = None
    if summary is not None and told["state"] in ("done", "stopped"):
        figures = {key: summary[key] for key in FIGURES} | {"devices": len(summary["chosen"])}
    words = {key: told[key] for key in ("state", "fault_zh", "fault_en")}
    change(session, run, {**words, "figures": figures, "ended_at": session.by.at})


def run_again(session: RecordSession, run: StudyRun) -> StudyRun:
    """Another attempt of a run; raises ServiceError 409 unless it failed, was stopped or interrupted, and not published."""
    if run.state in ("waiting", "done") or published_of(session, run.id) is not None:
        raise ServiceError(409, "这次计算不需要重新开始。", "This run need not be started again.")
    values = {"state": "waiting", "attempt": run.attempt + 1, "ended_at": None, "figures": None}
    return change(session, run, {**values, "fault_zh": "", "fault_en": ""})


def remove_run(session: RecordSession, run: StudyRun) -> None:
    """Remove a run; raises ServiceError 409 while it is worked on, and where its plan was published."""
    if run.state == "waiting":
        raise ServiceError(409, "还在计算，请先停止。", "It is still worked on; stop it first.")
    if published_of(session, run.id) is not None:
        raise ServiceError(409, "这个方案公布过，要保留。", "This plan was published; it is kept.")
    session.delete(run)
    session.flush()


def publish_run(session: RecordSession, run: StudyRun, plan: Path) -> PublishedPlan:
    """Note that a run's plan is the one served from now on; raises ServiceError 409 where it has none."""
    summary, features = read(plan / "summary.json"), read(plan / "plan.geojson")
    if run.state not in ("done", "stopped") or summary is None or features is None:
        raise ServiceError(409, "这次计算没有方案可以公布。", "This run has no plan to publish.")
    withdraw(session)
    title = run.title_zh or run.title_en
    values = {"at": session.by.at, "account_id": session.by.account, "study_run_id": run.id}
    made = PublishedPlan(scenario=summary["scenario"], title=title, summary=summary, features=features, **values)
    return add(session, made)


def withdraw(session: RecordSession) -> None:
    """Note that the plan published from a run is no longer served."""
    for one in session.scalars(select(PublishedPlan).where(PublishedPlan.withdrawn_at.is_(None))):
        if one.study_run_id is not None:
            change(session, one, {"withdrawn_at": session.by.at})


def list_published(session: Session) -> list[PublishedPlan]:
    """The plans that were published, the newest first."""
    return list(session.scalars(select(PublishedPlan).order_by(PublishedPlan.at.desc(), PublishedPlan.id.desc())))


def published_of(session: Session, run_id: str) -> PublishedPlan | None:
    """The newest publication of a run; None where it was not published."""
    query = select(PublishedPlan).where(PublishedPlan.study_run_id == run_id).order_by(PublishedPlan.at.desc()).limit(1)
    return session.scalars(query).first()


def find_run(session: Session, run_id: str) -> StudyRun:
    """The run with an id; raises ServiceError 404 when there is none."""
    return find(session, StudyRun, run_id)


def run_of_plan(session: Session, plan: Path) -> StudyRun | None:
    """The run whose plan lies in a folder; None where it is no run's."""
    real = plan.resolve()
    return session.get(StudyRun, real.parents[1].name) if real.name == "plan" else None


def start_settings(session: RecordSession, start: str, plan: Path) -> dict[str, Any]:
    """What a new study begins with: "demo", "empty", or what the plan that is served was made from.

    Standing devices are those on record, where there are any.
    """
    if start == "demo":
        return demo_settings()
    if start == "empty":
        return {"circle": {"name": "walk-4"}, "plan": {"devices": 10}}
    run = run_of_plan(session, plan)
    if run is not None:
        return run.settings
    settings = served_settings(plan)
    return {**settings, "standing": {"file": "records:devices"}} if list_standing(session) else settings


def names_of(session: Session) -> dict[str, str]:
    """Names of all accounts by id."""
    return {row.id: row.name for row in session.execute(select(Account.id, Account.name))}
