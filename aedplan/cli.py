"""The command line: parses, calls, prints. Exit codes: 0 done, 2 bad input (one message), 1 anything else."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import AedplanError, InputError

if TYPE_CHECKING:
    from .outcome import Outcome

DEMO_SCENARIO = "scenarios/nanan-20.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    try:
        given.run(given)
    except AedplanError as error:
        print(f"aedplan: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("aedplan: stopped; nothing was written", file=sys.stderr)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="aedplan",
        description="AED 4 分钟救护圈:沿街道算可达,放置设备,并给出上界。"
        " Plans an AED 4-minute rescue circle: walks along streets, places devices, proves a bound.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add(commands, "plan", _plan, "run a scenario and write map, report, tables", ("scenario", "out"))
    _add(commands, "demo", _demo, "the same for the shipped demo county", ("out",))
    _add(commands, "fetch", _fetch, "streets of a file or a place name to a saved network", ("area", "out"))
    _add(commands, "isochrones", _isochrones, "outlines of what can be walked to", ("streets", "at", "minutes", "circle", "out"))
    _add(commands, "nearest", _nearest, "the nearest of some places, along streets", ("streets", "at", "sites", "crs"))
    _add(commands, "route", _route, "one walk and its line", ("streets", "at", "to", "out"))
    return parser


OPTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "scenario": ("scenario", {"type": Path, "metavar": "SCENARIO.toml"}),
    "out": ("--out", {"type": Path, "required": True, "help": "where to write"}),
    "area": ("area", {"help": "a file of streets, or a place name such as 南安市, 福建省, 中国"}),
    "streets": ("streets", {"type": Path, "help": "any file of streets, or a saved network"}),
    "at": ("--at", {"required": True, "metavar": "LON,LAT", "help": "WGS-84 degrees"}),
    "to": ("--to", {"required": True, "metavar": "LON,LAT", "help": "WGS-84 degrees"}),
    "minutes": ("--minutes", {"default": "2,3,4", "help": "one or more, divided by commas"}),
    "circle": ("--circle", {"default": "walk-4", "help": "the rescue circle whose speed and trips count"}),
    "sites": ("--sites", {"type": Path, "required": True, "help": "table of places"}),
    "crs": ("--crs", {"default": None, "help": "wgs84, gcj02 or bd09: the system of the table"}),
}


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], None],
    help: str,
    options: Sequence[str],
) -> None:
    parser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(run=run)
    for option in options:
        flag, settings = OPTIONS[option]
        parser.add_argument(flag, **settings)  # type: ignore[arg-type]


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from .summary import version

        print(f"aedplan {version()}")
        parser.exit()


def _plan(given: argparse.Namespace) -> None:
    from .scenario import Scenario

    plan_to(Scenario.read(given.scenario), given.out)


def _demo(given: argparse.Namespace) -> None:
    from .files import shipped
    from .scenario import Scenario

    plan_to(Scenario.read(shipped(DEMO_SCENARIO)), given.out)


def plan_to(scenario: "object", out: Path) -> None:
    """Run a scenario with a progress bar and write its folder; prints the finding."""
    from .outputs import check_folder
    from .study import run

    check_folder(out)
    with Bar() as bar:
        outcome = run(scenario, progress=bar.show)  # type: ignore[arg-type]
        bar.show("writing files", 0, 0)
        outcome.save(out)
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
        f"开放时间未计入 opening hours {summary['hours']}",
        f"wrote {out}: open map.html, report.html",
    ]
    return "\n".join(lines)


def _fetch(given: argparse.Namespace) -> None:
    with Bar() as bar:
        bar.show("reading streets", 0, 0)
        if Path(given.area).exists():
            from .streets import read_streets

            streets = read_streets(given.area)
        else:
            from .osm_graphs import fetch_streets

            streets = fetch_streets(given.area)
        streets.save(given.out)
    print(f"{len(streets.xy):,} nodes, {len(streets.ends):,} edges, {streets.length_mm.sum() / 1e6:,.1f} km -> {given.out}")


def _isochrones(given: argparse.Namespace) -> None:
    from .circles import circle
    from .isochrones import isochrones
    from .outputs import write_geojson
    from .streets import read_streets

    rule, minutes = circle(given.circle), numbers(given.minutes, "--minutes")
    shapes = isochrones(read_streets(given.streets), [numbers(given.at, "--at", 2)], circle=rule, minutes=minutes)  # type: ignore[arg-type]
    geometry = shapes.geometry.__geo_interface__["features"]
    features = [
        {
            "type": "Feature",
            "geometry": feature["geometry"],
            "properties": {"minutes": row.minutes, "metres": row.metres, "circle": rule.words_en, "圈": rule.words_zh},
        }
        for feature, row in zip(geometry, shapes.itertuples(), strict=True)
    ]
    write_geojson(given.out, features)
    print(f"{rule.words_zh} / {rule.words_en}: {', '.join(f'{m:g}' for m in minutes)} min -> {given.out}")


def _nearest(given: argparse.Namespace) -> None:
    import numpy as np

    from .files import read_sites
    from .reach import nearest
    from .streets import read_streets

    sites = read_sites(given.sites, crs=given.crs)
    found = nearest(read_streets(given.streets), sites.lonlat, np.array([numbers(given.at, "--at", 2)]))
    if found.origin[0] < 0:
        raise InputError(f"--at {given.at}: no street leads from there to any of the {len(sites)} places")
    number = int(found.origin[0])
    print(f"{sites.id[number]} {sites.label[number]}: {found.metres[0]:.0f} m on foot")


def _route(given: argparse.Namespace) -> None:
    import numpy as np

    from .circles import circle
    from .outputs import write_geojson
    from .routes import route
    from .streets import read_streets

    ends = [np.array(numbers(value, flag, 2)) for value, flag in ((given.at, "--at"), (given.to, "--to"))]
    found = route(read_streets(given.streets), *ends)
    if found is None:
        raise InputError(f"--at {given.at} --to {given.to}: no street connects them")
    minutes = circle("walk-4").minutes_for(found.walk_m)
    geometry = {"type": "LineString", "coordinates": [list(place) for place in found.line.coords]}
    properties = {"metres": round(found.metres, 3), "minutes": round(minutes, 2)}
    write_geojson(given.out, [{"type": "Feature", "geometry": geometry, "properties": properties}])
    print(f"{found.metres:.0f} m, about {minutes:.1f} min one way at 1.25 m/s -> {given.out}")


def numbers(text: str, flag: str, count: int | None = None) -> list[float]:
    """Numbers divided by commas; InputError that names the option otherwise."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or (count is not None and len(values) != count):
        wanted = "LON,LAT in degrees such as 118.386,24.960" if count == 2 else "numbers such as 2,3,4"
        raise InputError(f"{flag} {text!r}: expected {wanted}")
    return values


class Bar:
    """A progress bar on standard error for whatever takes over two seconds; none when that is not a terminal."""

    def __enter__(self) -> "Bar":
        from tqdm import tqdm

        self.bar = tqdm(total=0, delay=2, disable=None, leave=False, bar_format="{desc} {n_fmt}/{total_fmt} {elapsed}")
        return self

    def show(self, what: str, done: int, whole: int) -> None:
        """Say what is being done, and how far it is."""
        self.bar.set_description_str(what, refresh=False)
        self.bar.total, self.bar.n = whole, done
        self.bar.refresh()

    def __exit__(self, *_: object) -> None:
        self.bar.close()


if __name__ == "__main__":
    sys.exit(main())
