"""One map as one HTML file that loads nothing from outside; the only door to folium.

Folium makes the Leaflet map, its layers and their order; the page around it, its words and its drawing functions are
ours, under aedplan/pages, because folium's own page loads from four hosts and speaks one language.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..coordinates import project, unproject
from ..errors import MissingLibraryError
from ..look import css_variables
from ..network import KINDS, StreetNetwork, bounds
from ..osm.background import NAMES_FROM_ZOOM
from ..outlines.isochrones import reached_streets
from ..pages import read, render, script_json
from ..source import attributions
from .words import (
    LANGUAGE_STYLE,
    SYNTHETIC,
    Words,
    circle_words,
    gain_words,
    headline,
    hours_words,
    kind_words,
    moved_words,
    number,
    proof_words,
    unit,
)

if TYPE_CHECKING:
    import folium

    from ..osm.background import Background
    from ..study.outcome import Outcome

ASSETS = Path(__file__).parents[1] / "assets"
SIMPLIFY_M = 2.0
"""Streets are drawn within this of where they are; figures never come from the drawing."""

_MICRODEGREES = 1e6
_STREET_WIDTH = {"street": 2.0, "path": 1.0, "steps": 1.0, "indoor": 1.0}
_REACH_WIDTH = 4.5
_SHARES_OF_LIMIT = (0.5, 0.75, 1.0)


def draw_map(outcome: "Outcome") -> str:
    """A study as one HTML page: streets, who is reached when, devices, the plan in order, and who is not reached.

    The same outcome gives the same text. Nothing is loaded from outside, so the file opens anywhere, also offline.

    Raises MissingLibraryError when the assets of the map were not fetched at set-up.
    """
    leaflet_css, leaflet_js = (_asset(name) for name in ("leaflet.css", "leaflet.js"))
    map_html, map_script = _folium_parts(_made_map(outcome))
    plan = outcome.plan
    style = [leaflet_css, css_variables(), LANGUAGE_STYLE, read("base.css"), read("map.css")]
    return render(
        "map.html",
        style="\n".join(style),
        script="\n".join([leaflet_js, read("page.js"), read("map.js"), map_script]),
        map_html=map_html,
        sign_svg=outcome.scenario.letterhead.sign_svg,
        study=Words(outcome.scenario.title_zh, outcome.scenario.title_en),
        headline=headline(outcome),
        circle=circle_words(outcome.scenario.circle),
        hours=hours_words(outcome.summary["hours"]),
        synthetic=outcome.summary["synthetic"],
        synthetic_words=SYNTHETIC,
        legend=_legend(outcome),
        chosen=_listed(outcome),
        words={
            "legend": Words("图例与图层", "Legend and layers"),
            "chosen": Words(f"新设备 {len(plan.chosen)} 台，按先后", f"{len(plan.chosen)} new devices, in order"),
        },
        proof=proof_words(plan),
        credit=" · ".join(attributions([source for _, source in outcome.inputs])),
    )


def _asset(name: str) -> str:
    """A file that set-up fetched, without what it would load from beside itself."""
    path = ASSETS / name
    if not path.is_file():
        raise MissingLibraryError(f"aedplan/assets/{name} is missing; fetch it with: python tools/assets.py")
    text = path.read_text(encoding="utf-8")
    return re.sub(r"url\(images/[^)]*\)|//# sourceMappingURL=\S+", lambda m: "none" if m[0][0] == "u" else "", text)


def _made_map(outcome: "Outcome") -> "folium.Map":
    """The folium map with its layers, lowest first."""
    import folium

    made = folium.Map(tiles=None, prefer_canvas=True, attribution_control=False, zoom_snap=0.5, max_zoom=19)
    _call(made, "prepare")
    if outcome.background is not None:
        _add_background(_group(made, "ground"), outcome.background)
    _add_streets(_group(made, "streets"), outcome.streets)
    _add_reach(made, outcome)
    _add_demand(made, outcome)
    _call(_group(made, "plan"), "sites", _planned(outcome))
    _call(_group(made, "standing"), "sites", _standing(outcome))
    folium.FitBounds(_view(outcome), padding=(8, 8), max_zoom=17).add_to(made)
    _call(made, "connect")
    return made


def _group(made: "folium.Map", layer: str) -> "folium.FeatureGroup":
    import folium

    group = folium.FeatureGroup(name=layer)
    group.add_to(made)
    _call(group, "name", layer)
    return group


def _call(parent: Any, function: str, data: object = None) -> None:
    """Have the page call one of its drawing functions with a folium element and data."""
    from branca.element import MacroElement
    from folium.template import Template

    element: Any = MacroElement()  # type: ignore[no-untyped-call]
    element._template = Template(
        "{% macro script(this, kwargs) %}aedplan.{{ this.function }}"
        "({{ this._parent.get_name() }}, {{ this.data }});{% endmacro %}"
    )
    element.function, element.data = function, script_json(data)
    element.add_to(parent)


def _folium_parts(made: "folium.Map") -> tuple[str, str]:
    """The map's element and its script, with numbers for folium's random ids; its page and links are left behind."""
    figure: Any = made.get_root()
    _number_elements(made)
    figure.render()
    return figure.html.render().strip(), figure.script.render().strip()


def _number_elements(root: Any) -> None:
    queue, count = [root], 0
    while queue:
        element = queue.pop(0)
        element._id, count = str(count), count + 1
        queue += element._children.values()


def _add_background(group: "folium.FeatureGroup", background: "Background") -> None:
    """Green, water over it, and the names; the page places as many names as have room."""
    for name, polygons in (("green", background.green), ("water", background.water)):
        if len(polygons):
            _call(group, "areas", {"pane": "ground", "colour": f"map-{name}", "areas": _areas(polygons)})
    for kind, zoom in NAMES_FROM_ZOOM.items():
        names = [name for name in background.names if name.kind == kind]
        rows = [[*name.place, name.turn, name.weight, *dict.fromkeys((name.zh, name.en))] for name in names]
        if rows:
            _call(group, "names", {"kind": kind, "zoom": zoom, "names": rows})


def _add_streets(group: "folium.FeatureGroup", streets: StreetNetwork) -> None:
    for number_of_kind, kind in reversed(list(enumerate(KINDS))):
        lines = streets.lines[streets.kind == number_of_kind]
        if len(lines):
            data = {"pane": "streets", "colour": "map-street", "width": _STREET_WIDTH[kind], "dashed": kind == "steps",
                    "least": 0.35}  # fmt: skip
            _call(group, "lines", {**data, "lines": _lines(lines, streets.crs)})


def _add_reach(made: "folium.Map", outcome: "Outcome") -> None:
    """What devices and plan reach: streets by time, or true circles where the rule is a straight line."""
    devices = _devices(outcome)
    if outcome.scenario.circle.measure == "line":
        discs = {"pane": "reach", "colour": "reach-2", "edge": "reach-1", "areas": _discs(outcome, devices)}
        _call(_group(made, "disc"), "areas", discs)
        return
    anchors = outcome.site_anchors
    joined = anchors.some(devices)
    bands = reached_streets(outcome.streets, joined, limits_m=[metres for metres, _ in _bands(outcome)])
    group = _group(made, "reach")
    for step, lines in reversed(list(enumerate(bands, start=1))):
        if len(lines):
            data = {"pane": "reach", "colour": f"reach-{step}", "width": _REACH_WIDTH, "least": 0.6}
            _call(group, "lines", {**data, "lines": _lines(lines, outcome.streets.crs)})


def _devices(outcome: "Outcome") -> np.ndarray:
    """Numbers of the sites that hold a device under the plan."""
    return outcome.devices


def _bands(outcome: "Outcome") -> list[tuple[float, Words]]:
    """Three rising limits in metres and what to call them: 2, 3 and 4 minutes of a four-minute circle."""
    circle = outcome.scenario.circle
    if circle.radius_m is not None:
        metres = [circle.limit_m * share for share in _SHARES_OF_LIMIT]
        return [(limit, Words(f"{limit:.0f} 米", f"{limit:.0f} m")) for limit in metres]
    times = [circle.minutes * share for share in _SHARES_OF_LIMIT]
    return [(circle.metres_within(time), Words(f"{time:g} 分", f"{time:g} min")) for time in times]


def _discs(outcome: "Outcome", devices: np.ndarray) -> list[list[list[int]]]:
    import shapely

    centres = shapely.points(project(outcome.sites.lonlat[devices], outcome.streets.crs))
    joined = shapely.union_all(shapely.buffer(centres, outcome.scenario.circle.limit_m, quad_segs=24))
    return _areas(shapely.transform(shapely.get_parts(joined), lambda xy: unproject(xy, outcome.streets.crs)))


def _add_demand(made: "folium.Map", outcome: "Outcome") -> None:
    """Dots whose area is the demand that is not covered; hollow where no site could cover it."""
    weight = outcome.demand.weight.sum(axis=1)
    hopeless = np.zeros(len(weight), dtype=bool)
    hopeless[outcome.unreachable.points] = True
    missed = ~outcome.covered & (weight > 0)
    for layer, shown, hollow in (("gap", missed & ~hopeless, False), ("hopeless", missed & hopeless, True)):
        places = _differences(outcome.demand.lonlat[shown])
        weights = [float(f"{one:.3g}") for one in weight[shown]]
        _call(_group(made, layer), "dots", {"hollow": hollow, "places": places, "weights": weights})


def _planned(outcome: "Outcome") -> list[dict[str, Any]]:
    plan, basis = outcome.plan, outcome.demand.basis
    return [
        _place(outcome, site, order, [gain_words(gain, basis=basis, like=plan.gain[0])])
        for order, (site, gain) in enumerate(zip(plan.chosen, plan.gain, strict=True), start=1)
    ]


def _standing(outcome: "Outcome") -> list[dict[str, Any]]:
    here = Words("已设设备", "standing device")
    leaving = {int(site): moved_words(outcome, to) for site, to in outcome.moved}
    told = [(int(site), leaving.get(int(site), here)) for site in np.flatnonzero(outcome.sites.standing)]
    return [_place(outcome, site, 0, [words]) for site, words in told]


def _place(outcome: "Outcome", site: int, order: int, facts: list[Words]) -> dict[str, Any]:
    """A site as the page's script takes it; order 0 for standing ones."""
    lon, lat = outcome.sites.lonlat[site].round(6).tolist()
    hours = outcome.sites.hours[site]
    told = [kind_words(outcome.sites.kind[site]), *facts]
    told += [Words(f"开放时间 {hours}", f"Open {hours}")] if hours else []
    return {"lat": lat, "lon": lon, "order": order, "label": outcome.sites.label[site], "facts": told}


def _listed(outcome: "Outcome") -> list[dict[str, Any]]:
    sites, plan = outcome.sites, outcome.plan
    return [
        {
            "order": order,
            "label": sites.label[site],
            "kind": kind_words(sites.kind[site]),
            "gain": gain_words(gain, basis=outcome.demand.basis, like=plan.gain[0]),
        }
        for order, (site, gain) in enumerate(zip(plan.chosen, plan.gain, strict=True), start=1)
    ]


def _legend(outcome: "Outcome") -> list[dict[str, Any]]:
    """One row for each layer that can be switched and has something on it."""
    standing, new = int(outcome.sites.standing.sum()), len(outcome.plan.chosen)
    here = Words(f"已设设备 {standing} 台", f"{standing} standing devices")
    if outcome.moved:
        here = Words(f"{here.zh}，其中 {len(outcome.moved)} 台移走", f"{here.en}, {len(outcome.moved)} of them moved")
    counted, lost = unit(outcome.demand.basis), outcome.unreachable.total
    missed = outcome.plan.total - outcome.plan.value
    never, left = number(lost, like=missed), number(max(missed - lost, 0.0), like=missed)
    rows = [
        (standing, "standing", here),
        (new, "plan", Words(f"新设备 {new} 台，数字是先后", f"{new} new devices, by order")),
        (standing + new, *_reach_words(outcome)),
        (missed > lost, "gap", Words(f"未覆盖需求，约 {left} {counted.zh}", f"Not covered, about {left} {counted.en}")),
        (lost, "hopeless", Words(f"任何点位都够不到的需求，约 {never} {counted.zh}",
                                 f"Out of reach of every site, about {never} {counted.en}")),
    ]  # fmt: skip
    steps = {"reach": [words for _, words in _bands(outcome)]}
    return [{"layer": layer, "words": words, "steps": steps.get(layer, [])} for some, layer, words in rows if some]


def _reach_words(outcome: "Outcome") -> tuple[str, Words]:
    """The layer of what is reached, and what it is called."""
    circle = outcome.scenario.circle
    if circle.measure == "street":
        return "reach", Words("步行可达", "Reached on foot")
    return "disc", Words(f"直线 {circle.limit_m:.0f} 米内", f"Within {circle.limit_m:.0f} m, straight line")


def _view(outcome: "Outcome") -> list[list[float]]:
    """South-west and north-east corner of what the map opens on: all that devices reach, or the streets without any."""
    devices = outcome.sites.lonlat[_devices(outcome)]
    if len(devices):
        xy, limit_m = project(devices, outcome.streets.crs), outcome.scenario.circle.limit_m
        devices = unproject(np.concatenate([xy - limit_m, xy + limit_m]), outcome.streets.crs)
    else:
        devices = bounds(outcome.streets).reshape(2, 2)
    return [corner[::-1].round(6).tolist() for corner in (devices.min(axis=0), devices.max(axis=0))]


def _lines(lines: np.ndarray, crs: str) -> list[list[int]]:
    """Lines in a projected system as whole microdegrees, each vertex as the step from the one before."""
    import shapely

    xy, owner = shapely.get_coordinates(shapely.simplify(lines, SIMPLIFY_M), return_index=True)
    return _split(unproject(xy, crs), owner)


def _areas(polygons: Sequence[Any] | np.ndarray) -> list[list[list[int]]]:
    """Polygons in degrees as rings of whole microdegrees, the outer ring first."""
    import shapely

    parts = shapely.get_parts(np.asarray(polygons, dtype=object))
    return [[_differences(shapely.get_coordinates(ring)) for ring in shapely.get_rings(part)] for part in parts]


def _split(lonlat: np.ndarray, owner: np.ndarray) -> list[list[int]]:
    cuts = np.flatnonzero(np.diff(owner)) + 1
    return [_differences(part) for part in np.split(lonlat, cuts)]


def _differences(lonlat: np.ndarray) -> list[int]:
    """lon, lat, then steps east, north, east, north ... in whole microdegrees."""
    whole = np.rint(lonlat * _MICRODEGREES).astype(np.int64)
    return np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist() if len(whole) else []
