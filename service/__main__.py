"""python -m service: parses, reads the settings, runs one command; exit codes 0 done, 2 bad input, 1 anything else."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Settings

HELP_ZH = "发布一个方案文件夹：地图、报告、设备清单和最近设备查询"
HELP_EN = "Serve a plan written by `aedplan plan SCENARIO.toml --out DIR`: map, report, devices and the nearest one."
ROLES = ("administrator", "office", "planner", "manager", "inspector", "viewer")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = _parser().parse_args(arguments)
    from aedplan import InputError

    from .later import reading_in
    from .settings import read_settings

    try:
        if given.command == "serve":
            settings = read_settings(os.environ, plan=given.plan, host=given.host, port=given.port)
            with reading_in():
                from .serving import serve

            serve(settings)
        else:
            _run(given, read_settings(os.environ))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _run(given: argparse.Namespace, settings: "Settings") -> None:
    """Run a command of the records."""
    from . import commands

    match given.command:
        case "init":
            commands.init(settings, demo=given.demo)
        case "upgrade":
            commands.upgrade(settings)
        case "propose":
            commands.propose(settings, given.path)
        case "remind":
            commands.remind(settings)
        case "add-user":
            commands.add_user(settings, given.name, given.role, link=given.link)
        case "link":
            commands.link(settings, given.names)
        case "backup":
            commands.backup(settings, given.path)
        case "restore":
            commands.restore(settings, given.path, replace=given.replace)
        case "export":
            commands.export(settings, given.path)
        case "import":
            commands.import_(settings, given.path, replace=given.replace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service", description=f"{HELP_ZH}\n{HELP_EN}", formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    serve = commands.add_parser("serve", help=f"{HELP_ZH} / serve a plan", description=HELP_EN)
    serve.add_argument("--plan", metavar="DIR", help="方案文件夹 / the plan's folder (AEDPLAN_PLAN; out/demo)")
    serve.add_argument("--host", help="监听地址 / address to listen on (AEDPLAN_HOST; 127.0.0.1)")
    serve.add_argument("--port", help="端口，0 为任意空闲端口 / port, 0 for any free one (AEDPLAN_PORT; 8000)")
    init = commands.add_parser("init", help="建立档案数据库和密钥 / make the records' database and key")
    init.add_argument(
        "--demo", action="store_true", help="填入示例县的虚构档案 / fill in the demo county's invented records"
    )
    commands.add_parser("upgrade", help="升级数据库版本 / bring the tables up to date")
    commands.add_parser("remind", help="查找到期事项并发送提醒 / find what is due and send reminders")
    user = commands.add_parser(
        "add-user", help="添加用户，密码从键盘或管道读入 / add a user; the password is asked for"
    )
    user.add_argument("name")
    user.add_argument("--role", choices=ROLES, required=True)
    user.add_argument(
        "--link", action="store_true", help="不设密码，给出一次性链接 / no password: a link that lets in once"
    )
    _add_file(
        commands, "propose", "DIR", "把方案选出的点位登记为拟设 / put a plan's chosen sites on record as proposed"
    )
    link = commands.add_parser("link", help="给账号一个新的一次性登录链接 / a new one-time sign-in link for accounts")
    link.add_argument("names", metavar="NAME", nargs="+")
    _add_file(commands, "backup", "FILE", "备份全部档案到一个文件 / back everything up into one file")
    _add_file(commands, "restore", "FILE", "从备份恢复 / read a backup in")
    _add_file(commands, "export", "DIR", "导出为 CSV 和 GeoJSON / export as CSV and GeoJSON")
    _add_file(commands, "import", "DIR", "读回导出的文件夹 / read an export in")
    return parser


def _add_file(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str, words: str
) -> None:
    parser = commands.add_parser(name, help=words)
    parser.add_argument("path", metavar=what, type=Path)
    if name in ("restore", "import"):
        parser.add_argument("--replace", action="store_true", help="替换现有档案 / replace what is there")


if __name__ == "__main__":
    sys.exit(main())
