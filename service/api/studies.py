"""Studies of planners: the files they are made from, their settings, their versions; and starting a run of one."""

import datetime as dt
import shutil
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request
from pydantic import Field

from aedplan import PRESETS, read_norm
from aedplan.norms.norms import shipped_norms
from aedplan.report.words import KINDS_EN
from aedplan.sites import KINDS_ZH
from aedplan.survival import CURVES

from ..access import Thing, Who, may
from ..db import database_of, now
from ..errors import ServiceError
from ..history import By, RecordSession
from ..jobs import Jobs
from ..planning.study_files import check_study_file
from ..records import find
from ..records.studies import (
    Files,
    Offer,
    add_file,
    add_run,
    add_study,
    change_study,
    check_settings,
    count_runs,
    head_of,
    list_files,
    list_offers,
    list_runs,
    list_studies,
    list_towns,
    list_versions,
    names_of,
    remove_study,
    start_settings,
)
from ..tables import Study, StudyFile
from .asking import Asking, AskingFirst, Db
from .raw_bodies import read_body
from .runs import RunOut, Telling, jobs_of, shelf_of
from .shapes import FileName, Line, Shape, Table, refusals

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])
MOST_BYTES = 100 << 20
SECONDS = {"least": 1, "most": 3600}
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
BINARY = {"requestBody": {"required": True, "content": BYTES}}

Body = Annotated[bytes, Depends(read_body(MOST_BYTES))]
Title = Annotated[Line, Field(min_length=1)]


class FileOut(Shape):
    """A file that was sent; `token` goes into settings as `file`."""

    id: str
    token: Annotated[str, Field(examples=["upload:0006498b0d9b6e35"])]
    name: str
    size: int
    at: dt.datetime


class StudyNew(Shape):
    """A study to begin: on the plan that is served, on the demo county, or on nothing."""

    title_zh: Title
    title_en: Line = ""
    start: Annotated[str, Field(pattern="^(served|demo|empty)$")] = "served"


class StudyCopy(Shape):
    """What the copy is called; else as before."""

    title_zh: Title | None = None


class StudyChange(Shape):
    """What is to change; `version` is the one that was seen."""

    version: int
    title_zh: Title | None = None
    title_en: Line | None = None
    settings: Table | None = None


class SettingsIn(Shape):
    """Settings to try."""

    settings: Table


class RunNew(Shape):
    """A run of a study as it was seen."""

    version: int


class FaultOut(Shape):
    """What is wrong with settings: the key where it is one, and what is expected there."""

    key: Annotated[str, Field(examples=["plan.devices"])]
    text: str


class StudyShort(Shape):
    """A study in a list."""

    id: str
    version: int
    title_zh: str
    title_en: str
    account_id: str | None
    owner: str
    mine: bool
    may_change: bool
    changed_at: dt.datetime
    runs: int
    last_run: RunOut | None


class StudyOut(StudyShort):
    """A study: the tables of its scenario, its files by tokens; what is wrong with them."""

    name: str
    settings: dict[str, Any]
    faults: list[FaultOut]


class VersionOut(Shape):
    """Settings as they stood once."""

    number: int
    at: dt.datetime
    by: str
    settings: dict[str, Any]


@router.get("/choices", responses=refusals())
def see_choices(request: Request, session: Db, who: Asking) -> dict[str, Any]:
    """All that settings may choose from: circles, kinds of venue, methods, norms, files."""
    from aedplan.solve import METHODS  # reads the kernels, which a start has no use for

    norms = [(name, read_norm(name)) for name in shipped_norms()]
    sources: dict[str, list[dict[str, Any]]] = {}
    for offer in list_offers(session, shelf_of(request).folder):
        sources.setdefault(offer.role, []).append(_offer(offer))
    return {
        "circles": [
            {"name": one.name, "words_zh": one.words_zh, "words_en": one.words_en, "minutes": one.minutes,
             "limit_m": one.limit_m, "source": one.source}
            for one in PRESETS.values()
        ],
        "kinds": [{"id": kind, "zh": zh, "en": KINDS_EN[kind]} for kind, zh in KINDS_ZH.items()],
        "methods": list(METHODS),
        "curves": list(CURVES),
        "norms": [{"name": name, "zh": norm.title.zh, "en": norm.title.en} for name, norm in norms],
        "sources": sources,
        "towns": list_towns(session, shelf_of(request).folder),
        "seconds": SECONDS,
    }  # fmt: skip


def _offer(one: Offer) -> dict[str, Any]:
    return {"token": one.token, "zh": one.zh, "en": one.en, "count": one.count}


@router.post("/files", status_code=201, responses=refusals(413, 415), openapi_extra=BINARY)
def send_file(
    request: Request, who: AskingFirst, name: Annotated[FileName, Query(min_length=1)], content: Body
) -> FileOut:
    """Send a table or a map for studies; the body is the file itself."""
    check_study_file(name, content)
    database = database_of(request)
    with database.session(By(who.account, who.role, now())) as session:
        return _file(add_file(session, name, database.keep_file(content), len(content)))


@router.get("/files", responses=refusals())
def see_files(session: Db, who: Asking) -> list[FileOut]:
    """The files that were sent, the newest first."""
    return [_file(one) for one in list_files(session)]


def _file(file: StudyFile) -> FileOut:
    return FileOut(id=file.id, token=f"upload:{file.id}", name=file.name, size=file.size, at=file.at)


@router.get("", responses=refusals())
def see_studies(request: Request, session: Db, who: Asking) -> list[StudyShort]:
    """All studies, that changed last first."""
    telling, counts = Telling(request, session, who), count_runs(session)
    last = {run.study_id: run for run in reversed(list_runs(session))}
    return [
        StudyShort(
            **_short(study, who, telling.names),
            runs=counts.get(study.id, 0),
            last_run=telling.run(last[study.id]) if study.id in last else None,
        )
        for study in list_studies(session)
    ]


@router.post("", status_code=201, responses=refusals())
def begin(request: Request, given: StudyNew, session: Db, who: Asking) -> StudyOut:
    """Begin a study."""
    settings = start_settings(session, given.start, shelf_of(request).folder)
    return _out(request, session, add_study(session, given.title_zh, given.title_en, settings), who)


@router.get("/{study_id}", responses=refusals(404))
def see_study(request: Request, study_id: str, session: Db, who: Asking) -> StudyOut:
    """A study."""
    return _out(request, session, find(session, Study, study_id), who)


@router.put("/{study_id}", responses=refusals(404, 409))
def change(request: Request, study_id: str, given: StudyChange, session: Db, who: Asking) -> StudyOut:
    """Change a study; its settings may have faults, which are told."""
    study = own_study(session, who, study_id)
    return _out(request, session, change_study(session, study, given.model_dump(exclude_none=True)), who)


@router.post("/{study_id}/copy", status_code=201, responses=refusals(404))
def copy(request: Request, study_id: str, given: StudyCopy, session: Db, who: Asking) -> StudyOut:
    """Copy a study; the copy is whose who copies."""
    study = find(session, Study, study_id)
    made = add_study(session, given.title_zh or study.title_zh, study.title_en, study.settings)
    return _out(request, session, made, who)


@router.delete("/{study_id}", status_code=204, responses=refusals(404, 409))
def remove(request: Request, study_id: str, session: Db, who: Asking, later: BackgroundTasks) -> None:
    """Remove a study and its runs."""
    for run in remove_study(session, own_study(session, who, study_id)):
        later.add_task(shutil.rmtree, jobs_of(request).runs / run.id, ignore_errors=True)


@router.get("/{study_id}/versions", responses=refusals(404))
def see_versions(study_id: str, session: Db, who: Asking) -> list[VersionOut]:
    """The settings of a study over time, the newest first."""
    names = names_of(session)
    found = list_versions(session, find(session, Study, study_id))
    return [
        VersionOut(number=one.number, at=one.at, by=names.get(one.account_id or "", ""), settings=one.settings)
        for one in found
    ]


@router.post("/{study_id}/check", responses=refusals(404))
def check(request: Request, study_id: str, given: SettingsIn, session: Db, who: Asking) -> dict[str, list[FaultOut]]:
    """What is wrong with settings, without keeping them."""
    head = head_of(find(session, Study, study_id))
    found = check_settings(_files(request, session), given.settings, head)
    return {"faults": [FaultOut(key=one.key, text=one.text) for one in found]}


@router.post("/{study_id}/runs", status_code=201, responses=refusals(404, 409))
def start_run(
    request: Request, study_id: str, given: RunNew, session: Db, who: Asking, later: BackgroundTasks
) -> RunOut:
    """Have a study run in the background."""
    study, jobs = own_study(session, who, study_id), jobs_of(request)
    if study.version != given.version:
        raise ServiceError(409, "他人刚刚修改过，请刷新后重试。", "Somebody has changed this since; reload.")
    run = add_run(session, study, _files(request, session), jobs.runs)
    later.add_task(Jobs.submit, jobs, run)
    return Telling(request, session, who).run(run)


def own_study(session: RecordSession, who: Who, study_id: str) -> Study:
    """A study that somebody may change; raises ServiceError 403 for another's, which may be copied."""
    study = find(session, Study, study_id)
    if not may(who, "change", Thing("study", account=study.account_id)):
        raise ServiceError(403, "这是别人的方案，请先复制一份。", "This is somebody else's; copy it first.")
    return study


def _files(request: Request, session: RecordSession) -> Files:
    return Files(session, database_of(request).path_of, shelf_of(request).folder)


def _short(study: Study, who: Who, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": study.id,
        "version": study.version,
        "title_zh": study.title_zh,
        "title_en": study.title_en,
        "account_id": study.account_id,
        "owner": names.get(study.account_id or "", ""),
        "mine": study.account_id == who.account,
        "may_change": may(who, "change", Thing("study", account=study.account_id)),
        "changed_at": study.changed_at,
    }


def _out(request: Request, session: RecordSession, study: Study, who: Who) -> StudyOut:
    telling, runs, head = Telling(request, session, who), list_runs(session, study_id=study.id), head_of(study)
    faults = check_settings(_files(request, session), study.settings, head)
    return StudyOut(
        **_short(study, who, telling.names),
        runs=len(runs),
        last_run=telling.run(runs[0]) if runs else None,
        name=head.name,
        settings=study.settings,
        faults=[FaultOut(key=one.key, text=one.text) for one in faults],
    )
