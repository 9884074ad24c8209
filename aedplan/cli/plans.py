"""Commands about plans: plan, demo, frontier, compare."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .bar import Bar

if TYPE_CHECKING:
    from ..outcome import Outcome

DEMO_SCENARIO = "scenarios/nanan-20.toml"


def plan(given: argparse.Namespace) -> None:
    """Run a scenario and write its folder."""
    from ..scenario import Scenario

    plan_to(Scenario.read(given.scenario), given.out)


def demo(given: argparse.Namespace) -> None:
    """The same for the demo county."""
    from ..files import shipped
    from ..scenario import Scenario

    plan_to(Scenario.read(shipped(DEMO_SCENARIO)), given.out)


def plan_to(scenario: "object", out: Path) -> None:
    """Run a scenario with a progress bar and write its folder; prints the finding."""
    from ..outputs import check_folder
    from ..study import run

    check_folder(out)
    with Bar() as bar:
        outcome = run(scenario, progress=bar.show)  # type: ignore[arg-type]
        bar.show("writing files", 0, 0)
        outcome.save(out)
    for warning in outcome.warnings:
        print(f"aedplan: 注意：{warning.zh}Warning: {warning.en}", file=sys.stderr)
    print(finding(outcome, out))


def finding(outcome: "Outcome", out: Path) -> str:
    """What a plan found, in a few lines."""
    summary = outcome.summary
    lines = [
        f"{summary['title_zh']} / {summary['title_en']}" + (" (合成数据 synthetic)" if summary["synthetic"] else ""),
        f"{summary['circle']['words_zh']} / {summary['circle']['words_en']}",
        f"覆盖 coverage: {summary['before'] / summary['total']:.1%} -> {summary['share']:.1%}"
        f" of {summary['total']:.1f} expected arrests/year; {len(summary['chosen'])} new devices,"
        f" bound {summary['bound'] / summary['total']:.1%}, gap {summary['gap']:.2%} ({summary['status']})",
        *(
            f"  {name:<15} {figure['share_before']:6.1%} -> {figure['share']:6.1%}   {figure['words_en']}"
            for name, figure in summary["circles"].items()
        ),
        f"{summary['hours']['words_zh']} / {summary['hours']['words_en']}",
        *_objective_lines(summary),
        *_kept_lines(summary),
        f"wrote {out}: open map.html, report.html",
    ]
    return "\n".join(lines)


def _objective_lines(summary: dict[str, Any]) -> list[str]:
    """How sure the plan is by what was wanted beside coverage, and how many devices move."""
    aim, moved = summary["objective"], len(summary["moved"])
    lines = [f"移动 moved: {moved} 台已设设备 standing devices"] if moved else []
    if aim is not None:
        asked = ", ".join(f"{key} {aim[key]:g}" for key in ("backup", "equity") if aim[key])
        lines.append(f"选点目标 chosen for {asked}: 差距 gap {aim['gap']:.2%} ({aim['status']})")
    return lines


def _kept_lines(summary: dict[str, Any]) -> list[str]:
    """What opening hours and readiness leave, where the plan itself does not count them and they are known."""
    if summary["hours"]["counted"] or not summary["hours"]["understood"]:
        return []
    return [f"计入开放时间后 with opening hours: {summary['kept']['share']:.1%}"]


def frontier(given: argparse.Namespace) -> None:
    """Trace the curve of a scenario with a progress bar and write its folder; prints how many devices are needed."""
    from ..curves import finding, trace
    from ..outputs import check_folder
    from ..scenario import Scenario

    scenario, counts = Scenario.read(given.scenario), counts_of(given.devices)
    check_folder(given.out)
    with Bar() as bar:
        study = trace(scenario, counts, say=bar.show)
        study.save(given.out)
    told, curve = finding(study), study.frontier
    print(f"{told.zh}\n{told.en}")
    print(f"最大差距 widest gap: {curve.gap.max():.2%}\nwrote {given.out}: open frontier.html")


def counts_of(text: str) -> range:
    """Numbers of devices, `60` or `1..60`; InputError that names the option otherwise.

    >>> counts_of("5..8"), counts_of("3")
    (range(5, 9), range(1, 4))
    """
    parts = text.split("..")
    if not 1 <= len(parts) <= 2 or not all(part.isdecimal() for part in parts):
        raise InputError(f"--devices {text!r}: expected a number such as 60, or a range such as 1..60")
    first, last = (int(parts[0]), int(parts[1])) if len(parts) == 2 else (1, int(parts[0]))
    if not 1 <= first <= last:
        raise InputError(f"--devices {text!r}: expected the first number to be 1 or more, and at most the last")
    return range(first, last + 1)


def compare(given: argparse.Namespace) -> None:
    """Put finished plans side by side."""
    from ..compare import compare_html, read_studies
    from ..outputs import write_text

    studies = read_studies(given.folders)
    write_text(given.out, compare_html(studies, even_if_unlike=given.even_if_unlike))
    shares = "; ".join(f"{study.letter} {study.folder} {study.summary['share']:.1%}" for study in studies)
    print(f"覆盖 coverage: {shares}\nwrote {given.out}")
