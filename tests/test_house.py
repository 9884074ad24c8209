"""The house keeps its rules: floors, doors, sizes. Change the table here when a better shape is built, and say why."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    0: "errors checks source look",
    1: "network store anchors walking demand sites venues circles coordinates kernels hours tables outputs people",
    2: "osm files reach straight walks routes distances single outlines neighbours",
    3: "coverage survival losses towns problem equity relocation worth plan streets suspicions strays",
    4: "solve uncertainty arrests",
    5: "scenario norms",
    6: "report pages",
    7: "study",
    8: "cli",
}
"""Of aedplan, lowest first. Imports go down or along. Imports for type checkers alone do not count: nothing runs. The
outcome of a study stands above maps and reports because saving it draws them."""

SERVICE_FLOORS = {
    0: "settings errors bodies facts limits later",
    1: "published nearest places plan_demand line_factor initials tables sealing access"
    " public inspections ready mapping planning year sheets reminders outbox senders channels calendar_feed",
    2: "history migrations looks",
    3: "db",
    4: "accounts portable notices",
    5: "records backups",
    6: "exports reminding jobs demo",
    7: "api pages",
    8: "app serving commands",
    9: "__main__",
}
"""Of the service: rules without a database below it (1), the database and its records above (2 to 5), doors on top (7)."""

DOORS: dict[str, set[str]] = {
    "osmnx": {"osm/osm", "osm/graphs"},
    "osmium": {"osm/osm", "osm/areas", "osm/background", "osm/graphs"},
    "folium": {"report/maps"},
    "highspy": {"solve"},
    "numba": {"kernels/compiled"},
    "opening_hours": {"hours/hours"},
    "chinese_calendar": {"hours/holidays"},
    "dask": {"jobs"},
    "distributed": {"jobs"},
    "sqlalchemy": {
        "tables",
        "history",
        "looks",
        "migrations",
        "db",
        "accounts",
        "notices",
        "portable",
        "records",
        "backups",
        "exports",
        "commands",
    },
}
"""Where a library may be imported: a room, or one file in it."""

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_PARAMETERS = 6


def sources(package: str) -> list[Path]:
    return sorted(p for p in (ROOT / package).rglob("*.py") if "aedplan/data" not in p.as_posix())


def room(path: Path, package: str) -> str:
    """The room a file is in: its module, or the folder directly under the package."""
    parts = path.relative_to(ROOT / package).with_suffix("").parts
    return parts[0]


def running_imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """All imports that run, wherever they stand: those under `if TYPE_CHECKING` do not."""
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for part in node.body
        for inner in ast.walk(part)
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in hidden:
            yield node


def imported_rooms(path: Path, package: str) -> set[str]:
    """Rooms of the same package that a file imports."""
    here = path.relative_to(ROOT).with_suffix("").parts
    rooms = set()
    for node in running_imports(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = list(here[: len(here) - node.level]) if node.level else []
            target = base + (node.module.split(".") if node.module else [])
            if target == [package]:
                rooms |= {alias.name for alias in node.names}
            elif target[:1] == [package]:
                rooms.add(target[1])
        else:
            rooms |= {a.name.split(".")[1] for a in node.names if a.name.startswith(f"{package}.")}
    return rooms


def floor_table(floors: dict[int, str]) -> dict[str, int]:
    return {name: floor for floor, names in floors.items() for name in names.split()}


@pytest.mark.parametrize(("package", "floors"), [("aedplan", FLOORS), ("service", SERVICE_FLOORS)])
def test_every_room_has_a_floor_and_nobody_climbs(package: str, floors: dict[int, str]) -> None:
    table = floor_table(floors)
    rooms = {room(path, package) for path in sources(package)} - {"__init__"}
    assert rooms == set(table), f"without a floor: {rooms - set(table)}; without a room: {set(table) - rooms}"
    climbs = [
        f"{path.relative_to(ROOT)} imports {other}"
        for path in sources(package)
        if room(path, package) in table
        for other in imported_rooms(path, package)
        if other in table and table[other] > table[room(path, package)]
    ]
    assert climbs == []


def test_heavy_libraries_enter_by_their_doors_only() -> None:
    breaches = []
    for path in sources("aedplan") + sources("service"):
        for node in running_imports(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                door = DOORS.get(name.split(".")[0])
                file = path.relative_to(ROOT).with_suffix("").as_posix().partition("/")[2]
                allowed = door is None or not door.isdisjoint((file, file.partition("/")[0]))
                if not allowed and getattr(node, "level", 0) == 0:
                    breaches.append(f"{path.relative_to(ROOT)} imports {name}")
    assert breaches == []


def test_the_library_never_imports_the_service() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources("aedplan"))
    assert not re.search(r"^\s*(from|import) service\b", text, re.MULTILINE)


def test_placement_knows_no_geography_and_no_time() -> None:
    allowed = {
        "errors",
        "checks",
        "kernels",
        "problem",
        "equity",
        "relocation",
        "plan",
        "solve",
        "bounds",
        "exact",
        "greedy",
        "highs",
    }
    for path in sources("aedplan"):
        if room(path, "aedplan") in {"problem", "equity", "relocation", "plan", "solve", "worth", "uncertainty"}:
            assert imported_rooms(path, "aedplan") <= allowed, path


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sources("aedplan") + sources("service"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield path, node


def lines(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1  # type: ignore[attr-defined]


def test_functions_are_short() -> None:
    # A kernel is one loop whose parts share their arrays; taking it apart costs speed and hides the loop.
    kernels = {"walks", "snapping", "finding", "tracing", "cutting", "labelling", "placing"}
    sizes = {f"{p.relative_to(ROOT)}:{n.lineno} {n.name}": lines(n) for p, n in functions() if p.stem not in kernels}
    too_long = {name: size for name, size in sizes.items() if size > MOST_LINES_OF_A_FUNCTION}
    assert too_long == {}
    under_40 = sum(size <= 40 for size in sizes.values()) / len(sizes)
    assert under_40 >= 0.9


def test_functions_take_few_parameters() -> None:
    kernels = {"walks", "snapping", "finding", "tracing", "cutting", "labelling", "placing"}
    crowded = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in functions()
        if path.stem not in kernels
        and len(
            [
                a
                for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if a.arg not in ("self", "cls")
            ]
        )
        > MOST_PARAMETERS
    }
    assert crowded == set()


def test_files_are_short() -> None:
    sizes = {
        str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines())
        for p in sources("aedplan") + sources("service")
    }
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_OF_A_FILE} == {}


def test_public_functions_say_what_they_do() -> None:
    silent = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in functions()
        if not node.name.startswith("_")
        and path.parts[-2] != "pages"
        and not ast.get_docstring(node)
        and not is_inner(path, node)
    }
    assert silent == set()


def is_inner(path: Path, function: ast.AST) -> bool:
    """Whether a function stands inside another one, or is a method of a private class."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        private = isinstance(node, ast.ClassDef) and node.name.startswith("_")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or private:
            for inner in ast.walk(node):
                if (
                    inner is not node
                    and getattr(inner, "lineno", 0) == function.lineno
                    and isinstance(inner, type(function))
                ):  # type: ignore[attr-defined]
                    return True
    return False


def test_no_registry_and_no_machine_stands_in_a_lock_file() -> None:
    locks = sorted(path.name for path in ROOT.glob("requirements*.lock"))
    for name in (*locks, "package-lock.json", ".npmrc", "tests/bench/lighthouse/package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, name
