"""Legal support: the log of cases, and the kit that a rescuer is given."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..history import RecordSession
from ..tables import LegalCase, LegalKitPage
from . import add, period_faults, refuse


def add_case(session: RecordSession, case: LegalCase) -> LegalCase:
    """Note a question or case.

    Raises ServiceError 422 when it was closed before it was opened.
    """
    refuse(period_faults(case.opened_on, case.closed_on))
    return add(session, case)


def list_cases(session: Session) -> list[LegalCase]:
    """The cases, newest first."""
    return list(session.scalars(select(LegalCase).order_by(LegalCase.opened_on.desc(), LegalCase.id.desc())))


def add_page(session: RecordSession, page: LegalKitPage) -> LegalKitPage:
    """Add a page to the kit."""
    return add(session, page)


def list_pages(session: Session) -> list[LegalKitPage]:
    """The kit in its order."""
    return list(session.scalars(select(LegalKitPage).order_by(LegalKitPage.place, LegalKitPage.id)))
