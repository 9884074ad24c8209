"""Which mapped ways can be walked, and which mapped barriers stop a walk: one table, for files and live data alike.

Sources: OpenStreetMap wiki, "Key:access", "Key:foot", "Key:barrier" and "OSM tags for routing/Access restrictions"
(what a class of road allows where nothing else is said). Where practice in China differs, the line says so. The rule is
a judgement about rescue, not about right of way, so:

private ground stays walkable   (`access=private`, `foot=private`) Most arrests happen at home, and homes in China stand
                                in gated compounds mapped as private: residents, guards and rescuers walk there. What
                                keeps others out are walls and gates, and these act through geometry and `passable`.
`foot=no` closes a way          also `foot=use_sidepath`: the pavement is drawn as a way of its own.
`foot=yes` opens a way          also designated, permissive, official, whatever `access` says and even on a motorway.
`access=no`, `military`         close a way unless `foot` opens it.
trunk roads are walkable        in China national roads run through towns with shops on both sides; urban expressways
                                are mapped with `motorroad=yes`, which closes them.
cycleways are walkable          they are shared or have a pavement beside them.
"""

from collections.abc import Mapping

from .network import KINDS

WALKING_RULE_VERSION = "1"

_STREET, _PATH, _STEPS, _INDOOR = (KINDS.index(name) for name in ("street", "path", "steps", "indoor"))

HIGHWAYS: dict[str, int | None] = {
    "motorway": None,
    "motorway_link": None,
    "bus_guideway": None,
    "busway": None,
    "raceway": None,
    "via_ferrata": None,
    "trunk": _STREET,
    "trunk_link": _STREET,
    "primary": _STREET,
    "primary_link": _STREET,
    "secondary": _STREET,
    "secondary_link": _STREET,
    "tertiary": _STREET,
    "tertiary_link": _STREET,
    "unclassified": _STREET,
    "residential": _STREET,
    "living_street": _STREET,
    "pedestrian": _STREET,
    "service": _STREET,
    "road": _STREET,
    "track": _PATH,
    "path": _PATH,
    "footway": _PATH,
    "cycleway": _PATH,
    "bridleway": _PATH,
    "platform": _PATH,
    "steps": _STEPS,
    "ladder": _STEPS,
    "corridor": _INDOOR,
    "elevator": _INDOOR,
}
"""Class of highway to kind of way; None where only `foot=yes` opens it. A class that is not here, such as
`construction` or `proposed`, is never walked. Escalators are `steps`; squares mapped as areas are walked along their
outline, except those with holes in them (multipolygons), whose ways carry no tags of their own."""

OTHER_WAYS: dict[tuple[str, str], int] = {
    ("railway", "platform"): _PATH,
    ("public_transport", "platform"): _PATH,
    ("man_made", "pier"): _PATH,
    ("indoor", "corridor"): _INDOOR,
}
"""Ways without `highway` that are walked."""

FOOT_OPENS = frozenset({"yes", "designated", "permissive", "official"})
FOOT_CLOSES = frozenset({"no", "use_sidepath"})
ACCESS_CLOSES = frozenset({"no", "military"})

WALLS = frozenset({"wall", "fence", "hedge", "city_wall", "retaining_wall", "guard_rail", "ditch"})
"""Barriers that stop a walk where a node of the way carries them. All others (gates, bollards, stiles, turnstiles,
blocks, checkpoints) let a walker through unless locked or closed."""

WAY_KEYS = ("highway", *dict.fromkeys(key for key, _ in OTHER_WAYS))
WAY_TAGS = (*WAY_KEYS, "foot", "access", "motorroad", "route")
NODE_TAGS = ("barrier", "foot", "access", "locked")
"""All tags the rule reads, so that a caller can ask a server for them."""


def walkable(tags: Mapping[str, str]) -> int | None:
    """The kind of a way, an index into `network.KINDS`, or None where it cannot be walked.

    >>> walkable({"highway": "residential", "access": "private"})
    0
    >>> walkable({"highway": "motorway"}) is None
    True
    """
    kind = _kind(tags)
    foot = tags.get("foot")
    if kind is None or foot in FOOT_CLOSES or tags.get("route") == "ferry":
        return None
    if foot in FOOT_OPENS:
        return kind
    if HIGHWAYS.get(tags.get("highway", ""), kind) is None or tags.get("motorroad") == "yes":
        return None
    return None if tags.get("access") in ACCESS_CLOSES else kind


def _kind(tags: Mapping[str, str]) -> int | None:
    """The kind a way would be if it were open; None where it is no way for walking at all."""
    highway = tags.get("highway", "")
    if highway in HIGHWAYS:
        kind = HIGHWAYS[highway]
        kind = _STREET if kind is None else kind
        return _INDOOR if tags.get("indoor") == "yes" and kind != _STEPS else kind
    if highway:
        return None
    return next((kind for (key, value), kind in OTHER_WAYS.items() if tags.get(key) == value), None)


def passable(tags: Mapping[str, str]) -> bool:
    """Whether a walk can go on through a node with these tags.

    >>> passable({"barrier": "gate"}), passable({"barrier": "gate", "locked": "yes"})
    (True, False)
    """
    if "barrier" not in tags or tags.get("foot") in FOOT_OPENS:
        return True
    if tags.get("foot") in FOOT_CLOSES or tags.get("access") in ACCESS_CLOSES or tags.get("locked") == "yes":
        return False
    return tags["barrier"] not in WALLS
