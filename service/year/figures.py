"""The year's figures, for the county and each town, each with its formula in words.

A figure without a denominator (no devices, population not known) has no value: never 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from ..ready.device_days import DeviceDays

UNIT_KINDS = {
    "township": ("乡镇街道", "townships"),
    "community": ("村和社区", "villages and communities"),
    "school": ("学校", "schools"),
    "scenic": ("景区", "scenic spots"),
    "enterprise": ("企业", "enterprises"),
}
"""What is counted as with or without a Red Cross organisation or a rescue team."""


@dataclass(frozen=True)
class PlacedDevice:
    """A device's days of the stretch (see device_days) and its town (9 digits of the national code; "" if not known)."""

    days: DeviceDays
    town: str = ""


@dataclass(frozen=True)
class Incident:
    """A use: on which day, in which town, whether the person was handed over alive."""

    on: date
    town: str = ""
    rescued: bool = False


@dataclass(frozen=True)
class Training:
    """A course or a drill: how many took part."""

    on: date
    town: str = ""
    attended: int = 0
    drill: bool = False


@dataclass(frozen=True)
class Certified:
    """A person's certificate. `person` tells two of one person from two people."""

    person: str
    issued_on: date
    expires_on: date | None
    town: str = ""


@dataclass(frozen=True)
class Town:
    """A town; population None where nobody has noted it."""

    code: str
    name: str
    population: int | None


@dataclass(frozen=True)
class Unit:
    """A township, community, school, scenic spot or enterprise (UNIT_KINDS), and what of the Red Cross is there."""

    kind: str
    town: str
    has_organisation: bool
    has_team: bool


@dataclass(frozen=True)
class YearRecords:
    """All that the figures of a stretch, as a rule a year, follow from."""

    first: date
    last: date
    devices: tuple[PlacedDevice, ...] = ()
    incidents: tuple[Incident, ...] = ()
    trainings: tuple[Training, ...] = ()
    certificates: tuple[Certified, ...] = ()
    towns: tuple[Town, ...] = ()
    units: tuple[Unit, ...] = ()

    def of_town(self, code: str) -> "YearRecords":
        """Only what belongs to a town."""
        names = ("devices", "incidents", "trainings", "certificates", "units")
        kept: dict[str, Any] = {name: tuple(one for one in getattr(self, name) if one.town == code) for name in names}
        return replace(self, towns=tuple(town for town in self.towns if town.code == code), **kept)

    def device_days(self, kind: Literal["in_service", "checked", "not_ready"]) -> int:
        """Days of all devices together."""
        return sum(getattr(one.days, kind) for one in self.devices)

    @property
    def in_service(self) -> int:
        """Devices in service on the last day."""
        return sum(one.days.at_end for one in self.devices)

    @property
    def population(self) -> int | None:
        """People of all towns; None as soon as one is not known."""
        numbers = [town.population for town in self.towns]
        return None if not numbers or None in numbers else sum(number or 0 for number in numbers)

    @property
    def held(self) -> list[Training]:
        """Courses and drills of the stretch."""
        return [one for one in self.trainings if self.first <= one.on <= self.last]

    @property
    def trained(self) -> int:
        """People who took part in courses; drills are counted apart."""
        return sum(one.attended for one in self.held if not one.drill)

    @property
    def certified(self) -> int:
        """People with a certificate in force on the last day."""
        return len(
            {
                one.person
                for one in self.certificates
                if one.issued_on <= self.last and (one.expires_on is None or one.expires_on >= self.last)
            }
        )

    @property
    def used(self) -> list[Incident]:
        """Uses of the stretch."""
        return [one for one in self.incidents if self.first <= one.on <= self.last]


Count = Callable[[YearRecords], int | None]


@dataclass(frozen=True)
class Definition:
    """What a figure is: `per` x numerator / denominator, or the numerator alone."""

    id: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    numerator: Count
    denominator: Count | None = None
    per: float = 1.0


@dataclass(frozen=True)
class Figure:
    """A figure of the county: value, what it was made from, and the same for each town by code."""

    definition: Definition
    value: float | None
    numerator: int | None
    denominator: int | None
    by_town: Mapping[str, "Figure"]


_BASE = (
    Definition("devices", "在用设备", "Devices in service", "最后一日在用（含停用、使用中、失踪，不含待装和报废）的设备数",
               "devices in service on the last day (also out of order, in use or missing; not planned or retired)",
               lambda y: y.in_service),
    Definition("checked_in_time", "按时检查率（%）", "Checked in time (%)", "100 × 距上次检查不超过规定间隔的设备日 ÷ 在用设备日",
               "100 × device-days within the interval since the last check ÷ device-days in service",
               lambda y: y.device_days("checked"), lambda y: y.device_days("in_service"), 100.0),
    Definition("days_not_ready", "不可用天数", "Days not ready", "在用设备中不能算作可用的设备日之和",
               "sum of the device-days in service on which the device did not count as ready",
               lambda y: y.device_days("not_ready")),
    Definition("not_ready_share", "不可用率（%）", "Not ready (%)", "100 × 不可用设备日 ÷ 在用设备日",
               "100 × device-days not ready ÷ device-days in service",
               lambda y: y.device_days("not_ready"), lambda y: y.device_days("in_service"), 100.0),
    Definition("uses", "使用次数", "Uses", "期内登记的使用次数", "uses recorded in the period", lambda y: len(y.used)),
    Definition("rescues", "救治成功", "Rescues", "期内使用中患者存活移交的次数",
               "uses after which the person was handed over alive",
               lambda y: sum(one.rescued for one in y.used)),
    Definition("trained_per_10000", "每万人培训人次", "Trained per 10,000", "10000 × 期内培训人次（不含演练）÷ 人口",
               "10,000 × people who took part in courses (drills apart) ÷ population",
               lambda y: y.trained, lambda y: y.population, 10_000.0),
    Definition("certified_per_10000", "每万人持证人数", "Certified per 10,000", "10000 × 最后一日持有效证书的人数 ÷ 人口",
               "10,000 × people with a certificate in force on the last day ÷ population",
               lambda y: y.certified, lambda y: y.population, 10_000.0),
    Definition("trained_per_device", "每台设备培训人次", "Trained per device", "期内培训人次（不含演练）÷ 在用设备数",
               "people who took part in courses (drills apart) ÷ devices in service",
               lambda y: y.trained, lambda y: y.in_service),
    Definition("certified_per_device", "每台设备持证人数", "Certified per device", "最后一日持有效证书的人数 ÷ 在用设备数",
               "people with a certificate in force on the last day ÷ devices in service",
               lambda y: y.certified, lambda y: y.in_service),
    Definition("drills", "演练次数", "Drills", "期内演练次数", "drills held in the period",
               lambda y: sum(one.drill for one in y.held)),
)  # fmt: skip


def _share(kind: str, what: str) -> Definition:
    zh, en = UNIT_KINDS[kind]
    thing_zh, thing_en = {
        "organisation": ("红十字组织", "a Red Cross organisation"),
        "team": ("救护队", "a rescue team"),
    }[what]
    return Definition(
        f"{what}_{kind}",
        f"{zh}有{thing_zh}的比例（%）",
        f"{en.capitalize()} with {thing_en} (%)",
        f"100 × 有{thing_zh}的{zh}数 ÷ {zh}总数",
        f"100 × {en} with {thing_en} ÷ all {en}",
        lambda y: sum(getattr(unit, f"has_{what}") for unit in y.units if unit.kind == kind),
        lambda y: sum(unit.kind == kind for unit in y.units),
        100.0,
    )


DEFINITIONS = (*_BASE, *(_share(kind, what) for what in ("organisation", "team") for kind in UNIT_KINDS))


def figures(records: YearRecords) -> list[Figure]:
    """Every figure of DEFINITIONS, for the county and each of its towns."""
    towns = {town.code: records.of_town(town.code) for town in records.towns}
    return [
        replace(_figure(one, records), by_town={code: _figure(one, part) for code, part in towns.items()})
        for one in DEFINITIONS
    ]


def _figure(definition: Definition, records: YearRecords) -> Figure:
    numerator = definition.numerator(records)
    if definition.denominator is None:
        return Figure(definition, numerator, numerator, None, {})
    denominator = definition.denominator(records)
    known = numerator is not None and denominator
    value = definition.per * numerator / denominator if known else None  # type: ignore[operator]
    return Figure(definition, value, numerator, denominator, {})
