"""Commands about streets and walks: fetch, isochrones, nearest, route."""

import argparse
from pathlib import Path

from ..errors import InputError
from .bar import Bar
from .places import numbers, place


def fetch(given: argparse.Namespace) -> None:
    """Read streets and save them."""
    from ..streets import LINE_SUFFIXES, OSM_SUFFIXES, read_streets

    with Bar() as bar:
        bar.show("reading streets", 0, 0)
        named_as_file = given.area.lower().endswith((*OSM_SUFFIXES, *LINE_SUFFIXES, ".graphml"))
        if named_as_file or Path(given.area).exists():
            streets = read_streets(given.area)
        else:
            from ..osm.graphs import fetch_streets

            streets = fetch_streets(given.area)
        streets.save(given.out)
    print(
        f"{len(streets.xy):,} nodes, {len(streets.ends):,} edges, {streets.length_mm.sum() / 1e6:,.1f} km -> {given.out}"
    )


def isochrones(given: argparse.Namespace) -> None:
    """Write the outlines of what can be walked to."""
    from ..circles import circle
    from ..outlines.isochrones import limits_of, outlines_lonlat
    from ..outputs import write_geojson
    from ..streets import read_streets

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


def nearest(given: argparse.Namespace) -> None:
    """Say which of some places is nearest, along streets or in a straight line as the circle measures."""
    from ..circles import circle
    from ..files import read_sites
    from ..routes import nearest_place
    from ..streets import read_streets

    rule = circle(given.circle)
    sites, streets = read_sites(given.sites, crs=given.crs), read_streets(given.streets)
    found = nearest_place(streets, sites.lonlat, place(given.at, "--at", streets)[0], measure=rule.measure)
    if found is None:
        raise InputError(f"--at {given.at}: no street leads from there to any of the {len(sites)} places")
    (number, metres), way = found, "on foot" if rule.measure == "street" else "in a straight line"
    minutes = f"约 about {rule.minutes_for(metres):.1f} min ({rule.words_zh} / {rule.words_en})"
    print(f"{sites.id[number]} {sites.label[number]}: {metres:.0f} m {way}, {minutes}")


def route(given: argparse.Namespace) -> None:
    """Write one walk as a line."""
    from ..circles import circle
    from ..outputs import write_geojson
    from ..routes import route as walk
    from ..streets import read_streets

    rule, streets = circle(given.circle), read_streets(given.streets)
    ends = [place(value, flag, streets)[0] for value, flag in ((given.at, "--at"), (given.to, "--to"))]
    found = walk(streets, *ends)
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
