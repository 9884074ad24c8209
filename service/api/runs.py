"""Runs of studies: how far they are, their files, what they found, drafts valued at once, and publishing."""

import datetime as dt
import shutil
import time
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Query, Request
from pydantic import Field
from pydantic_core import to_json
from starlette.responses import FileResponse, Response

from aedplan import InputError

from ..access import Thing, Who, may
from ..db import database_of, now
from ..errors import ServiceError
from ..history import By, RecordSession
from ..jobs import Jobs
from ..planning.draft_answer import tell
from ..planning.draft_value import DraftSite, open_drafting
from ..planning.reached import find_reached
from ..planning.run_folders import FILES, STAGES, STATES, RunFolder
from ..planning.study_results import compare, read_demand, read_results
from ..published import Shelf, read_published
from ..records.studies import (
    find_run,
    list_published,
    list_runs,
    names_of,
    publish_run,
    remove_run,
    run_again,
    run_of_plan,
    withdraw,
)
from ..tables import StudyRun
from .asking import Asking, AskingFirst, Db
from .shapes import Key, Line, Shape, Word, refusals

router = APIRouter(prefix="/api/v1", tags=["studies"])
SERVED = "served"
State = Literal["waiting", "running", "done", "stopped", "failed", "interrupted"]


class StageOut(Shape):
    """What a run is doing; `whole` is 0 where it cannot be counted."""

    id: str
    zh: str
    en: str
    done: int
    whole: int


class SoFarOut(Shape):
    """The best plan so far: no plan is worth more than `bound`."""

    value: float
    total: float
    share: float
    bound: float
    bound_share: float
    gap: float
    seconds: float


class RunFile(Shape):
    """A file to take away."""

    name: str
    size: int


class RunOut(Shape):
    """A run: its state, what it is doing, and what it found."""

    id: str
    study_id: str
    version: int
    title_zh: str
    title_en: str
    state: State
    state_zh: str
    state_en: str
    has_plan: bool
    started_at: dt.datetime
    ended_at: dt.datetime | None
    seconds: float
    by: str
    stage: StageOut | None
    so_far: SoFarOut | None
    stopping: bool
    silent_s: float | None
    fault_zh: str
    fault_en: str
    figures: dict[str, Any] | None
    files: list[RunFile]
    published_at: dt.datetime | None
    served: bool
    may_change: bool
    may_start_again: bool


class PublishedOut(Shape):
    """A plan that was published; run_id is null where its run is gone."""

    id: str
    at: dt.datetime
    by: str
    title: str
    share: float
    run_id: str | None
    withdrawn_at: dt.datetime | None
    served: bool


class SiteIn(Shape):
    """A new site of a draft: by id where it is; with lon and lat there; hours else its own."""

    id: Annotated[Word, Field(max_length=200)] = ""
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    hours: Line | None = None
    kind: Line | None = None

    def site(self) -> DraftSite:
        """The same for the rules."""
        place = None if self.lon is None or self.lat is None else (float(self.lon), float(self.lat))
        return DraftSite(self.id, place, self.hours, self.kind)


class DraftIn(Shape):
    """A draft: all its new sites in order; the standing devices that stay, all where left out."""

    sites: Annotated[list[SiteIn], Field(max_length=2000)]
    standing: Annotated[list[Word], Field(max_length=100_000)] | None = None


@router.get("/runs", responses=refusals())
def see_runs(request: Request, session: Db, who: Asking, study: Key | None = None) -> list[RunOut]:
    """The runs of a study, or all, the newest first."""
    telling = Telling(request, session, who)
    return [telling.run(run) for run in list_runs(session, study_id=study)]


@router.get("/runs/{run_id}", responses=refusals(404))
def see_run(request: Request, run_id: str, session: Db, who: Asking) -> RunOut:
    """A run: ask again every second while it is waiting or running."""
    return Telling(request, session, who).run(find_run(session, run_id))


@router.post("/runs/{run_id}/stop", status_code=202, responses=refusals(404))
def stop(request: Request, run_id: str, session: Db, who: Asking, later: BackgroundTasks) -> RunOut:
    """Ask for the best plan so far."""
    run, jobs = _own_run(session, who, run_id), jobs_of(request)
    if run.state == "waiting":
        jobs.folder(run).ask("stop")
        later.add_task(Jobs.let_go, jobs, run, silent_s=_silent_s(jobs.folder(run)))
    return Telling(request, session, who).run(run)


@router.post("/runs/{run_id}/again", status_code=202, responses=refusals(404, 409))
def start_again(request: Request, run_id: str, session: Db, who: Asking, later: BackgroundTasks) -> RunOut:
    """Begin a run anew that failed, was stopped or interrupted."""
    run = run_again(session, _own_run(session, who, run_id))
    later.add_task(Jobs.submit, jobs_of(request), run)
    return Telling(request, session, who).run(run)


@router.delete("/runs/{run_id}", status_code=204, responses=refusals(404, 409))
def remove(request: Request, run_id: str, session: Db, who: Asking, later: BackgroundTasks) -> None:
    """Remove a run with its files."""
    run = _own_run(session, who, run_id)
    remove_run(session, run)
    later.add_task(shutil.rmtree, jobs_of(request).runs / run.id, ignore_errors=True)


@router.get("/runs/{run_id}/files/{name}", response_class=FileResponse, responses=refusals(404))
def see_file(request: Request, run_id: str, name: str, session: Db, who: Asking) -> FileResponse:
    """A file of a plan, as the command line writes it."""
    path = _plan_folder(request, session, run_id) / name
    if name not in FILES or not path.is_file():
        raise ServiceError(404, "没有这个文件。", "There is no such file.")
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "sandbox"}
    return FileResponse(path, filename=name, headers=headers)


@router.get("/runs/{run_id}/results", responses=refusals(404))
def see_results(request: Request, run_id: str, session: Db, who: Asking) -> Response:
    """What a plan says: figures, sites, curve, towns, periods, losses by cause."""
    return _plain({"run_id": run_id, **read_results(_plan_folder(request, session, run_id))})


@router.get("/runs/{run_id}/demand", responses=refusals(404, 409))
def see_demand(request: Request, run_id: str, session: Db, who: Asking) -> Response:
    """The demand of a plan, point by point, and how much of it is covered."""
    return _plain(read_demand(_plan_folder(request, session, run_id)))


@router.post("/runs/{run_id}/value", responses=refusals(404, 409))
def value(request: Request, run_id: str, given: DraftIn, who: AskingFirst) -> Response:
    """The value of a changed plan, at once."""
    began = time.perf_counter()
    with database_of(request).session() as session:
        folder = _plan_folder(request, session, run_id)
    drafting = open_drafting(folder)
    answer = tell(drafting, drafting.value([site.site() for site in given.sites], standing=given.standing))
    return _plain({**answer, "milliseconds": round((time.perf_counter() - began) * 1000, 1)})


@router.get("/runs/{run_id}/reach", responses=refusals(404, 409))
def see_reach(request: Request, run_id: str, session: Db, who: Asking) -> Response:
    """The streets that the devices of a plan reach, for its map."""
    drafting = open_drafting(_plan_folder(request, session, run_id))
    return _plain(find_reached(drafting.study, [one.lonlat for one in drafting.plan.devices]))


@router.post("/runs/{run_id}/reach", responses=refusals(404, 409))
def reach(request: Request, run_id: str, given: DraftIn, who: AskingFirst) -> Response:
    """The streets that the devices of a changed plan reach."""
    with database_of(request).session() as session:
        folder = _plan_folder(request, session, run_id)
    drafting = open_drafting(folder)
    draft = drafting.value([site.site() for site in given.sites], standing=given.standing)
    return _plain(find_reached(drafting.study, [one.lonlat for one in draft.devices]))


@router.post("/runs/{run_id}/publish", responses=refusals(404, 409))
def publish(request: Request, run_id: str, who: AskingFirst) -> RunOut:
    """Let the service serve this plan from now on; the one before is kept."""
    database, shelf = database_of(request), shelf_of(request)
    with database.session(By(who.account, who.role, now())) as session:
        run = find_run(session, run_id)
        plan = jobs_of(request).folder(run).plan
        publish_run(session, run, plan)
        try:
            read_published(plan)
        except InputError as error:
            raise ServiceError(
                409, "这个方案的文件读不出来。", f"The files of this plan cannot be read: {error}"
            ) from error
    shelf.point(plan)
    with database.session() as session:
        return Telling(request, session, who).run(find_run(session, run_id))


@router.get("/published", responses=refusals())
def see_published(request: Request, session: Db, who: Asking) -> list[PublishedOut]:
    """The plans that were published, the newest first."""
    names, serving = names_of(session), run_of_plan(session, shelf_of(request).folder)
    runs = {run.id for run in list_runs(session)}
    return [
        PublishedOut(
            id=one.id,
            at=one.at,
            by=names.get(one.account_id or "", ""),
            title=one.title,
            share=one.summary.get("share", 0.0),
            run_id=one.study_run_id if one.study_run_id in runs else None,
            withdrawn_at=one.withdrawn_at,
            served=serving is not None and serving.id == one.study_run_id and one.withdrawn_at is None,
        )
        for one in list_published(session)
    ]


@router.delete("/published", status_code=204, responses=refusals())
def end_publishing(request: Request, who: AskingFirst) -> None:
    """Serve the plan of the service's own folder again."""
    with database_of(request).session(By(who.account, who.role, now())) as session:
        withdraw(session)
    shelf_of(request).point(None)


@router.get("/compare", responses=refusals(404))
def see_side_by_side(
    request: Request, session: Db, who: Asking, runs: Annotated[list[Key], Query(min_length=2, max_length=4)]
) -> Response:
    """Two to four plans side by side; only settings and inputs that differ are told."""
    return _plain(compare([(run_id, _plan_folder(request, session, run_id)) for run_id in runs]))


def jobs_of(request: Request) -> Jobs:
    """The runs under way."""
    jobs: Jobs = request.app.state.jobs
    return jobs


def shelf_of(request: Request) -> Shelf:
    """Where the plan that is served lies."""
    shelf: Shelf = request.app.state.shelf
    return shelf


def _own_run(session: RecordSession, who: Who, run_id: str) -> StudyRun:
    run = find_run(session, run_id)
    if not may(who, "change", Thing("study", account=run.account_id)):
        raise ServiceError(403, "这是别人的计算。", "This run is somebody else's.")
    return run


def _plan_folder(request: Request, session: RecordSession, run_id: str) -> Path:
    """The folder of a run's plan, or of the plan that is served."""
    if run_id == SERVED:
        return shelf_of(request).folder
    return jobs_of(request).folder(find_run(session, run_id)).plan


def _plain(content: dict[str, Any]) -> Response:
    return Response(to_json(content), media_type="application/json", headers={"Cache-Control": "no-store"})


def _silent_s(folder: RunFolder) -> float | None:
    progress = folder.progress()
    return None if progress is None else max(0.0, time.time() - float(progress["at"]))


class Telling:
    """Tells whoever asks of runs: who began them, which were published, what may be done with them."""

    def __init__(self, request: Request, session: RecordSession, who: Who) -> None:
        self._jobs, self._who = jobs_of(request), who
        self._served = shelf_of(request).folder.resolve()
        self.names = names_of(session)
        self._published = {one.study_run_id: one.at for one in reversed(list_published(session))}

    def run(self, run: StudyRun) -> RunOut:
        """A run as it stands: from its row once it has ended, from its folder before."""
        folder = self._jobs.folder(run)
        progress = folder.progress() if run.state == "waiting" else None
        state: State = "running" if progress is not None else run.state
        published_at = self._published.get(run.id)
        mine = may(self._who, "change", Thing("study", account=run.account_id))
        return RunOut(
            id=run.id,
            study_id=run.study_id,
            version=run.study_version,
            title_zh=run.title_zh,
            title_en=run.title_en,
            state=state,
            state_zh=STATES[state][0],
            state_en=STATES[state][1],
            has_plan=run.state in ("done", "stopped") and folder.has_plan,
            started_at=run.at,
            ended_at=run.ended_at,
            seconds=((run.ended_at or now()) - run.at).total_seconds(),
            by=self.names.get(run.account_id or "", ""),
            stage=None if progress is None else _stage(progress["stage"]),
            so_far=_so_far(progress),
            stopping=run.state == "waiting" and folder.asked("stop"),
            silent_s=_silent_s(folder) if progress else None,
            fault_zh=run.fault_zh,
            fault_en=run.fault_en,
            figures=run.figures,
            files=_list_files(folder) if run.state in ("done", "stopped") else [],
            published_at=published_at,
            served=self._served == folder.plan.resolve(),
            may_change=mine,
            may_start_again=mine and run.state in ("failed", "stopped", "interrupted") and published_at is None,
        )


def _stage(told: dict[str, Any]) -> StageOut:
    zh, en = STAGES.get(told["id"], (told["id"], told["id"]))
    return StageOut(zh=zh, en=en, **told)


def _so_far(progress: dict[str, Any] | None) -> SoFarOut | None:
    told = progress["so_far"] if progress else None
    if told is None:
        return None
    total = told["total"] or 1.0
    return SoFarOut(**told, share=told["value"] / total, bound_share=told["bound"] / total)


def _list_files(folder: RunFolder) -> list[RunFile]:
    found = ((name, folder.plan / name) for name in FILES)
    return [RunFile(name=name, size=path.stat().st_size) for name, path in found if path.is_file()]
