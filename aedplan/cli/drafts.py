"""`aedplan new`: a first scenario from the files at hand."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from ..study.drafting import TableFile, Wishes


def new(given: argparse.Namespace) -> None:
    """Read what the options name, tell what became of it, and write the scenario."""
    from ..study.drafting import draft

    made = draft(wishes_of(given), given.out)
    made.save()
    print("\n".join(made.lines))
    for odd in made.suspicions:
        print(f"aedplan: 注意：{odd.zh}Warning: {odd.en}", file=sys.stderr)
    print(f"wrote {given.out}\n下一步 next: aedplan plan {given.out} --out {given.out.with_suffix('')}")


def wishes_of(given: argparse.Namespace) -> "Wishes":
    """The options as the library takes them; InputError that names the option otherwise."""
    from ..study.drafting import NAMES_ITS_OWN, Wishes

    def table(role: str) -> "TableFile | None":
        from ..study.drafting import TableFile

        path: Path | None = getattr(given, role)
        if path is None:
            return None
        own = path.suffix.lower() in NAMES_ITS_OWN
        return TableFile(path, getattr(given, f"{role}_crs") or (None if own else given.crs))

    return Wishes(
        streets=given.streets,
        candidates=table("candidates"),
        standing=table("standing"),
        demand=table("demand"),
        population=_number(given.population),
        devices=given.devices,
        circle=given.circle,
        leave_out=given.leave_out,
    )


def _number(text: str | None) -> float | None:
    from ..tables.forms import number

    if text is None:
        return None
    value = number(text)
    if not value > 0:
        raise InputError(f"--population {text}: expected people, above 0")
    return value
