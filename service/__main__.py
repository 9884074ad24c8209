"""python -m service serve: parses, reads the settings, serves; exit codes 0 done, 2 bad input, 1 anything else."""

import argparse
import os
import sys

HELP_ZH = "发布一个方案文件夹：地图、报告、设备清单和最近设备查询"
HELP_EN = "Serve a plan written by `aedplan plan SCENARIO.toml --out DIR`: map, report, devices and the nearest one."


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = _parser().parse_args(arguments)
    from aedplan import InputError

    from .settings import read_settings

    try:
        settings = read_settings(os.environ, plan=given.plan, host=given.host, port=given.port)
        from .serving import serve

        serve(settings)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service", description=f"{HELP_ZH}\n{HELP_EN}", formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="serve")
    serve = commands.add_parser("serve", help=f"{HELP_ZH} / serve a plan", description=HELP_EN)
    serve.add_argument("--plan", metavar="DIR", help="方案文件夹 / the plan's folder (AEDPLAN_PLAN; out/demo)")
    serve.add_argument("--host", help="监听地址 / address to listen on (AEDPLAN_HOST; 127.0.0.1)")
    serve.add_argument("--port", help="端口，0 为任意空闲端口 / port, 0 for any free one (AEDPLAN_PORT; 8000)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
