"""Where the demand of a study comes from: the table [demand] of a scenario, and its layers [demand.home], [demand.public].

Demand is made from a table of people or of expected arrests, from people by age, from arrests that happened, from visitors
of venues, or from mapped buildings. With layers, each of them is made in one of these ways and has its share of all arrests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..demand import HOME_SHARE, SUDDEN_CARDIAC_DEATHS_PER_100K
from ..errors import InputError, raise_faults
from ..people.incidence import Incidence, read_incidence
from ..tables.columns import shipped
from .given import Given, Input, is_number

TABLE = ("file", "crs", "sheet", "columns", "source", "licence")
READ_WITH = {
    "file": (*TABLE, "arrests_per_100k", "incidence"),
    "rasters": ("rasters", "source", "licence", "arrests_per_100k", "incidence"),
    "buildings": ("from", "population", "arrests_per_100k"),
    "arrests": ("from", *TABLE, "smoothing", "people", "per_year", "judge"),
    "visitors": ("from", *TABLE, "arrests_per_100k"),
    "layers": ("home", "public", "per_year", "judge"),
}
"""The keys that mean something for each origin; another one is refused, since it would be ignored."""

ORIGINS = ("buildings", "arrests", "visitors")
"""What demand.from may say."""

LAYERS = ("home", "public")
LAYER_KEYS = ("share", "rates")
KEYS = tuple(dict.fromkeys(key for keys in READ_WITH.values() for key in keys))

SMOOTHINGS = ("auto", "none")
JUDGES = ("folds", "later")


@dataclass(frozen=True)
class DemandInput:
    """How demand, or one layer of it, is made.

    given      where it comes from; its origin is a key of READ_WITH
    per_100k   arrests per 100,000 people and year; None: not said
    incidence  arrests by age and sex; None: people count alike
    rasters    of people, one or one for each age
    smoothing  of arrests: "auto", as cross-validation says, or "none", the raw points
    people     of arrests: what smoothing may follow beside the arrests
    judge      "folds": every arrest is held out once; "later": the last fifth is
    per_year   arrests per year, where they are known; with layers those of all
    share      of a layer: its part of all arrests; None: not said
    rates      of a layer: arrests per hour in each period, as one knows them
    layers     by name
    """

    given: Input
    per_100k: float | None = None
    incidence: Incidence | None = None
    rasters: tuple[Path, ...] = ()
    smoothing: Literal["auto", "none"] = "auto"
    people: Input | None = None
    judge: Literal["folds", "later"] = "folds"
    per_year: float | None = None
    share: float | None = None
    rates: tuple[float, ...] | None = None
    layers: Mapping[str, "DemandInput"] = field(default_factory=dict)

    @property
    def arrests_per_100k(self) -> float:
        """Arrests per 100,000 people and year, the national figure where none is said."""
        return SUDDEN_CARDIAC_DEATHS_PER_100K if self.per_100k is None else self.per_100k

    @property
    def parts(self) -> Mapping[str, "DemandInput"]:
        """The layers, or the whole as the only one, "all"."""
        return self.layers or {"all": self}

    @property
    def of_arrests(self) -> bool:
        """Whether arrests that happened are all that it is made from, so that plans can be judged by them."""
        return all(part.given.origin == "arrests" for part in self.parts.values())

    def shares(self) -> dict[str, float | None]:
        """The share of each layer: what is said, or what another leaves; None: that of arrests known to be of each."""
        said = {name: layer.share for name, layer in self.layers.items()}
        known = [share for share in said.values() if share is not None]
        if not known and not self.of_arrests:
            said["home"], known = HOME_SHARE, [HOME_SHARE]
        return {name: 1 - known[0] if share is None and known else share for name, share in said.items()}


def read_demand_input(tables: Mapping[str, Any], folder: Path, *, periods: int | None = 1) -> DemandInput:
    """The demand that a scenario's tables ask for.

    periods  of the week, as many as there must be rates; None where they are not known

    Raises InputError with every fault.
    """
    demand = Given(tables, "", folder).table("demand")
    layered = any(name in demand for name in LAYERS)
    if layered:
        demand.only(KEYS)
        demand.without_effect([key for key in KEYS if key not in READ_WITH["layers"]], "layers")
    made = _layered(demand, periods) if layered else _one(demand, KEYS)
    raise_faults(demand.faults)
    return made


def _layered(demand: Given, periods: int | None) -> DemandInput:
    """Home and public, each made in its own way."""
    for name in LAYERS:
        if name not in demand:
            demand.fault(f"demand.{name} is missing; expected both [demand.home] and [demand.public]")
    tables = {name: demand.table(name) for name in LAYERS if name in demand}
    layers = {name: _layer(table, periods) for name, table in tables.items()}
    shares = [layer.share for layer in layers.values() if layer.share is not None]
    if len(shares) == len(LAYERS) and abs(sum(shares) - 1) > 1e-9:
        demand.fault(f"demand.home.share and demand.public.share add up to {sum(shares):g}; expected 1")
    judge = demand.choice("judge", JUDGES, "folds")
    made = DemandInput(Input("layers"), judge=judge, per_year=demand.number_or_none("per_year"), layers=layers)  # type: ignore[arg-type]
    if "judge" in demand and not made.of_arrests:
        demand.fault("demand.judge has no effect unless both layers are made from arrests; expected it left out")
    return made


def _layer(table: Given, periods: int | None) -> DemandInput:
    whole = ("per_year", "judge")
    for key in whole:
        if key in table:
            table.fault(f"{table.name(key)} has no effect in a layer; expected demand.{key}, for all layers together")
    own = {key: value for key, value in table.values.items() if key not in (*LAYER_KEYS, *whole)}
    keys = [key for key in KEYS if key not in READ_WITH["layers"]]
    made = _one(Given(own, table.where, table.folder, table.faults), keys, more=LAYER_KEYS)
    share = table.part("share") if "share" in table else None
    if share == 1:
        table.wrong("share", share, "below 1, since there is another layer")
    return replace(made, share=share, rates=_rates(table, periods))


def _rates(table: Given, periods: int | None) -> tuple[float, ...] | None:
    """Arrests per hour of a layer in each period of the week."""
    if "rates" not in table:
        return None
    if periods == 1:
        table.fault(f"{table.name('rates')} has no effect without [hours]; expected it left out")
        return None
    rates = table.values["rates"]
    good = isinstance(rates, list) and all(is_number(rate) and 0 <= rate < 1e12 for rate in rates) and any(rates)
    if not good or periods not in (None, len(rates)):
        count = f"{periods} numbers" if periods else "numbers"
        table.wrong("rates", rates, f"{count}, one for each period of the week, not all 0")
        return None
    return tuple(float(rate) for rate in rates)


def _one(table: Given, keys: Any, more: tuple[str, ...] = ()) -> DemandInput:
    """Demand made in one way."""
    table.only([*keys, *more])
    origin = _origin(table)
    if not origin:
        return DemandInput(Input("none"))
    table.without_effect([key for key in keys if key not in READ_WITH[origin]], _beside(table, origin))
    if origin == "buildings":
        given = Input("buildings", population=table.number_or_none("population"))
    elif origin == "rasters":
        given = Input("rasters", source=table.text("source"), licence=table.text("licence"))
    else:
        given = table.file(origin)
    smoothing = table.choice("smoothing", SMOOTHINGS, "auto")
    if smoothing == "none":
        table.without_effect(["people"], 'smoothing = "none"')
    return DemandInput(
        given,
        per_100k=table.number_or_none("arrests_per_100k"),
        incidence=_incidence(table),
        rasters=_rasters(table),
        smoothing=smoothing,  # type: ignore[arg-type]
        people=_people(table),
        judge=table.choice("judge", JUDGES, "folds"),  # type: ignore[arg-type]
        per_year=table.number_or_none("per_year"),
    )


def _beside(table: Given, origin: str) -> str:
    return f'{table.name("from")} = "{origin}"' if origin in ORIGINS else table.name(origin)


def _origin(table: Given) -> str:
    """In which way it is made; "" where that is not said, or said twice."""
    named = [key for key in ("file", "rasters", "from") if key in table]
    if named == ["file", "from"] and table.values["from"] in ("arrests", "visitors"):
        return str(table.values["from"])
    if named == ["from"] and table.values["from"] == "buildings":
        return "buildings"
    if named in (["file"], ["rasters"]):
        return named[0]
    where = table.where
    if "from" in table and table.values["from"] not in ORIGINS:
        table.wrong("from", table.values["from"], f"one of {', '.join(ORIGINS)}")
    elif named == ["from"]:
        table.fault(f'{where}.from = "{table.values["from"]}" needs a file; expected {where}.file')
    else:
        told = " and ".join(named) or "nothing"
        table.fault(
            f'{where}: {told} given; expected either {where}.file, {where}.rasters or {where}.from = "buildings"'
        )
    return ""


def _incidence(table: Given) -> Incidence | None:
    """A table of incidence: the name of one that ships, or a TOML file beside the scenario."""
    if "incidence" not in table:
        return None
    name = table.text("incidence")
    known = sorted(path.stem for path in shipped("incidence").glob("*.toml"))
    if not name.endswith(".toml") and name not in known:
        table.wrong("incidence", name, f"a TOML file, or one of {', '.join(known)}")
        return None
    try:
        return read_incidence(table.folder / name if name.endswith(".toml") else name)
    except InputError as error:
        table.faults.extend(f"{table.name('incidence')}: {fault}" for fault in error.faults)
        return None


def _rasters(table: Given) -> tuple[Path, ...]:
    names = table.values.get("rasters", [])
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
        or ("rasters" in table) > len(names)
    ):
        table.wrong("rasters", names, 'files such as ["chn_f_60_2020.tif", "chn_m_60_2020.tif"]')
        return ()
    return tuple(table.beside("rasters", name) for name in names)


PEOPLE_KEYS = ("file", "crs", "sheet", "columns")


def _people(table: Given) -> Input | None:
    """What smoothing may follow: a file that names its own system, a table { file, crs ... }, or "buildings"."""
    people = table.values.get("people")
    if people is None:
        return None
    if people == "buildings":
        return Input("buildings")
    inside = Given(
        {"file": people} if isinstance(people, str) else people, table.name("people"), table.folder, table.faults
    )
    if not isinstance(inside.values, dict) or "file" not in inside:
        table.wrong("people", people, '"buildings", a file, or such as { file = "population.csv", crs = "wgs84" }')
        return None
    inside.only(PEOPLE_KEYS)
    return inside.file()
