"""The month's report of a county office as a Word document, to be edited, signed and passed on.

State of the devices, checks on time, what was found, uses, training, coverage on paper and in effect with the losses,
what falls due next. Everything comes in as plain values; nothing tells of a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aedplan.report.sheets import Column, Section, Sheet
from aedplan.report.word_document import add_paragraph, add_table, content, new_document, sayer
from aedplan.report.words import Words

from ..facts import COUNTY_TIME
from ..inspections.form import Language
from ..mapping.coverage_now import CAUSES, CAUSES_EN, CAUSES_ZH
from ..ready.readiness import RANK, State

STATES: Mapping[State, Words] = {
    "READY": Words("可用", "ready"),
    "EXPIRING": Words("可用，将到期", "ready, expiring"),
    "UNKNOWN": Words("未核实", "not verified"),
    "NOT_READY": Words("不可用", "not ready"),
}
SEVERITIES = {
    "critical": Words("严重", "critical"), "major": Words("一般", "major"), "minor": Words("轻微", "minor"),
}  # fmt: skip
NONE = Words("无。", "None.")
MOST_WORTH = 10
"""Of the devices on which most hangs so many are listed."""


@dataclass(frozen=True)
class DeviceLine:
    """A device in service on the last day. `worth`: arrests a year that only it covers; None without a plan."""

    code: str
    site: str
    state: State
    reasons: tuple[Words, ...]
    worth: float | None
    checked: bool


@dataclass(frozen=True)
class Found:
    """A defect found in the month."""

    on: date
    device: str
    item: Words
    severity: str
    plan: str
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True)
class Use:
    """A use of a device; nothing tells who the patient was."""

    at: datetime
    place: str
    device: str
    shocks: int | None
    outcome: Words
    back_on: date | None


@dataclass(frozen=True)
class Event:
    """A course or drill."""

    on: date
    course: str
    site: str
    drill: bool
    attended: int | None
    passed: int | None


@dataclass(frozen=True)
class Covered:
    """Coverage at an instant, as shares of all demand: on paper, in effect, and what each cause takes."""

    at: datetime
    paper: float
    effective: float
    lost: Mapping[str, float]


@dataclass(frozen=True)
class Coming:
    """Something that falls due in the next month, or has not been done yet."""

    on: date
    words: Words
    overdue: bool


@dataclass(frozen=True)
class Month:
    """All that the report tells. `last`: the month's last day, or today in the month that goes on."""

    first: date
    last: date
    complete: bool
    office: str
    devices: tuple[DeviceLine, ...]
    checks: int
    checked_share: float | None
    found: tuple[Found, ...]
    open_defects: int
    reports: Mapping[Words, tuple[int, int]]
    uses: tuple[Use, ...]
    events: tuple[Event, ...]
    circle: Words
    coverage: tuple[Covered, ...]
    coming: tuple[Coming, ...]


def monthly_docx(month: Month, language: Language) -> bytes:
    """The report as a .docx file in one language; the same month gives the same bytes."""
    say = sayer(language)
    title = say(title_of(month))
    document = new_document(title, language)
    if month.office:
        add_paragraph(document, month.office, tone="quiet")
    document.add_heading(title, level=0)
    add_paragraph(document, say(_period(month)), tone="quiet")
    for words in _summary(month):
        add_paragraph(document, say(words), style="List Bullet")
    for section in sections(month):
        document.add_heading(say(section.title), level=1)
        for words in section.before:
            add_paragraph(document, say(words))
        for sheet in section.sheets:
            add_table(document, sheet, language)
        for words in section.after:
            add_paragraph(document, say(words), tone="quiet")
    return content(document)


def title_of(month: Month) -> Words:
    """What the report is called."""
    return Words(f"{month.first.year} 年 {month.first.month} 月 AED 月报", f"AED report, {month.first:%B %Y}")


def _period(month: Month) -> Words:
    open_zh, open_en = ("", "") if month.complete else ("（本月未完）", " (the month goes on)")
    return Words(f"{month.first} 至 {month.last}{open_zh}", f"{month.first} to {month.last}{open_en}")


def _summary(month: Month) -> Iterable[Words]:
    """The month in a few sentences."""
    usable = sum(RANK[one.state] <= RANK["EXPIRING"] for one in month.devices)
    total = len(month.devices)
    yield Words(
        f"在用设备 {total} 台，月末可用 {usable} 台。",
        f"{_many(total, 'device')} in service, {usable} of them usable at the end.",
    )
    if month.checked_share is not None:
        share = f"{100 * month.checked_share:.1f}%"
        yield Words(
            f"按时检查率 {share}，共检查 {month.checks} 次。",
            f"Checked in time: {share}; {_many(month.checks, 'check')}.",
        )
    uses, trained = len(month.uses), sum(one.attended or 0 for one in month.events if not one.drill)
    yield Words(
        f"使用 {uses} 次；培训 {trained} 人次。", f"{_many(uses, 'use')}; {trained} people took part in courses."
    )
    for one in month.coverage[:1]:
        paper, effective = f"{100 * one.paper:.1f}%", f"{100 * one.effective:.1f}%"
        zh = f"有效覆盖 {effective}，账面 {paper}（{_when(one.at)}）。"
        yield Words(zh, f"Covered in effect {effective}, on paper {paper} ({_when(one.at)}).")
    overdue = sum(one.overdue for one in month.coming)
    yield Words(f"下月到期 {len(month.coming) - overdue} 项，已逾期 {overdue} 项。",
                f"{len(month.coming) - overdue} things fall due next month, {overdue} are overdue.")  # fmt: skip


def sections(month: Month) -> list[Section]:
    """The parts of the report, in their order; one with nothing to tell says so."""
    return [
        _state(month),
        _checks(month),
        _found(month),
        _uses(month),
        _training(month),
        _coverage(month),
        _coming(month),
    ]


def _section(key: str, zh: str, en: str, sheets: Sequence[Sheet], **more: tuple[Words, ...]) -> Section:
    told = [sheet for sheet in sheets if sheet.rows]
    nothing = () if told or more.get("before") else (NONE,)
    return Section(key, Words(zh, en), sheets=told, **{"before": nothing, **more})  # type: ignore[arg-type]


def _sheet(zh: str, en: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Sheet:
    return Sheet(Words(zh, en), list(columns), [[_cell(one) for one in row] for row in rows], [])


def _cell(value: object) -> object:
    if value is None or value == "":
        return "—"
    return value if isinstance(value, Words) else str(value)


def _long(zh: str, en: str) -> Column:
    return Column(Words(zh, en), "long")


def _short(zh: str, en: str) -> Column:
    return Column(Words(zh, en))


def _right(zh: str, en: str) -> Column:
    return Column(Words(zh, en), "right")


def _joined(words: Iterable[Words]) -> Words:
    known = list(words)
    return Words("；".join(one.zh for one in known), "; ".join(one.en for one in known))


def _state(month: Month) -> Section:
    counts = [(STATES[state], sum(one.state == state for one in month.devices)) for state in STATES]
    bad = sorted(
        (one for one in month.devices if RANK[one.state] > RANK["EXPIRING"]), key=lambda one: -(one.worth or 0.0)
    )
    return _section(
        "state", "一、设备状况", "1. State of the devices",
        [
            _sheet("状况", "State", (_short("月末状况", "At the end of the month"), _right("设备（台）", "Devices")), counts),
            _sheet("不能算作可用", "Not usable",
                   (_short("编号", "Code"), _long("点位", "Site"), _short("状况", "State"), _long("原因", "Reasons"),
                    _right("失效损失（例/年）", "Lost if it fails (a year)")),
                   ((one.code, one.site, STATES[one.state], _joined(one.reasons), _worth(one.worth)) for one in bad)),
        ],
    )  # fmt: skip


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _worth(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _checks(month: Month) -> Section:
    missed = [one for one in month.devices if not one.checked]
    share = "—" if month.checked_share is None else f"{100 * month.checked_share:.1f}%"
    before = Words(
        f"按时检查率 {share}（距上次检查不超过规定间隔的设备日 ÷ 在用设备日）；"
        f"共检查 {month.checks} 次；{len(missed)} 台整月没有检查。",
        f"Checked in time: {share} (device-days within the interval since the last check ÷ device-days in service); "
        f"{_many(month.checks, 'check')}; {_many(len(missed), 'device')} {_was(len(missed))} not checked all month.",
    )
    columns = (_short("编号", "Code"), _long("点位", "Site"), _short("月末状况", "At the end of the month"))
    rows = ((one.code, one.site, STATES[one.state]) for one in missed)
    return _section(
        "checks",
        "二、按时检查",
        "2. Checks on time",
        [_sheet("没有检查", "Not checked", columns, rows)],
        before=(before,),
    )


def _found(month: Month) -> Section:
    done = sum(one.done_on is not None for one in month.found)
    before = Words(
        f"本月发现缺陷 {len(month.found)} 个，已处理 {done} 个；月末未处理的共 {month.open_defects} 个。",
        f"{_many(len(month.found), 'defect')} {_was(len(month.found))} found, {done} mended; "
        f"{month.open_defects} open at the end.",
    )
    columns = (_short("发现", "Found"), _long("设备", "Device"), _long("项目", "Item"), _short("程度", "How bad"),
               _long("措施", "Plan"), _short("期限", "Due"), _short("处理", "Mended"))  # fmt: skip
    rows = (
        (one.on, one.device, one.item, SEVERITIES[one.severity], one.plan, one.due_on, one.done_on)
        for one in month.found
    )
    told = (
        _short("公众报告", "Reports of the public"),
        _right("收到（条）", "Received"),
        _right("已处理（条）", "Handled"),
    )
    reports = ((words, received, handled) for words, (received, handled) in month.reports.items())
    sheets = [_sheet("缺陷", "Defects", columns, rows), _sheet("公众报告", "Reports", told, reports)]
    return _section("found", "三、发现的问题", "3. What was found", sheets, before=(before,))


def _uses(month: Month) -> Section:
    columns = (_short("时间", "When"), _long("地点", "Where"), _short("设备", "Device"), _right("电击（次）", "Shocks"),
               _long("结果", "Outcome"), _short("恢复备用", "Back in service"))  # fmt: skip
    rows = (
        (_when(one.at), one.place, one.device, one.shocks, one.outcome, one.back_on) for one in month.uses
    )  # fmt: skip
    return _section("uses", "四、使用", "4. Uses", [_sheet("使用", "Uses", columns, rows)])


def _training(month: Month) -> Section:
    columns = (_short("日期", "Date"), _long("内容", "What"), _long("点位", "Site"), _short("类别", "Kind"),
               _right("参加（人）", "Came"), _right("合格（人）", "Passed"))  # fmt: skip
    kinds = {True: Words("演练", "drill"), False: Words("培训", "course")}
    rows = ((one.on, one.course, one.site, kinds[one.drill], one.attended, one.passed) for one in month.events)
    return _section("training", "五、培训和演练", "5. Courses and drills", [_sheet("培训", "Courses", columns, rows)])


def _coverage(month: Month) -> Section:
    if not month.coverage:
        nothing = Words(
            "已发布的方案没有需求数据，不能计算覆盖。",
            "The published plan tells of no demand; coverage cannot be told.",
        )
        return _section("coverage", "六、覆盖和损失", "6. Coverage and losses", [], before=(nothing,))
    columns = [_long("占全部需求的比例（%）", "Share of all demand (%)")]
    columns += [_right(_when(one.at), _when(one.at)) for one in month.coverage]
    rows: list[list[object]] = [[Words("账面：在用设备全部可取、可用", "On paper: every device open and ready")]]
    rows += [[Words(f"减：{CAUSES_ZH[cause]}", f"less: {CAUSES_EN[cause]}")] for cause in CAUSES[1:]]
    rows += [[Words("有效：当时可取、可用", "In effect: open and ready")]]
    for one in month.coverage:
        for row, value in zip(
            rows, (one.paper, *(one.lost[cause] for cause in CAUSES[1:]), one.effective), strict=True
        ):
            row.append(f"{100 * value:.1f}")
    top = sorted((one for one in month.devices if one.worth), key=lambda one: -(one.worth or 0.0))[:MOST_WORTH]
    worth = (_short("编号", "Code"), _long("点位", "Site"), _short("月末状况", "At the end of the month"),
             _right("失效损失（例/年）", "Lost if it fails (a year)"))  # fmt: skip
    lines = ((one.code, one.site, STATES[one.state], _worth(one.worth)) for one in top)
    sheets = [_sheet("覆盖", "Coverage", columns, rows), _sheet("损失", "Losses", worth, lines)]
    about = Words(
        f"救护圈：{month.circle.zh}。失效损失：没有别的可用设备能顶替时，每年多少例预期心搏骤停不再有设备可及。",
        f"Rescue circle: {month.circle.en}. Lost if it fails: arrests expected in a year that no other ready device covers.",
    )
    return _section("coverage", "六、覆盖和损失", "6. Coverage and losses", sheets, after=(about,))


def _coming(month: Month) -> Section:
    columns = (_short("日期", "Date"), _long("事项", "What"), _short("状态", "State"))
    state = {True: Words("已逾期", "overdue"), False: Words("下月到期", "next month")}
    rows = (
        (one.on, one.words, state[one.overdue]) for one in sorted(month.coming, key=lambda one: (one.on, one.words.zh))
    )
    return _section(
        "coming", "七、下月到期和逾期", "7. Due next month, and overdue", [_sheet("到期", "Due", columns, rows)]
    )


def _when(at: datetime) -> str:
    return f"{at.astimezone(COUNTY_TIME):%Y-%m-%d %H:%M}"
