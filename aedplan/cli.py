"""The command line: parses, calls, prints. Exit codes: 0 done, 2 bad input (one message), 1 anything else."""

import argparse
import io
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import AedplanError, InfeasibleError, InputError, raise_faults

if TYPE_CHECKING:
    import numpy as np

    from .network import StreetNetwork
    from .outcome import Outcome

DEMO_SCENARIO = "scenarios/nanan-20.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console without Chinese shows ? instead of failing
    parser = make_parser()
    given = parser.parse_args(_join_places(sys.argv[1:] if arguments is None else arguments))
    try:
        given.run(given)
    except AedplanError as error:
        print(f"aedplan: {_opening(error)}{error}", file=sys.stderr)
        return 2
    except OSError as error:
        # a full disk, a folder that may not be written: nobody is helped by a traceback
        print(f"aedplan: {error.filename or 'files'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("aedplan: 已停止，什么都没有写。Stopped; nothing was written", file=sys.stderr)
        return 1
    return 0


def _opening(error: AedplanError) -> str:
    """The line above the faults, one of which stands on each line below."""
    if isinstance(error, InputError):
        return "输入有误，什么都没有写。Bad input; nothing was written:\n"
    return "没有方案能同时满足这些条件。No plan meets these together:\n" if isinstance(error, InfeasibleError) else ""


def _join_places(arguments: Sequence[str]) -> list[str]:
    """`--at -70.6,-33.4` as `--at=-70.6,-33.4`: argparse takes a place in the west for an option."""
    joined: list[str] = []
    for word in arguments:
        if joined and joined[-1] in ("--at", "--to") and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def make_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="aedplan",
        description="AED 4 分钟救护圈：沿街道计算步行可达，选出设备点位，并给出上界。\n"
        "Plans an AED 4-minute rescue circle: walks along streets, chooses where devices hang, proves a bound.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="版本号 / print the version")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (run, help, options) in _commands().items():
        _add(commands, name, run, help, options)
    return parser


def _commands() -> dict[str, tuple[Callable[[argparse.Namespace], None], str, tuple[str, ...]]]:
    """Name of each command to what it runs, its help and its options."""
    outlines = ("streets", "at", "minutes", "circle", "out_file")
    return {
        "plan": (
            _plan,
            "按方案文件计算，写出地图、报告和表格 / run a scenario and write map, report and tables",
            ("scenario", "out"),
        ),
        "demo": (_demo, "对自带的示例县做同样的事 / the same for the shipped demo county", ("out",)),
        "fetch": (
            _fetch,
            "读取街道并保存，下次打开很快 / read streets and save them, quick to open again",
            ("area", "out_streets"),
        ),
        "isochrones": (_isochrones, "几分钟内能走到的范围 / outlines of what can be walked to", outlines),
        "nearest": (
            _nearest,
            "沿街道走，最近的是哪一处 / the nearest of some places, along streets",
            ("streets", "at", "sites", "crs"),
        ),
        "route": (_route, "一条步行路线 / one walk and its line", ("streets", "at", "to", "circle", "out_file")),
    }


PLACE: dict[str, object] = {
    "required": True,
    "metavar": "LON,LAT",
    "help": "WGS-84 经度,纬度，如 118.386,24.960 / in degrees",
}
GEOJSON: dict[str, object] = {
    "type": Path,
    "required": True,
    "metavar": "FILE.geojson",
    "help": "写入的文件 / the file to write",
}

OPTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "scenario": ("scenario", {"type": Path, "metavar": "SCENARIO.toml", "help": "方案文件 / the scenario"}),
    "out": ("--out", {"type": Path, "required": True, "metavar": "DIR", "help": "写入的文件夹 / the folder to write"}),
    "out_file": ("--out", GEOJSON),
    "out_streets": (
        "--out",
        {"type": Path, "required": True, "metavar": "DIR", "help": "保存街道的文件夹 / the folder to save them in"},
    ),
    "area": (
        "area",
        {"metavar": "AREA", "help": "街道文件，或地名，如 南安市, 福建省, 中国 / a file of streets, or a place name"},
    ),
    "streets": (
        "streets",
        {"type": Path, "metavar": "STREETS", "help": "街道文件，或已保存的街道 / a file of streets, or saved ones"},
    ),
    "at": ("--at", PLACE),
    "to": ("--to", PLACE),
    "minutes": (
        "--minutes",
        {"default": "2,3,4", "help": "一个或几个分钟数，用逗号隔开，默认 2,3,4 / one or more, divided by commas"},
    ),
    "circle": (
        "--circle",
        {
            "default": "walk-4",
            "help": "采用哪个救护圈的步速与往返，默认 walk-4 / the rescue circle whose speed and trips count",
        },
    ),
    "sites": (
        "--sites",
        {
            "type": Path,
            "required": True,
            "metavar": "TABLE",
            "help": "地点表：CSV、XLSX、GeoPackage、GeoJSON 等 / a table of places",
        },
    ),
    "crs": (
        "--crs",
        {
            "default": None,
            "help": "表中坐标系：wgs84、gcj02（高德、腾讯）或 bd09（百度） / the coordinate system of the table",
        },
    ),
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
        f"开放时间未计入 opening hours {summary['hours']}",
        f"wrote {out}: open map.html, report.html",
    ]
    return "\n".join(lines)


def _fetch(given: argparse.Namespace) -> None:
    from .streets import LINE_SUFFIXES, OSM_SUFFIXES, read_streets

    with Bar() as bar:
        bar.show("reading streets", 0, 0)
        named_as_file = given.area.lower().endswith((*OSM_SUFFIXES, *LINE_SUFFIXES, ".graphml"))
        if named_as_file or Path(given.area).exists():
            streets = read_streets(given.area)
        else:
            from .osm_graphs import fetch_streets

            streets = fetch_streets(given.area)
        streets.save(given.out)
    print(
        f"{len(streets.xy):,} nodes, {len(streets.ends):,} edges, {streets.length_mm.sum() / 1e6:,.1f} km -> {given.out}"
    )


def _isochrones(given: argparse.Namespace) -> None:
    from .circles import circle
    from .isochrones import limits_of, outlines_lonlat
    from .outputs import write_geojson
    from .streets import read_streets

    rule, minutes = circle(given.circle), numbers(given.minutes, "--minutes")
    limits, streets = limits_of(rule, minutes), read_streets(given.streets)
    shapes = outlines_lonlat(streets, place(given.at, "--at", streets), circle=rule, minutes=minutes)[0]
    features = [
        {
            "type": "Feature",
            "geometry": shape.__geo_interface__,
            "properties": {"minutes": time, "metres": metres, "circle": rule.words_en, "圈": rule.words_zh},
        }
        for shape, (time, metres) in zip(shapes, limits, strict=True)
    ]
    write_geojson(given.out, features)
    print(f"{rule.words_zh} / {rule.words_en}: {', '.join(f'{m:g}' for m in minutes)} min -> {given.out}")
    if shapes[-1].is_empty:
        print("附近没有可达街道 no street within reach of that place: the outlines are empty")


def _nearest(given: argparse.Namespace) -> None:
    from .circles import circle
    from .files import read_sites
    from .routes import nearest_place
    from .streets import read_streets

    sites, streets = read_sites(given.sites, crs=given.crs), read_streets(given.streets)
    found = nearest_place(streets, sites.lonlat, place(given.at, "--at", streets)[0])
    if found is None:
        raise InputError(f"--at {given.at}: no street leads from there to any of the {len(sites)} places")
    (number, metres), rule = found, circle("walk-4")
    minutes = f"约 about {rule.minutes_for(metres):.1f} min ({rule.words_zh} / {rule.words_en})"
    print(f"{sites.id[number]} {sites.label[number]}: {metres:.0f} m on foot, {minutes}")


def _route(given: argparse.Namespace) -> None:
    from .circles import circle
    from .outputs import write_geojson
    from .routes import route
    from .streets import read_streets

    rule, streets = circle(given.circle), read_streets(given.streets)
    ends = [place(value, flag, streets)[0] for value, flag in ((given.at, "--at"), (given.to, "--to"))]
    found = route(streets, *ends)
    if found is None:
        raise InputError(f"--at {given.at} --to {given.to}: no street connects them")
    minutes = found.minutes(rule)
    geometry = {"type": "LineString", "coordinates": [list(place) for place in found.line.coords]}
    properties = {
        "metres": round(found.metres, 3),
        "walk_m": found.walk_m,
        "minutes": round(minutes, 2),
        "circle": rule.words_en,
        "圈": rule.words_zh,
    }
    write_geojson(given.out, [{"type": "Feature", "geometry": geometry, "properties": properties}])
    print(f"{found.metres:.0f} m, 约 about {minutes:.1f} min ({rule.words_zh} / {rule.words_en}) -> {given.out}")


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


def place(text: str, flag: str, streets: "StreetNetwork") -> "np.ndarray":
    """(1, 2) longitude, latitude of an option; InputError that names it where that is nowhere near the streets."""
    import numpy as np

    from .anchors import FAR_FROM_STREET_M, snap
    from .checks import lonlat_faults

    lonlat = np.array([numbers(text, flag, 2)])
    raise_faults(lonlat_faults(lonlat, flag))
    off_m = int(snap(streets, lonlat).off_mm[0]) / 1000
    if off_m > FAR_FROM_STREET_M:
        where = f"{off_m:,.0f} m from the nearest walkable street; expected at most {FAR_FROM_STREET_M:,.0f} m"
        raise InputError(f"{flag} {text}: {where}: is it longitude,latitude in WGS-84?")
    return lonlat


SECONDS_WITHOUT_BAR = 2.0
BAR = "{desc} {n_fmt}/{total_fmt} {elapsed}"


class Bar:
    """A progress bar on standard error for whatever takes over two seconds; none when that is not a terminal."""

    def __enter__(self) -> "Bar":
        from tqdm import tqdm

        self.visible_at = time.monotonic() + SECONDS_WITHOUT_BAR
        self.bar = tqdm(
            total=0,
            delay=SECONDS_WITHOUT_BAR,
            disable=None,
            leave=False,
            bar_format="{desc} {n_fmt}/{total_fmt} {elapsed}",
        )
        return self

    def show(self, what: str, done: int, whole: int) -> None:
        """Say what is being done, and how far it is."""
        self.bar.set_description_str(what, refresh=False)
        self.bar.total, self.bar.n = whole, done
        if time.monotonic() >= self.visible_at:
            self.bar.refresh()

    def __exit__(self, *_: object) -> None:
        self.bar.close()


if __name__ == "__main__":
    sys.exit(main())
