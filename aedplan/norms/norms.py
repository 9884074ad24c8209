"""Does a stock of devices, or a plan, keep a local rule? Clause by clause, each with its text, its number and its source.

A profile is a TOML file under `data/norms/`; what kinds of clause there are stands in `rules`. No national standard fixes
numbers, so every profile says where it comes from and how sure its words are.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..checks import unknown_key_faults
from ..errors import InputError, raise_faults
from ..tables.columns import shipped
from ..tables.readings import Reason, counted
from .rules import RULES, Judged, clause_circle, number_faults
from .stock import Stock

SURE = {
    "P": Reason("已见于所列网页", "seen on the page named"),
    "S": Reason("仅见于转载，引用前请核对原文", "seen only on a copy: check the original before quoting it"),
    "C": Reason("见于某项目的代码", "read in a project's code"),
    "K": Reason("由本项目计算", "calculated by this project"),
    "M": Reason("凭记忆，未核实", "from memory, not verified"),
}
"""How sure a clause is."""

State = Literal["met", "short", "unknown", "none"]

STATES: dict[State, Reason] = {
    "met": Reason("达到", "met"),
    "short": Reason("不足", "short"),
    "unknown": Reason("无法判断", "cannot be judged"),
    "none": Reason("不涉及", "does not apply"),
}


@dataclass(frozen=True)
class Clause:
    """One clause of a norm.

    text     what it says
    sure     a key of SURE
    reading  how it is read here, where its words leave that open; None where they do not
    rule     a key of rules.RULES
    numbers  what that rule needs
    """

    id: str
    text: Reason
    source: str
    sure: str
    rule: str
    numbers: Mapping[str, Any]
    reading: Reason | None = None


@dataclass(frozen=True)
class Norm:
    """A local rule with its clauses, in their order."""

    name: str
    version: str
    title: Reason
    source: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Finding:
    """What was found of one clause."""

    clause: Clause
    state: State
    judged: Judged

    @property
    def said(self) -> Reason:
        """Met, short by how many, or what is missing, in one phrase."""
        found = self.judged
        have, need = _figure(found.have), _figure(found.need)
        zh, en = STATES[self.state]
        if self.state == "none":
            return Reason(f"{zh}：清单中没有这类场所", f"{en}: no such place in the list")
        if self.state == "short":
            least = Reason("至少", "at least ") if found.missing else Reason("", "")
            zh += f"：{least.zh}缺 {found.short:,.0f} {found.unit.zh}"
            en += f" by {least.en}{counted(found.short, found.unit.en)}"
        if found.have is not None and found.need:
            zh, en = f"{zh}（{have} / {need} {found.unit.zh}）", f"{en} ({have} of {need} {found.unit.en})"
        if found.missing:
            zh = f"{zh}；缺少：{'、'.join(words.zh for words in found.missing)}"
            en = f"{en}; missing: {', '.join(words.en for words in found.missing)}"
        return Reason(zh, en)


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def shipped_norms() -> tuple[str, ...]:
    """The names of the norms that come with the program.

    >>> "guangzhou-2024" in shipped_norms()
    True
    """
    return tuple(sorted(path.stem for path in shipped("norms").glob("*.toml")))


def read_norm(name: str | Path) -> Norm:
    """A norm that comes with the program, or one from a TOML file.

    Raises InputError naming the norms there are, or every fault of the file.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in shipped_norms():
            raise InputError(f"norm {str(name)!r} is not known; known: {', '.join(shipped_norms())}, or a TOML file")
        path = shipped("norms") / f"{name}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read; expected a norm in TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name}: not TOML: {error}") from error
    return _norm(table, path.name)


NORM_KEYS = ("name", "version", "title_zh", "title_en", "source", "clauses")
CLAUSE_KEYS = ("id", "text_zh", "text_en", "source", "sure", "rule", "reading_zh", "reading_en")
OPTIONAL = ("source", "reading_zh", "reading_en")


def _norm(table: Mapping[str, Any], file: str) -> Norm:
    clauses = table.get("clauses", [])
    faults = [
        *unknown_key_faults(table, NORM_KEYS, ""),
        *(f"{key} is missing" for key in NORM_KEYS if key not in table),
    ]
    if not isinstance(clauses, list) or not all(isinstance(clause, dict) for clause in clauses):
        raise InputError(f"{file}: clauses: expected tables [[clauses]]")
    for number, clause in enumerate(clauses, start=1):
        faults += _clause_faults(clause, f"clause {clause.get('id', number)}")
    raise_faults(f"{file}: {fault}" for fault in faults)
    made = tuple(_clause(clause, table["source"]) for clause in clauses)
    return Norm(table["name"], table["version"], Reason(table["title_zh"], table["title_en"]), table["source"], made)


def _clause_faults(clause: Mapping[str, Any], where: str) -> list[str]:
    rule = RULES.get(clause.get("rule", ""))
    if rule is None:
        return [f"{where}.rule is {clause.get('rule')!r}; expected one of {', '.join(RULES)}"]
    needed = [key for key in (*CLAUSE_KEYS, *rule.needs) if key not in OPTIONAL]
    faults = unknown_key_faults(clause, [*CLAUSE_KEYS, *rule.needs, *rule.may], where)
    faults += [f"{where}: {key} is missing" for key in needed if key not in clause]
    if clause.get("sure") not in SURE:
        faults.append(f"{where}.sure is {clause.get('sure')!r}; expected one of {', '.join(SURE)}")
    faults += number_faults(clause["rule"], clause, where)
    if not faults and "circle" in clause:
        try:
            clause_circle(clause)
        except InputError as error:
            faults += [f"{where}: {fault}" for fault in error.faults]
    return faults


def _clause(given: Mapping[str, Any], source: str) -> Clause:
    reading = Reason(given["reading_zh"], given["reading_en"]) if "reading_zh" in given else None
    return Clause(
        id=given["id"],
        text=Reason(given["text_zh"], given["text_en"]),
        source=given.get("source", source),
        sure=given["sure"],
        rule=given["rule"],
        numbers={key: value for key, value in given.items() if key not in CLAUSE_KEYS},
        reading=reading,
    )


def check_norm(norm: Norm, stock: Stock) -> tuple[Finding, ...]:
    """Every clause of a norm judged on a stock, in the order of the norm; what is not known never counts as met."""
    return tuple(_find(clause, stock) for clause in norm.clauses)


def _find(clause: Clause, stock: Stock) -> Finding:
    judged = RULES[clause.rule].judge(clause.numbers, stock)
    state: State = "short" if judged.short > 0 else "unknown" if judged.missing else "met"
    if judged.need == 0 and not judged.missing:
        state = "none"
    return Finding(clause, state, judged)


TOLD = 10
"""So many places of each clause are named on a screen; a saved report names all."""


def finding_lines(norm: Norm, stock: Stock, findings: Sequence[Finding], *, most: int = TOLD) -> list[str]:
    """What was found, for a screen: the norm, what was judged, every clause, and the places that fall short."""
    counts = {state: sum(found.state == state for found in findings) for state in STATES}
    zh = "，".join(f"{words.zh} {counts[state]} 条" for state, words in STATES.items() if counts[state])
    en = ", ".join(f"{counts[state]} {words.en}" for state, words in STATES.items() if counts[state])
    lines = [*norm.title, f"来源 source: {norm.source}", *stock.said, f"{zh} / {en}"]
    for found in findings:
        clause, sure = found.clause, SURE[found.clause.sure]
        lines += ["", f"[{found.said.zh}] {clause.text.zh}", f"[{found.said.en}] {clause.text.en}"]
        lines += [f"    {clause.reading.zh} / {clause.reading.en}"] if clause.reading else []
        places = found.judged.where
        lines += [f"    {p.label} ({p.id})：{p.why.zh} / {p.why.en}" for p in places[:most]]
        lines += [f"    …另有 {len(places) - most:,} 处 / {len(places) - most:,} more"] if len(places) > most else []
        own = f"：{clause.source}" if clause.source != norm.source else ""
        lines += [f"    [{clause.sure}] {sure.zh} / {sure.en}{own}"]
    return lines


def finding_sheets(findings: Sequence[Finding]) -> dict[str, tuple[Sequence[str], list[Sequence[object]]]]:
    """What was found, as sheets of a workbook: every clause, and every place that falls short."""
    clauses = (
        "条 clause",
        "内容",
        "text",
        "结论",
        "finding",
        "现有 have",
        "应有 need",
        "缺 short",
        "可信 sure",
        "来源 source",
    )
    rows: list[Sequence[object]] = [
        (
            found.clause.id, *found.clause.text, *found.said, found.judged.have, found.judged.need, found.judged.short,
            f"[{found.clause.sure}] {SURE[found.clause.sure].zh} / {SURE[found.clause.sure].en}", found.clause.source,
        )
        for found in findings
    ]  # fmt: skip
    places: list[Sequence[object]] = [
        (found.clause.id, place.id, place.label, *place.why) for found in findings for place in found.judged.where
    ]
    return {
        "规范 norm": (clauses, rows),
        "不足之处 where": (("条 clause", "编号 id", "名称 name", "原因", "reason"), places),
    }
