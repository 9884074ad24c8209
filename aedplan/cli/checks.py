"""`aedplan check`: what was read of a table of devices and what looks wrong with it, and whether it keeps a local rule."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..files import SiteList
    from ..hours.texts import Understood
    from ..network import StreetNetwork
    from ..norms.norms import Finding, Norm
    from ..norms.stock import Stock
    from ..outputs import Sheet
    from ..suspicions import Suspicion


def check(given: argparse.Namespace) -> int:
    """Check what the options name, print it and write the report; 2 when rows were refused, else 0."""
    if str(given.devices) == "list" or given.norm == "list":
        return _list_norms()
    from ..hours.texts import understand_hours

    _check_report(given.report)
    streets = _streets(given.streets)
    listed = _read(given)
    lines = listed.report.lines()
    hours = understand_hours(listed.sites.hours)
    odd = _suspicions(given, listed, streets)
    lines += [*hours_lines(listed, hours), *suspicion_lines(odd)]
    norm, stock, findings = _judge(given, listed, streets)
    if norm is not None and stock is not None:
        from ..norms.norms import finding_lines

        lines += ["", *finding_lines(norm, stock, findings)]
    print("\n".join(lines))
    if given.report is not None:
        from ..outputs import write_xlsx

        write_xlsx(given.report, report_sheets(listed, odd, findings) | hours_sheet(listed, hours))
        print(f"wrote {given.report}")
    if listed.report.refused:
        from ..tables.readings import counted

        count = len(listed.report.refused)
        told = f"{count:,} 行读不进来，见上。{counted(count, 'rows')} refused, see above"
        print(f"aedplan: {listed.report.where}：{told}", file=sys.stderr)
        return 2
    return 0


def _list_norms() -> int:
    from ..norms.norms import read_norm, shipped_norms

    for name in shipped_norms():
        norm = read_norm(name)
        print(f"{name:<16} {norm.title.zh} / {norm.title.en}")
    return 0


def _check_report(path: Path | None) -> None:
    """Refuse a report that cannot be written before anything is read."""
    if path is not None and path.suffix.lower() != ".xlsx":
        raise InputError(f"--report {path.name}: expected a name that ends in .xlsx")
    if path is not None and not path.resolve().parent.is_dir():
        raise InputError(f"--report {path}: there is no folder {path.parent}; expected one")


def _read(given: argparse.Namespace) -> "SiteList":
    """The devices of a table, or of the folder of a finished plan."""
    from ..files import read_site_list
    from ..norms.stock import DEVICE_FIELDS

    path: Path = given.devices
    if path.is_dir():
        path = path / "plan.geojson"
        if not path.is_file():
            raise InputError(
                f"{given.devices}: no plan.geojson in it; expected a table or the folder of a finished plan"
            )
    return read_site_list(path, crs=given.crs, standing=True, more=DEVICE_FIELDS)


def _streets(path: Path | None) -> "StreetNetwork | None":
    from ..streets import read_streets

    return None if path is None else read_streets(path)


def _suspicions(
    given: argparse.Namespace, listed: "SiteList", streets: "StreetNetwork | None"
) -> "tuple[Suspicion, ...]":
    from ..osm.osm import find_osm_venues, is_osm_file
    from ..strays import Surroundings, read_area, suspect_list

    maps = (path for path in (given.venues, given.streets) if path is not None and path.is_file() and is_osm_file(path))
    file = next(maps, None)
    around = Surroundings(
        streets=streets,
        mapped=None if file is None else find_osm_venues(file),
        area=None if given.area is None else read_area(given.area),
    )
    return suspect_list(listed, around, declared=given.crs or "wgs84")


def hours_lines(listed: "SiteList", hours: "Sequence[Understood]", *, most: int = 10) -> list[str]:
    """What was understood of opening hours, and the first rows of which nothing was; no line where no row gives any."""
    from ..hours.texts import report_hours

    report = report_hours(hours)
    if not report.given:
        return []
    missed = [(row, label, one) for row, label, one in _with_rows(listed, hours) if one.text.strip() and not one.osm]
    told = [f"  第 {row} 行（{label}）/ row {row}：{one_line(one.text)!r}" for row, label, one in missed[:most]]
    more = [f"  …另有 {len(missed) - most:,} 行 / {len(missed) - most:,} more"] if len(missed) > most else []
    return [report.zh, report.en, *told, *more]


def one_line(text: str) -> str:
    """A text of several lines on one.

    >>> one_line("星期一至星期五 08:00 至 17:00\\n      備註:")
    '星期一至星期五 08:00 至 17:00 / 備註:'
    """
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())


def _with_rows(listed: "SiteList", hours: "Sequence[Understood]") -> "list[tuple[int, str, Understood]]":
    """Row number, label and hours of every row read."""
    from ..strays import row_numbers

    return list(zip(row_numbers(listed.sites), listed.sites.label, hours, strict=True))


def hours_sheet(listed: "SiteList", hours: "Sequence[Understood]") -> "dict[str, Sheet]":
    """Every opening hours with what was understood of them."""
    header = ("行 row", "名称 name", "原文 text", "OSM", "理解为", "understood as", "没看懂 left over")
    rows: list[Sequence[object]] = [
        (row, label, one.text, one.osm, one.zh, one.en, one.left) for row, label, one in _with_rows(listed, hours)
    ]
    return {"开放时间 hours": (header, rows)}


def suspicion_lines(found: "tuple[Suspicion, ...]") -> list[str]:
    """Suspicions for a screen."""
    lines = [line for one in found for line in (f"  {one.zh}", f"  {one.en}")]
    return ["可疑 suspicious:", *lines] if lines else []


def _judge(
    given: argparse.Namespace, listed: "SiteList", streets: "StreetNetwork | None"
) -> "tuple[Norm | None, Stock | None, tuple[Finding, ...]]":
    """The norm named, what it is judged on, and what was found; nothing where none is named."""
    from ..norms.norms import check_norm, read_norm
    from ..norms.stock import read_venues, stock_of_list

    if given.norm is None:
        return None, None, ()
    norm = read_norm(given.norm)
    venues, of_venue = (None, {}) if given.venues is None else read_venues(given.venues, crs=given.crs)
    people, certified = _people(given.population)
    stock = stock_of_list(
        listed,
        venues=venues,
        of_venue=of_venue,
        population=people,
        certified=certified,
        streets=streets,
        on=_day(given.on),
    )
    return norm, stock, check_norm(norm, stock)


def _people(text: str | None) -> tuple[float | None, float | None]:
    """People, and how many of them are certified, from a number or a table."""
    from ..norms.stock import read_people
    from ..tables.forms import number

    if text is None:
        return None, None
    value = number(text)
    if value == value:
        if not value > 0:
            raise InputError(f"--population {text}: expected people, above 0")
        return value, None
    return read_people(text)


def _day(text: str | None) -> "object":
    from datetime import date

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"--on {text!r}: expected a day such as 2026-11-22") from error


def report_sheets(
    listed: "SiteList", odd: "tuple[Suspicion, ...]", findings: "tuple[Finding, ...]"
) -> "dict[str, Sheet]":
    """Everything found, in full: the norm's clauses and places where one was named, the rows, what looks suspicious."""
    from ..norms.norms import finding_sheets

    norm = finding_sheets(findings) if findings else {}
    return {**norm, **listed.report.sheets(), "可疑 suspicious": (("可疑", "suspicious"), list(odd))}
