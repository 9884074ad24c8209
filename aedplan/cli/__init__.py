"""The command line: parses, calls, prints. Exit codes: 0 done, 2 bad input (one message), 1 anything else."""

import argparse
import gc
import io
import re
import sys
from collections.abc import Sequence

from ..errors import AedplanError, InfeasibleError, InputError
from .commands import COMMANDS, Command
from .options import OPTIONS

GARBAGE_AFTER = 50_000
"""So many objects are made between two looks for garbage; after every 700, as Python does by itself, the looks take a tenth
of a small plan's time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    gc.set_threshold(GARBAGE_AFTER)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console without Chinese shows ? instead of failing
    parser = make_parser()
    given = parser.parse_args(_join_places(sys.argv[1:] if arguments is None else arguments))
    try:
        return given.run(given) or 0
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
    for command in COMMANDS:
        _add(commands, command)
    return parser


def _add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", command: Command) -> None:
    parser = commands.add_parser(command.name, help=command.help, description=command.help)
    parser.set_defaults(run=command.run)
    for option in command.options:
        flag, settings = OPTIONS[option]
        parser.add_argument(flag, **settings)  # type: ignore[arg-type]


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from ..report.summary import version

        print(f"aedplan {version()}")
        parser.exit()
