"""What was read of a table, what was mended and what was refused, row by row: nothing is dropped without being counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError

TOLD = 20
"""So many rows are listed on a screen; a saved report lists all."""


class Reason(NamedTuple):
    """Why something was done to a row, in Chinese and in English."""

    zh: str
    en: str


class Mend(NamedTuple):
    """One cell that was not taken as written: its row as a spreadsheet counts, its column, before and after."""

    row: int
    column: str
    before: str
    after: str
    why: Reason


class Refusal(NamedTuple):
    """One row that was left out: its number as a spreadsheet counts, what it is called, and every reason."""

    row: int
    label: str
    why: tuple[Reason, ...]


@dataclass(frozen=True)
class ReadReport:
    """How a table was read: `rows` = `read` + the rows refused.

    where    file and sheet
    form     encoding of a text table; "" for other files
    header   number of the row of the header's names, 0 in files that have none
    columns  field: the header it was found under
    rows     records in the file: rows below the header that hold anything
    """

    where: str
    rows: int
    form: str = ""
    header: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    mended: tuple[Mend, ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def read(self) -> int:
        """Rows that were taken."""
        return self.rows - len(self.refused)

    @property
    def said(self) -> Reason:
        """The whole report in one sentence."""
        form = f"（{self.form}）" if self.form else ""
        return Reason(
            f"{self.where}{form}：共 {self.rows:,} 行，读入 {self.read:,} 行，修正 {len(self.mended):,} 处，"
            f"拒收 {len(self.refused):,} 行。",
            f"{self.where}{f' ({self.form})' if self.form else ''}: {counted(self.rows, 'rows')}; {self.read:,} read,"
            f" {counted(len(self.mended), 'cells')} mended, {counted(len(self.refused), 'rows')} refused.",
        )

    def lines(self, *, most: int = TOLD) -> list[str]:
        """The report for a screen, Chinese first; of each part at most so many rows."""
        found = ", ".join(f"{key} = {name}" for key, name in self.columns.items())
        lines = [*self.said, *([f"  列 columns: {found}"] if found else [])]
        refused = [_refusal_line(one) for one in self.refused[:most]]
        mended = [
            f"  第 {m.row} 行 {m.column}：{m.before!r} → {m.after!r} {m.why.zh} / row {m.row} {m.why.en}"
            for m in self.mended[:most]
        ]
        for title, told, count in (
            ("拒收 refused:", refused, len(self.refused)),
            ("修正 mended:", mended, len(self.mended)),
        ):
            more = [f"  …另有 {count - most:,} 处 / {count - most:,} more"] if count > most else []
            lines += [title, *told, *more] if told else []
        return lines

    def sheets(self) -> dict[str, tuple[Sequence[str], list[Sequence[object]]]]:
        """The whole report as sheets of a workbook: totals, every row refused, every cell mended."""
        counts = ("总行数 rows", self.rows), ("读入 read", self.read), ("拒收 refused", len(self.refused))
        refused = [
            (r.row, r.label, "；".join(w.zh for w in r.why), "; ".join(w.en for w in r.why)) for r in self.refused
        ]
        mended = [(m.row, m.column, m.before, m.after, m.why.zh, m.why.en) for m in self.mended]
        return {
            "总计 totals": (
                ("项目 item", "数 number"),
                [(self.where, None), *counts, ("修正 mended cells", len(self.mended))],
            ),
            "拒收 refused": (("行 row", "名称 name", "原因", "reason"), list(refused)),
            "修正 mended": (("行 row", "列 column", "原来 before", "改为 after", "原因", "reason"), list(mended)),
        }

    def save(self, path: str | Path) -> None:
        """Write the whole report as a workbook, or as one CSV of all rows refused and cells mended.

        Raises InputError when the file is to be neither .xlsx nor .csv.
        """
        from ..outputs import write_csv, write_xlsx

        path = Path(path)
        if path.suffix.lower() == ".xlsx":
            write_xlsx(path, self.sheets())
            return
        if path.suffix.lower() != ".csv":
            raise InputError(f"{path.name}: a report is written as .xlsx or .csv")
        rows: list[Sequence[object]] = [
            ("拒收 refused", r.row, r.label, "", "", "；".join(w.zh for w in r.why), "; ".join(w.en for w in r.why))
            for r in self.refused
        ]
        rows += [("修正 mended", m.row, m.column, m.before, m.after, *m.why) for m in self.mended]
        header = ("处理 done", "行 row", "名称或列 name or column", "原来 before", "改为 after", "原因", "reason")
        write_csv(path, header, rows)


def counted(count: float, nouns: str) -> str:
    """A number of things in English.

    >>> counted(1, "rows"), counted(1200, "rows")
    ('1 row', '1,200 rows')
    """
    return f"1 {nouns.removesuffix('s')}" if count == 1 else f"{count:,.0f} {nouns}"


def _refusal_line(one: Refusal) -> str:
    label = f"（{one.label}）" if one.label else ""
    english = f" ({one.label})" if one.label else ""
    why = Reason("；".join(w.zh for w in one.why), "; ".join(w.en for w in one.why))
    return f"  第 {one.row} 行{label}：{why.zh} / row {one.row}{english}: {why.en}"
