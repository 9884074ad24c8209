"""The section of a report on local rules: clause by clause met, short by how many and where, or not to be judged."""

from typing import TYPE_CHECKING

from ..norms.norms import SURE, Finding, Norm, check_norm, read_norm
from ..norms.stock import stock_of
from .sheets import Column, Section, Sheet
from .words import Words

if TYPE_CHECKING:
    from ..study.outcome import Outcome

MOST_PLACES = 3
"""Named for a clause that is short; `aedplan check` names all."""


def norm_sections(outcome: "Outcome") -> list[Section]:
    """One section for each norm that the scenario names."""
    stock = stock_of(outcome) if outcome.scenario.norms else None
    sections = []
    for name in outcome.scenario.norms:
        norm = read_norm(name)
        assert stock is not None
        sections.append(Section("", norm_title(norm), sheets=(norm_sheet(norm, check_norm(norm, stock)),)))
    return sections


def norm_title(norm: Norm) -> Words:
    """What a norm is called."""
    return Words(f"对照《{norm.title.zh}》", f"Measured by: {norm.title.en}")


def norm_sheet(norm: Norm, findings: tuple[Finding, ...]) -> Sheet:
    """Every clause, what was found, where it is short, and how sure its text is."""
    columns = [
        Column(Words("内容", "What it asks"), "long"), Column(Words("结论", "Finding"), "long"),
        Column(Words("不足之处", "Where"), "long"), Column(Words("条文可信程度", "How sure the text is")),
    ]  # fmt: skip
    rows = [[Words(*one.clause.text), Words(*one.said), _where(one), Words(*SURE[one.clause.sure])] for one in findings]
    return Sheet(norm_title(norm), columns, [list(row) for row in rows], [])


def _where(finding: Finding) -> Words:
    places = finding.judged.where
    named = [place.label for place in places[:MOST_PLACES]]
    more = len(places) - len(named)
    zh, en = "、".join(named), ", ".join(named)
    return Words(f"{zh} 等 {len(places)} 处", f"{en} and {more} more") if more else Words(zh, en)
