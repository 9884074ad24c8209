"""[demand] says where demand comes from, in one way for each layer; what would be ignored is refused by name."""

from pathlib import Path

import pytest
from counties import SCENARIO, write_county

from aedplan.demand import HOME_SHARE
from aedplan.errors import InputError
from aedplan.scenario.scenario import Scenario

PLAIN = '[demand]\nfile = "people.csv"\ncrs = "wgs84"\n'
ARRESTS = '[demand]\nfrom = "arrests"\nfile = "people.csv"\ncrs = "wgs84"\n'
LAYERS = """[demand.home]
file = "people.csv"
crs = "wgs84"
[demand.public]
from = "visitors"
file = "candidates.csv"
crs = "wgs84"
"""


def parse(folder: Path, demand: str, *, plan: str = "", rest: str = "") -> Scenario:
    write_county(folder)
    assert PLAIN in SCENARIO
    text = SCENARIO.replace(PLAIN, demand).replace("devices = 2\n", f"devices = 2\n{plan}\n{rest}")
    return Scenario.parse(text, folder=folder, file="study.toml")


def faults(folder: Path, demand: str, **more: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(folder, demand, **more)
    return str(caught.value)


def test_arrests_are_read_with_their_defaults(tmp_path: Path) -> None:
    demand = parse(tmp_path, ARRESTS).demand
    assert (demand.given.origin, demand.smoothing, demand.judge, demand.people) == ("arrests", "auto", "folds", None)
    assert demand.given.file == tmp_path / "people.csv"
    assert demand.of_arrests
    assert not parse(tmp_path, PLAIN).demand.of_arrests


def test_people_for_smoothing_are_a_table_a_file_or_buildings(tmp_path: Path) -> None:
    people = parse(tmp_path, ARRESTS + 'people = { file = "people.csv", crs = "gcj02" }\n').demand.people
    assert people is not None
    assert (people.file, people.crs) == (tmp_path / "people.csv", "gcj02")
    assert parse(tmp_path, ARRESTS + 'people = "people.csv"\n').demand.people.crs is None  # type: ignore[union-attr]
    assert parse(tmp_path, ARRESTS + 'people = "buildings"\n').demand.people.origin == "buildings"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "home"), [("", HOME_SHARE), ("share = 0.6\n", 0.6)], ids=["share of the literature", "share as said"]
)
def test_the_share_of_one_layer_is_what_the_other_leaves(tmp_path: Path, said: str, home: float) -> None:
    shares = parse(tmp_path, LAYERS.replace("[demand.public]", f"{said}[demand.public]")).demand.shares()
    assert shares == {"home": pytest.approx(home), "public": pytest.approx(1 - home)}


def test_an_incidence_is_one_that_ships_or_a_file_of_ones_own(tmp_path: Path) -> None:
    own = 'name = "own"\nsource = "s"\nsure = "P"\nrates = [{ from = 0, all = 50.0 }]\n'
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    assert parse(tmp_path, PLAIN + 'incidence = "own.toml"\n').demand.incidence.name == "own"  # type: ignore[union-attr]
    told = parse(tmp_path, PLAIN + 'incidence = "beijing-2009"\n').demand.incidence
    assert told is not None
    assert told.name == "beijing-2009"


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        (PLAIN + "smothing = 1\n", "demand.smothing is not a setting; did you mean smoothing?"),
        (PLAIN + 'smoothing = "auto"\n', "demand.smoothing has no effect beside demand.file; expected it left out"),
        (PLAIN + 'judge = "folds"\n', "demand.judge has no effect beside demand.file"),
        (PLAIN + "share = 0.5\n", "demand.share is not a setting"),
        (PLAIN + 'incidence = "paris"\n', "demand.incidence is 'paris'; expected a TOML file, or one of beijing-2009"),
        (PLAIN + 'incidence = "no.toml"\n', "demand.incidence: no.toml: cannot be read"),
        (PLAIN + 'rasters = ["a.tif"]\n', "demand: file and rasters given; expected either demand.file"),
        ('[demand]\nrasters = ["a.tif"]\n', "demand.rasters: there is no 'a.tif' beside the scenario"),
        ("[demand]\nrasters = []\n", "demand.rasters is []; expected files such as"),
        ('[demand]\nfrom = "arrests"\n', 'demand.from = "arrests" needs a file; expected demand.file'),
        ('[demand]\nfrom = "deaths"\n', "demand.from is 'deaths'; expected one of buildings, arrests, visitors"),
        ('[demand]\nfrom = "buildings"\nfile = "people.csv"\n', "demand: file and from given; expected either"),
        ("[demand]\n", "demand: nothing given; expected either demand.file, demand.rasters or demand.from"),
        (ARRESTS + 'smoothing = "much"\n', "demand.smoothing is 'much'; expected one of auto, none"),
        (ARRESTS + 'judge = "jury"\n', "demand.judge is 'jury'; expected one of folds, later"),
        (ARRESTS + "per_year = -1\n", "demand.per_year is -1; expected a number above 0"),
        (ARRESTS + "population = 5\n", 'demand.population has no effect beside demand.from = "arrests"'),
        (ARRESTS + "people = 5\n", "demand.people is 5; expected \"buildings\", a file"),
        (ARRESTS + 'people = "nobody.csv"\n', "demand.people.file: there is no 'nobody.csv' beside the scenario"),
        (ARRESTS + 'people = { file = "people.csv", ages = 3 }\n', "demand.people.ages is not a setting"),
        (ARRESTS + 'smoothing = "none"\npeople = "people.csv"\n', 'demand.people has no effect beside smoothing = "none"'),
        (LAYERS.split("[demand.public]")[0], "demand.public is missing; expected both [demand.home] and [demand.public]"),
        ("[demand]\ncrs = 'wgs84'\n" + LAYERS, "demand.crs has no effect beside layers"),
        ("[demand]\njudge = 'later'\n" + LAYERS, "demand.judge has no effect unless both layers are made from arrests"),
        (LAYERS + "share = 1\n", "demand.public.share is 1.0; expected below 1"),
        (LAYERS.replace("[demand.public]", "share = 0.5\n[demand.public]\nshare = 0.6"), "add up to 1.1; expected 1"),
        (LAYERS + "per_year = 3\n", "demand.public.per_year has no effect in a layer; expected demand.per_year"),
        (LAYERS + "rates = [1, 2]\n", "demand.public.rates has no effect without [hours]; expected it left out"),
        (LAYERS + "visitors = 3\n", "demand.public.visitors is not a setting"),
        ("", "demand: nothing given"),
    ],
)  # fmt: skip
def test_what_demand_may_not_say_is_named(tmp_path: Path, demand: str, words: str) -> None:
    assert words in faults(tmp_path, demand)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ('objective = "lives"', "plan.objective is 'lives'; expected one of coverage, survival"),
        ('objective = "survival"\ncurve = "x-1"', "plan.curve is 'x-1'; expected one of larsen-1993, valenzuela-1997"),
        ('curve = "gold-2010"', 'plan.curve has no effect beside plan.objective = "coverage"'),
        ('objective = "survival"\ntarget = 0.5', 'plan.target has no effect beside plan.objective = "survival"'),
        ('objective = "survival"\nbackup = 0.5', 'plan.backup has no effect beside plan.objective = "survival"'),
    ],
)
def test_what_an_objective_may_not_say_is_named(tmp_path: Path, plan: str, words: str) -> None:
    assert words in faults(tmp_path, PLAIN, plan=plan)


def test_rates_are_as_many_as_periods(tmp_path: Path) -> None:
    rates = "rates = [1, 2, 3, 4, 5, 6]\n"
    assert parse(tmp_path, LAYERS + rates, rest="[hours]\n").demand.layers["public"].rates == (1, 2, 3, 4, 5, 6)
    told = faults(tmp_path, LAYERS + "rates = [1, 2]\n", rest="[hours]\n")
    assert "demand.public.rates is [1, 2]; expected 6 numbers" in told


def test_all_faults_of_the_layers_come_in_one_message(tmp_path: Path) -> None:
    text = LAYERS.replace("people.csv", "a.csv").replace('crs = "wgs84"', 'crs = "gps"') + "share = 2\n"
    assert len(faults(tmp_path, text).splitlines()) == 4
