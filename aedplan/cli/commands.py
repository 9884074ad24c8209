"""Every command: its name, what it runs, its help and its options."""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from . import plans, walks


class Command(NamedTuple):
    """One command; `options` are names in `options.OPTIONS`, in the order of the help."""

    name: str
    run: Callable[[argparse.Namespace], None]
    help: str
    options: tuple[str, ...]


COMMANDS = (
    Command(
        "plan",
        plans.plan,
        "按方案文件计算，写出地图、报告和表格 / run a scenario and write map, report and tables",
        ("scenario", "out"),
    ),
    Command("demo", plans.demo, "对自带的示例县做同样的事 / the same for the shipped demo county", ("out",)),
    Command(
        "compare",
        plans.compare,
        "把几个方案并列在一页上，地图一起移动 / plans side by side on one page, maps that move together",
        ("folders", "even_if_unlike", "out_page"),
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
        ("streets", "at", "sites", "crs"),
    ),
    Command(
        "route",
        walks.route,
        "一条步行路线 / one walk and its line",
        ("streets", "at", "to", "circle", "out_file"),
    ),
)
