"""The year's figures, each with its formula in words, and the scores of the sites."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..errors import ServiceError
from ..facts import day_of
from ..history import RecordSession
from ..records.year import ScoredSite, list_scores, read_year
from ..year import figures
from ..year.site_score import FORMULA_EN, FORMULA_ZH
from .asking import Asking, Db, own_sites
from .shapes import Day, Shape, refusals

router = APIRouter(prefix="/api/v1/records", tags=["figures"])
Year = Annotated[int, Field(ge=2000, le=2999, examples=[2026])]
LONGEST = dt.timedelta(days=3660)


class TownFigure(Shape):
    """A figure of one town."""

    code: Annotated[str, Field(examples=["350583001"])]
    name: Annotated[str, Field(examples=["溪美街道"])]
    value: float | None
    numerator: int | None
    denominator: int | None


class FigureOut(Shape):
    """A figure: value is null where nothing can be said, such as a share of no devices; never 0 for that."""

    id: Annotated[str, Field(examples=["checked_in_time"])]
    zh: Annotated[str, Field(examples=["按时检查率（%）"])]
    en: Annotated[str, Field(examples=["Checked in time (%)"])]
    formula_zh: Annotated[str, Field(examples=["100 × 距上次检查不超过规定间隔的设备日 ÷ 在用设备日"])]
    formula_en: str
    value: Annotated[float | None, Field(examples=[96.4])]
    numerator: int | None
    denominator: int | None
    towns: list[TownFigure]


class FiguresOut(Shape):
    """All figures from one day to another, both counted."""

    first: dt.date
    last: dt.date
    figures: list[FigureOut]


class PartOut(Shape):
    """Points of one part, the most it can give, and what would raise it."""

    id: Annotated[str, Field(examples=["checks"])]
    zh: str
    en: str
    points: Annotated[float, Field(examples=[27.5])]
    most: float
    advice_zh: str
    advice_en: str


class ScoreOut(Shape):
    """The score of a site, 0 to 100; null where no device is in service there."""

    site_id: str
    name: str
    total: Annotated[float | None, Field(examples=[82.5])]
    parts: list[PartOut]


class ScoresOut(Shape):
    """The scores of the sites and how they are made."""

    first: dt.date
    last: dt.date
    formula_zh: str = FORMULA_ZH
    formula_en: str = FORMULA_EN
    sites: list[ScoreOut]


@router.get("/figures", responses=refusals())
def see_figures(
    session: Db, who: Asking, year: Year | None = None, first: Day | None = None, last: Day | None = None
) -> FiguresOut:
    """The figures of a year, or from one day to another; of this year up to today unless told."""
    begin, end = _stretch(session, year, first, last)
    records = read_year(session, begin, end)
    names = {town.code: town.name for town in records.towns}
    return FiguresOut(first=begin, last=end, figures=[_figure(one, names) for one in figures.figures(records)])


@router.get("/scores", responses=refusals())
def see_scores(
    session: Db, who: Asking, year: Year | None = None, first: Day | None = None, last: Day | None = None
) -> ScoresOut:
    """The scores of the sites; a manager's own only."""
    begin, end = _stretch(session, year, first, last)
    found = list_scores(session, begin, end, within=own_sites(who, "list", "figure"))
    return ScoresOut(first=begin, last=end, sites=[_score(one) for one in found])


def _stretch(
    session: RecordSession, year: int | None, first: dt.date | None, last: dt.date | None
) -> tuple[dt.date, dt.date]:
    """The first and the last day; none lies in the future, of which there are no records."""
    today = day_of(session.by.at)
    begin = first or dt.date(year or (last or today).year, 1, 1)
    end = min(last or dt.date(year or today.year, 12, 31), today)
    if end < begin:
        raise ServiceError(422, "结束日期早于开始日期，或在将来。", "It ends before it begins, or lies in the future.")
    if end - begin > LONGEST:
        raise ServiceError(422, "时段不超过十年。", "A stretch is ten years at most.")
    return begin, end


def _figure(one: figures.Figure, names: dict[str, str]) -> FigureOut:
    told = one.definition
    return FigureOut(
        id=told.id,
        zh=told.zh,
        en=told.en,
        formula_zh=told.formula_zh,
        formula_en=told.formula_en,
        value=one.value,
        numerator=one.numerator,
        denominator=one.denominator,
        towns=[
            TownFigure(
                code=code, name=names[code], value=part.value, numerator=part.numerator, denominator=part.denominator
            )
            for code, part in one.by_town.items()
        ],
    )


def _score(one: ScoredSite) -> ScoreOut:
    return ScoreOut(
        site_id=one.site_id,
        name=one.name,
        total=one.score.total,
        parts=[PartOut(**{name: getattr(part, name) for name in PartOut.model_fields}) for part in one.score.parts],
    )
