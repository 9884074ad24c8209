"""From streets drawn one over the other to ways that share nodes where they meet."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import shapely
from shapely import LineString, STRtree
from shapely.ops import linemerge

from demo_county.frame import EXTENT, Street, parts

GRID = 0.5  # metres; street points closer than this are one node
MAIN_CLASSES = ("trunk", "primary", "secondary", "tertiary", "unclassified")
MAIN_STUB, LANE_STUB = 90.0, 7.0  # metres; shorter dead ends are overshoots of the drawing, not streets


@dataclass
class Way:
    """A way of the finished map: points on the grid, in metres."""

    points: list[tuple[float, float]]
    tags: dict[str, str]


def on_grid(xy: tuple[float, float], grid: float = GRID) -> tuple[float, float]:
    """A point moved to the grid, so that the same place always has the same name."""
    return round(round(xy[0] / grid) * grid, 1) + 0.0, round(round(xy[1] / grid) * grid, 1) + 0.0


def make_ways(streets: list[Street]) -> list[Way]:
    """All streets as ways that share a point wherever streets of the same level meet."""
    ground = [street for street in streets if street.level == 0]
    raised = [street for street in streets if street.level != 0]
    ramps = [on_grid(xy) for street in raised for xy in street.line.coords]
    pieces = trim_stubs(cut_at_crossings(ground), ground, ramps)
    ways = [way for source, lines in sorted(pieces.items()) for way in join(lines, ground[source].tags)]
    return ways + [Way([on_grid(xy) for xy in street.line.coords], street.tags) for street in raised]


def cut_at_crossings(streets: list[Street]) -> dict[int, list[LineString]]:
    """Pieces between crossings, by the index of the street they come from (the more important where two overlap)."""
    lines = [street.line for street in streets]
    whole = shapely.unary_union(lines, grid_size=GRID)
    pieces = split_at_shared_points(list(parts(whole, "LineString")))
    middles = [piece.interpolate(0.5, normalized=True) for piece in pieces]
    piece_index, line_index = STRtree(lines).query(middles, predicate="dwithin", distance=1.5 * GRID)
    source: dict[int, int] = {}
    for piece, line in zip(piece_index, line_index, strict=False):
        source[piece] = min(source.get(piece, line), line)
    found: dict[int, list[LineString]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        found[int(source[number])].append(piece)
    return found


def split_at_shared_points(lines: list[LineString]) -> list[LineString]:
    """Lines split wherever another line has a point too: the overlay leaves lines that only touch in one piece."""
    used = Counter(point for line in lines for point in {on_grid(xy) for xy in line.coords})
    pieces = []
    for line in lines:
        points = [on_grid(xy) for xy in line.coords]
        start = 0
        for at in range(1, len(points)):
            if at == len(points) - 1 or used[points[at]] > 1:
                pieces.append(LineString(points[start : at + 1]))
                start = at
    return pieces


def trim_stubs(
    pieces: dict[int, list[LineString]], streets: list[Street], ramps: list[tuple[float, float]]
) -> dict[int, list[LineString]]:
    """Drop dead ends too short to be meant, until none is left; where a ramp begins is no dead end.

    Roads lose their overshoot in the first round only: in a second one they would lose what lanes hang on.
    """
    main_limit = MAIN_STUB
    while True:
        ends = Counter(
            on_grid(end) for lines in pieces.values() for line in lines for end in (line.coords[0], line.coords[-1])
        )
        ends.update(ramps)
        kept = {
            source: [line for line in lines if not is_stub(line, streets[source].tags, ends, main_limit)]
            for source, lines in pieces.items()
        }
        if sum(map(len, kept.values())) == sum(map(len, pieces.values())):
            return kept
        pieces, main_limit = kept, LANE_STUB


def is_stub(line: LineString, tags: dict[str, str], ends: Counter, main_limit: float) -> bool:
    """Whether a piece ends in nothing and is too short for its class; the county's edge and gates are not nothing."""
    limit = main_limit if tags["highway"] in MAIN_CLASSES else LANE_STUB
    if line.length >= limit or "bridge" in tags:
        return False
    loose = [end for end in (line.coords[0], line.coords[-1]) if ends[on_grid(end)] == 1]
    return any(EXTENT[0] + 2 < x < EXTENT[2] - 2 and EXTENT[1] + 2 < y < EXTENT[3] - 2 for x, y in loose)


def join(lines: list[LineString], tags: dict[str, str]) -> list[Way]:
    """Pieces of one street put together again, keeping the points where others meet it."""
    if not lines:
        return []
    merged = parts(linemerge(lines) if len(lines) > 1 else lines[0], "LineString")
    return [Way([on_grid(xy) for xy in line.coords], tags) for line in merged]
