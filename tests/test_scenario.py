"""A scenario says everything in one file, and every fault of it comes at once."""

from pathlib import Path

import pytest
from counties import SCENARIO, write_county

from aedplan.errors import InputError
from aedplan.scenario.scenario import Scenario


def faults(text: str, folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        Scenario.parse(text, folder=folder, file="study.toml")
    return str(caught.value)


def test_a_scenario_is_read_with_its_defaults(tmp_path: Path) -> None:
    scenario = Scenario.read(write_county(tmp_path))
    assert (scenario.name, scenario.title_zh, scenario.devices, scenario.budget_rmb) == ("small", "小县", 2, None)
    assert (scenario.circle.name, scenario.method, scenario.seconds, scenario.gap) == ("walk-4", "exact", 30.0, 0.0)
    assert scenario.streets.file == tmp_path / "streets.osm"
    assert scenario.demand.arrests_per_100k == 97.1
    assert scenario.text == SCENARIO


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "data" / "scenarios").glob("*.toml")))
def test_every_shipped_scenario_can_be_read(path: Path) -> None:
    if "shared" in path.read_text(encoding="utf-8") and not (path.parents[3] / "shared").exists():
        pytest.skip("../shared/data is not beside this checkout")
    assert Scenario.read(path).name == path.stem


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("devices = 2", "devises = 2", "plan.devises is not a setting; did you mean devices? known: devices, budget_rmb"),
        ("devices = 2", "devices = 0", "plan.devices is 0; expected a whole number, 1 or more"),
        ("devices = 2", "devices = -1", "plan.devices is -1"),
        ("devices = 2", "devices = 2.5", "plan.devices is 2.5"),
        ("devices = 2", "devices = true", "plan.devices is True"),
        ("devices = 2", "budget_rmb = 0", "plan.budget_rmb is 0; expected a number above 0"),
        ("devices = 2", "devices = 2\nbudget_rmb = 5", "plan: devices and budget_rmb given; expected either"),
        ("devices = 2", "", "plan: neither given; expected either devices or budget_rmb"),
        ("devices = 2", 'devices = 2\nmethod = "magic"', "plan.method is 'magic'; expected one of greedy, exact"),
        ("devices = 2", "devices = 2\nseconds = nan", "plan.seconds is nan"),
        ("devices = 2", "target = 0", "plan.target is 0; expected a number above 0"),
        ("devices = 2", "target = 80", "plan.target is 80; expected above 0, at most 1"),
        ("devices = 2", "devices = 2\nbackup = 1.5", "plan.backup is 1.5; expected above 0, at most 1"),
        ("devices = 2", "devices = 2\nspacing_m = -3", "plan.spacing_m is -3; expected a number above 0"),
        ("devices = 2", "devices = 2\niterations = 0.5", "plan.iterations is 0.5; expected a whole number, 1 or more"),
        ("devices = 2", "devices = 2\nseed = -1", "plan.seed is -1; expected a whole number, 0 or more"),
        ("devices = 2", "devices = 2\n[plan.quotas]\nschol = {minimum=1}", "plan.quotas.schol is not a setting; did"),
        ("devices = 2", "devices = 2\n[plan.quotas]\nschool = {minimum=3, maximum=2}", "plan.quotas.school: minimum 3"),
        ("devices = 2", "devices = 2\n[circle]\nminuets = 4", "circle.minuets is not a setting; did you mean minutes?"),
        ("devices = 2", 'devices = 2\n[circle]\nname = "walk-5"', "circle 'walk-5' is not known"),
        ("[streets]", "[street]", "street is not a setting; did you mean streets?"),
        ("streets.osm", "nowhere.osm", "streets.file: there is no 'nowhere.osm' beside the scenario"),
        ('file = "streets.osm"', "", "streets: nothing given; expected either streets.file or streets.place"),
        ('crs = "wgs84"', 'crs = "gps"', "demand.crs is 'gps'; expected one of wgs84, gcj02, bd09"),
        ('name = "small"', 'name = "a/b"', "name is 'a/b'; expected letters"),
        ('file = "candidates.csv"', 'from = "osm"\nkinds = ["pub"]', "candidates.kinds: ['pub'] not known"),
        ("[demand]", "[demand]\narrests_per_100k = -3", "demand.arrests_per_100k is -3"),
        ("[demand]", "demand = 3\n[demandx]", "demand is 3; expected a table [demand]"),
    ],
)  # fmt: skip
def test_what_a_scenario_may_not_say_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    write_county(tmp_path)
    assert old in SCENARIO
    text = (
        "demand = 3\n" + SCENARIO.replace("[demand]", "[demandx]")
        if "demandx" in new
        else SCENARIO.replace(old, new, 1)
    )
    assert f"study.toml: {words}" in faults(text, tmp_path)


def test_all_faults_of_a_scenario_come_in_one_message(tmp_path: Path) -> None:
    write_county(tmp_path)
    text = (
        SCENARIO.replace("devices = 2", "devices = 0").replace("people.csv", "nobody.csv").replace("title_zh", "titel")
    )
    lines = faults(text, tmp_path).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("study.toml: ") for line in lines)


def test_a_file_that_is_no_toml_or_no_text_is_refused(tmp_path: Path) -> None:
    assert "study.toml: not TOML" in faults("name = ", tmp_path)
    path = tmp_path / "gbk.toml"
    path.write_bytes("name = '示例'".encode("gb18030"))
    with pytest.raises(InputError, match=r"gbk\.toml: is not UTF-8 text"):
        Scenario.read(path)
    with pytest.raises(InputError, match=r"none\.toml: there is no such file"):
        Scenario.read(tmp_path / "none.toml")
