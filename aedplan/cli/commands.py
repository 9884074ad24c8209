"""Every command: its name, what it runs, its help and its options."""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from . import checks, drafts, plans, walks


class Command(NamedTuple):
    """One command; `options` are names in `options.OPTIONS`, in the order of the help; `run` may give an exit code."""

    name: str
    run: Callable[[argparse.Namespace], int | None]
    help: str
    options: tuple[str, ...]


COMMANDS = (
    Command(
        "new",
        drafts.new,
        "用手头的文件写出第一份方案文件，带说明 / write a first scenario, commented, from the files at hand",
        (
            "streets_given",
            "candidates",
            "standing",
            "demand",
            "people",
            "tables_crs",
            "candidates_crs",
            "standing_crs",
            "demand_crs",
            "new_devices",
            "circle",
            "leave_out",
            "out_scenario",
        ),
    ),
    Command(
        "plan",
        plans.plan,
        "按方案文件计算，写出地图、报告和表格 / run a scenario and write map, report and tables",
        ("scenario", "language", "out"),
    ),
    Command("demo", plans.demo, "对自带的示例县做同样的事 / the same for the shipped demo county", ("language", "out")),
    Command(
        "verify",
        plans.verify,
        "验算方案文件夹里的证书：上界、方案、谁覆盖谁，全部重算 / count again what a plan's certificate proves",
        ("folder",),
    ),
    Command(
        "frontier",
        plans.frontier,
        "每个台数能覆盖多少，附上界；覆盖八成要几台 / what each number of devices covers, and its bound",
        ("scenario", "numbers", "out"),
    ),
    Command(
        "compare",
        plans.compare,
        "把几个方案并列在一页上，地图一起移动 / plans side by side on one page, maps that move together",
        ("folders", "even_if_unlike", "out_page"),
    ),
    Command(
        "check",
        checks.check,
        "核对设备表：逐行读入情况、可疑坐标，并可按地方规范逐条判断 / check a table of devices: its rows, its places,"
        " and a local rule clause by clause",
        ("devices", "crs", "norm", "venues", "population", "streets_file", "area_file", "on", "report"),
    ),
    Command(
        "fetch",
        walks.fetch,
        "读取街道并保存，下次打开很快 / read streets and save them, quick to open again",
        ("area", "out_streets"),
    ),
    Command(
        "isochrones",
        walks.isochrones,
        "几分钟内能走到的范围 / outlines of what can be walked to",
        ("streets", "at", "minutes", "circle", "out_file"),
    ),
    Command(
        "nearest",
        walks.nearest,
        "沿街道走，最近的是哪一处 / the nearest of some places, along streets",
        ("streets", "at", "sites", "crs", "circle"),
    ),
    Command(
        "route",
        walks.route,
        "一条步行路线 / one walk and its line",
        ("streets", "at", "to", "circle", "out_file"),
    ),
)
