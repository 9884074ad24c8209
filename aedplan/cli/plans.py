"""Commands about plans: plan, demo, frontier, compare."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, raise_faults
from .bar import Bar

if TYPE_CHECKING:
    from ..scenario.letterhead import Language
    from ..scenario.scenario import Scenario
    from ..study.outcome import Outcome

DEMO_SCENARIO = "scenarios/nanan-20.toml"


def plan(given: argparse.Namespace) -> None:
    """Run a scenario and write its folder."""
    from ..scenario.scenario import Scenario

    plan_to(_in_language(Scenario.read(given.scenario), given.language), given.out)


def demo(given: argparse.Namespace) -> None:
    """The same for the demo county."""
    from ..files import shipped
    from ..scenario.scenario import Scenario

    plan_to(_in_language(Scenario.read(shipped(DEMO_SCENARIO)), given.language), given.out)


def _in_language(scenario: "Scenario", language: "Language | None") -> "Scenario":
    """A scenario whose Word report is in a language, where one is asked for."""
    if language is None:
        return scenario
    return replace(scenario, letterhead=replace(scenario.letterhead, language=language))


def plan_to(scenario: "Scenario", out: Path) -> None:
    """Run a scenario with a progress bar and write its folder; prints the finding."""
    from ..outputs import check_folder
    from ..study.study import run

    check_folder(out)
    with Bar() as bar:
        outcome = run(scenario, progress=bar.show)
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


def verify(given: argparse.Namespace) -> None:
    """Check the certificate in a plan's folder; prints what it proves."""
    from ..study.proving import verify as check

    held = check(given.folder)
    print(
        f"证书成立 the certificate holds: 任何方案不超过 no plan covers more than {held.bound / held.total:.4%}\n"
        f"方案 the plan: {held.value / held.total:.4%}，由证书得到的差距 gap by the certificate: {held.gap:.4%}"
    )
    if held.bound_by != "certificate":
        told = f"{held.plan_bound / held.total:.4%} ({held.bound_by})"
        print(
            f"方案自己的上界更紧，不在证书之内 the plan's own bound is sharper and not part of the certificate: {told}"
        )


def frontier(given: argparse.Namespace) -> None:
    """Trace the curve of a scenario with a progress bar and write its folder; prints how many devices are needed."""
    from ..outputs import check_folder
    from ..scenario.scenario import Scenario
    from ..study.curves import finding, trace

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
    """Put plans side by side; scenarios are planned first, each into a folder of its name beside the page."""
    from ..outputs import write_text
    from ..report.compare import compare_html, read_studies

    studies = read_studies(_planned(given.folders, given.out.parent))
    write_text(given.out, compare_html(studies, even_if_unlike=given.even_if_unlike))
    shares = "; ".join(f"{study.letter} {study.folder} {study.summary['share']:.1%}" for study in studies)
    print(f"覆盖 coverage: {shares}\nwrote {given.out}")


def _planned(given: Sequence[Path], beside: Path) -> list[Path]:
    """Folders of plans; what is the file of a scenario among them is planned into a folder that its name gives.

    Raises InputError, before anything is planned, where two scenarios would go to one folder.
    """
    from ..scenario.scenario import Scenario

    scenarios = {path: Scenario.read(path) for path in given if path.suffix == ".toml"}
    named = Counter(scenario.name for scenario in scenarios.values())
    raise_faults(
        f"{name}: {count} scenarios of this name; expected names of their own"
        for name, count in named.items()
        if count > 1
    )
    for scenario in scenarios.values():
        plan_to(scenario, beside / scenario.name)
    return [beside / scenarios[path].name if path in scenarios else path for path in given]
