"""Readiness of the devices on record, under the norm in force."""

import datetime as dt

from sqlalchemy.orm import Session

from ..ready.readiness import Readiness, readiness
from ..tables import Device
from .device_facts import facts_of
from .rules import current_norm


def readiness_of(session: Session, devices: list[Device], on: dt.date) -> list[Readiness]:
    """Readiness of each device on a day from today on, in the order given, by what is on record now."""
    norm = current_norm(session)
    return [readiness(facts, norm, on) for facts in facts_of(session, devices)]
