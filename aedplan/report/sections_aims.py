"""The sections of a report on what was wanted beside coverage: a second device, equity between groups, devices that move."""

from typing import TYPE_CHECKING, Any

from .sheets import Column, Section, Sheet
from .words import STATUS, Words, kind_words

if TYPE_CHECKING:
    from ..study.outcome import Outcome

LEVELS = {
    "town": Words("乡镇、街道", "town"),
    "community": Words("社区、村", "community"),
    "school": Words("学校", "school"),
}


def aim_sections(outcome: "Outcome") -> list[Section]:
    """What was wanted and which devices move; nothing where coverage alone was wanted and all stay."""
    sections = []
    if outcome.aim is not None:
        sections.append(Section("", Words("选点时还要什么", "What else was wanted"), after=aim_words(outcome)))
    if outcome.moved:
        sheet = moves_sheet(outcome)
        sections.append(Section("", sheet.title, sheets=(sheet,), after=(STAY,)))
    return sections


STAY = Words(
    "移走之前，原处的设备照常可用。",
    "Until a device moves it serves where it hangs now.",
)


def aim_words(outcome: "Outcome") -> tuple[Words, ...]:
    """What counted beside coverage, how well the plan does by it, and that the other figures are coverage alone."""
    aims, aim = outcome.scenario.aims, outcome.aim
    assert aim is not None
    told = []
    if aims.backup:
        told.append(Words(f"够得到的第二台设备按第一台的 {aims.backup:.0%} 计入。",
                          f"A second device within reach counts {aims.backup:.0%} of the first."))  # fmt: skip
    if aims.equity:
        level = LEVELS.get(aims.equity_by, Words(aims.equity_by, aims.equity_by))
        told.append(Words(f"覆盖比例最低的{level.zh}占 {aims.equity:.0%} 的分量，全部需求占其余。",
                          f"The {level.en} with the lowest share counts {aims.equity:.0%}, all demand the rest."))  # fmt: skip
    status = STATUS[aim.status]
    told.append(
        Words(
            f"按这样计算：{status.zh}；差距 {aim.gap:.2%}。其余各处的覆盖只算第一台，所以可能低于只求覆盖的方案。",
            f"Counted like this: {status.en}; the gap is {aim.gap:.2%}. Coverage everywhere else is that of the first device"
            " alone, so a plan for coverage alone may cover more.",
        )
    )
    return tuple(told)


def moves_sheet(outcome: "Outcome") -> Sheet:
    """Which devices move from where to where."""
    sites = outcome.sites
    rows: list[list[Any]] = [
        [sites.label[here], kind_words(sites.kind[here]),
         *([sites.label[to], kind_words(sites.kind[to])] if to >= 0 else [Words("备用", "spare"), "—"])]
        for here, to in outcome.moved
    ]  # fmt: skip
    columns = [
        Column(Words("现在挂在", "Hangs at"), "long"), Column(Words("类别", "Kind")),
        Column(Words("移到（就近）", "Moves to (the nearest)"), "long"), Column(Words("类别", "Kind")),
    ]  # fmt: skip
    total = [Words(f"合计 {len(rows)} 台", f"Total: {len(rows)} devices"), "", "", ""]
    return Sheet(Words("移动的设备", "Devices that move"), columns, rows, total)
