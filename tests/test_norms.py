"""Norms are judged clause by clause: met, short by how many and where, or cannot be judged because something is missing."""

import re
from datetime import date
from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import small_outcome
from worlds import draw, lonlat

from aedplan.cli import main
from aedplan.errors import InputError
from aedplan.norms.norms import SURE, Finding, check_norm, finding_lines, finding_sheets, read_norm, shipped_norms
from aedplan.norms.rules import RULES, Place
from aedplan.norms.stock import Stock, hosts, read_people, stock_of
from aedplan.sites import Sites
from aedplan.source import Source
from aedplan.tables.columns import shipped

MADE_UP = (Source("aedplan tests"),)


def sites(xy: object, labels: list[str], kinds: list[str] | None = None, *, prefix: str = "s") -> Sites:
    """Places of the drawing board, in metres."""
    return Sites(
        lonlat(xy),
        tuple(f"{prefix}{n}" for n in range(len(labels))),
        MADE_UP,
        label=tuple(labels),
        kind=tuple(kinds or ["other"] * len(labels)),
    )


def found(norm: str, clause: str, stock: Stock) -> Finding:
    (finding,) = (one for one in check_norm(read_norm(norm), stock) if one.clause.id == clause)
    return finding


NOWHERE = sites(np.zeros((0, 2)), [])


# profiles


def test_every_shipped_norm_is_complete_and_every_kind_of_clause_is_used():
    used = set()
    for name in shipped_norms():
        norm = read_norm(name)
        assert norm.name == name
        assert norm.source
        for clause in norm.clauses:
            used.add(clause.rule)
            assert clause.sure in SURE
            assert clause.source
            assert re.search("[\u4e00-\u9fff]", clause.text.zh)
            assert clause.text.en.isascii()
    assert used == set(RULES)
    assert {"guangzhou-2024", "shenzhen-2023", "hangzhou-2022", "shanghai-2025", "jinjiang-2025"} <= set(
        shipped_norms()
    )


NUMBERS = {
    ("guangzhou-2024", "stadium-floors"): {"kinds": ["sport"], "at_least": 1, "extra_per_m2": 40000},
    ("guangzhou-2024", "trained-10"): {"column": "trained", "at_least": 10},
    ("guangzhou-2024", "daily-check"): {"column": "checked_on", "days": 1},
    ("shenzhen-2023", "class-1"): {
        "kinds": ["transport", "sport", "health", "care", "school"], "metres": 300, "measure": "line"
    },
    ("shenzhen-2023", "class-2"): {"kinds": ["hotel", "culture", "compound"], "metres": 600, "measure": "line"},
    ("shanghai-2025", "density"): {"at_least": 50, "per": 100000},
    ("shanghai-2025", "compounds"): {"kinds": ["compound"], "from": {"residents": 1000}, "at_least": 1},
    ("jinjiang-2025", "density"): {"at_least": 1, "per": 10000},
    ("jinjiang-2025", "certified"): {"at_least": 0.02},
    ("hainan-2023", "density"): {"at_least": 100, "per": 100000},
}  # fmt: skip


def test_the_numbers_of_the_clauses_are_those_of_their_sources():
    for (norm, id), numbers in NUMBERS.items():
        (clause,) = (clause for clause in read_norm(norm).clauses if clause.id == id)
        assert dict(clause.numbers) == numbers


def test_a_norm_of_ones_own_is_read_and_every_fault_of_it_named(tmp_path):
    text = (shipped("norms") / "jinjiang-2025.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert read_norm(path) == read_norm("jinjiang-2025")
    bad = text.replace("per = 10000", "pre = 10000").replace('rule = "certified_share"', 'rule = "certified"')
    path.write_text(
        bad.replace('sure = "P"', 'sure = "X"', 1).replace('column = "trained"', 'column = "rained"'), "utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_norm(path)
    message = str(caught.value)
    for words in (
        "clause density.pre is not a setting; did you mean per?",
        "clause density: per is missing",
        "clause density.sure is 'X'; expected one of P, S, C, K, M",
        "clause certified.rule is 'certified'; expected one of per_people",
        "'rained' is no field of data/columns.toml",
    ):
        assert f"own.toml: {words}" in message or words in message, message
    with pytest.raises(InputError, match="'guangzou' is not known; known: guangzhou-2024"):
        read_norm("guangzou")


# per head


@given(st.integers(0, 400), st.integers(1, 3_000_000))
def test_a_density_is_short_by_the_devices_that_bring_it_to_the_number(count, people):
    devices = sites(np.zeros((count, 2)), ["x"] * count)
    finding = found("jinjiang-2025", "density", Stock(devices, population=float(people)))
    need = -(-people // 10_000)
    assert (finding.judged.need, finding.judged.short) == (need, max(0, need - count))
    assert finding.state == ("short" if count * 10_000 < people else "met")


def test_certified_people_are_judged_by_share_and_named_when_missing():
    assert found("jinjiang-2025", "certified", Stock(NOWHERE, population=180_000.0, certified=3_600.0)).state == "met"
    short = found("jinjiang-2025", "certified", Stock(NOWHERE, population=180_000.0, certified=3_000.0))
    assert (short.state, short.judged.short, short.said.en) == (
        "short",
        600,
        "short by 600 people (3,000 of 3,600 people)",
    )
    unknown = found("jinjiang-2025", "certified", Stock(NOWHERE))
    assert unknown.state == "unknown"
    assert unknown.said.zh == "无法判断；缺少：人口（--population）、持证救护员人数（人口表的一列）"


# per venue and per floor


HALLS = sites([(0, 0), (1000, 0), (2000, 0), (3000, 0)], ["甲馆", "乙馆", "丙馆", "丁馆"], ["sport"] * 4, prefix="v")


def test_floors_and_their_area_give_the_number_of_devices():
    floors, area = ("2", "1", "3", ""), ("50000", "40000", "", "90000")
    devices = sites([(5, 0), (1005, 0), (1006, 0), (3001, 0)], ["a", "b", "c", "d"])
    stock = Stock(devices, venues=HALLS, of_venue={"floors": floors, "floor_area": area})
    finding = found("guangzhou-2024", "stadium-floors", stock)
    # 甲 2 floors of 50,000 m2: 2 each; 乙 1 floor of exactly 40,000: 1; 丙 at least 3; 丁 at least one floor with 1 + 2
    assert finding.judged.need == 4 + 1 + 3 + 3
    assert {place.label: place.why.en for place in finding.judged.where} == {
        "甲馆": "has 1, needs 4, lacks 3",
        "丙馆": "has 0, needs 3, lacks 3",
        "丁馆": "has 1, needs 3, lacks 2",
    }
    assert finding.said.en.startswith("short by at least 8 devices (3 of 11 devices); missing: ")
    assert "floor_area (a column) of 1 place" in finding.said.en
    assert "楼层数（列）" in finding.said.zh


@given(st.integers(1, 5), st.floats(1, 400_000))
def test_every_begun_forty_thousand_square_metres_beyond_the_first_need_one_more(floors, area):
    hall = sites([(0, 0)], ["馆"], ["sport"])
    stock = Stock(NOWHERE, venues=hall, of_venue={"floors": (str(floors),), "floor_area": (repr(area),)})
    extra = sum(1 for n in range(1, 11) if area > 40_000 * n)
    assert found("guangzhou-2024", "stadium-floors", stock).judged.need == floors * (1 + extra)


def test_compounds_count_from_a_thousand_residents_on_and_unknown_ones_are_said_to_be_missing():
    homes = sites([(0, 0), (500, 0), (1000, 0)], ["大院", "小院", "某院"], ["compound"] * 3)
    stock = Stock(NOWHERE, venues=homes, of_venue={"residents": ("１,000", "999", "")})
    finding = found("shanghai-2025", "compounds", stock)
    assert [place.label for place in finding.judged.where] == ["大院"]
    assert finding.judged.missing[0].en == "residents (a column) of 1 place"
    met = Stock(sites([(3, 0)], ["门岗"]), venues=homes, of_venue={"residents": ("1000", "999", "10")})
    assert found("shanghai-2025", "compounds", met).state == "met"


def test_a_clause_of_venues_there_are_none_of_does_not_apply_and_without_a_list_cannot_be_judged():
    assert found("guangzhou-2024", "metro", Stock(NOWHERE, venues=HALLS)).state == "none"
    finding = found("guangzhou-2024", "metro", Stock(NOWHERE))
    assert (finding.state, finding.said.en) == ("unknown", "cannot be judged; missing: a list of venues (--venues)")


def test_words_in_a_name_pick_the_venues_meant():
    stations = sites([(0, 0), (900, 0)], ["地铁示例站", "示例客运站"], ["transport"] * 2)
    finding = found("guangzhou-2024", "metro", Stock(NOWHERE, venues=stations))
    assert [place.label for place in finding.judged.where] == ["地铁示例站"]


# where a device hangs


def test_a_device_hangs_where_its_table_says_or_its_name_or_its_place():
    venues = sites(
        [(0, 0), (600, 0), (20, 0), (5000, 0)],
        ["中心小学", "中心小学", "隔壁超市", "体育馆"],
        ["school"] * 4,
        prefix="v",
    )
    devices = sites(
        [(580, 30), (25, 0), (150, 0), (4000, 0), (4980, 0), (2500, 0)],
        ["中心小学", "无名", "中心小学教学楼一层", "中心小学", "某设备", "孤零零"],
    )
    stock = Stock(devices, {"host": ("", "", "", "v3", "", "")}, venues)
    assert hosts(stock).tolist() == [1, 2, 0, 3, 3, -1]


# distances


SPOTS = st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), min_size=1, max_size=8)


@given(SPOTS, SPOTS)
def test_a_radius_in_a_straight_line_is_that_of_the_drawing_board(here, there):
    stock = Stock(
        sites(there, ["x"] * len(there)),
        venues=sites(here, [f"校{n}" for n in range(len(here))], ["school"] * len(here)),
    )
    metres = [min(hypot(x - a, y - b) for a, b in there) for x, y in here]
    if any(abs(m - 300) < 0.1 for m in metres):
        return
    finding = found("shenzhen-2023", "class-1", stock)
    assert {place.label for place in finding.judged.where} == {f"校{n}" for n, m in enumerate(metres) if m > 300}
    assert finding.judged.short == sum(m > 300 for m in metres)


def test_a_circle_along_streets_is_judged_along_streets_and_needs_them():
    # a street that goes 200 m east and 200 m back north: 50 m apart in a straight line, 450 m on foot
    streets = draw([(0, 0), (200, 0), (200, 50), (0, 50)], [[0, 1, 2, 3]]).streets
    venues, device = sites([(0, 50)], ["小学"], ["school"]), sites([(0, 0)], ["x"])
    finding = found("guangzhou-2024", "reach-5-min", Stock(device, venues=venues, streets=streets))
    assert finding.judged.where == (Place("s0", "小学", finding.judged.where[0].why),)
    assert finding.judged.where[0].why.en in ("the nearest device is 450 m away", "the nearest device is 451 m away")
    finding = found("guangzhou-2024", "reach-5-min", Stock(device, venues=venues))
    assert finding.judged.missing[0].en == "streets (--streets)"
    nobody = found("shenzhen-2023", "class-1", Stock(NOWHERE, venues=venues))
    assert nobody.judged.where[0].why.zh == "走不到任何设备"


# each device


def test_cabinets_that_are_locked_or_want_a_scan_are_named_and_unknown_ones_counted():
    cells = ("open", "扫码开启", "不上锁", "已上锁", "", "是", "否", "Locked", "无需扫码")
    devices = sites(np.zeros((len(cells), 2)), [f"设备{n}" for n in range(len(cells))])
    finding = found("guangzhou-2024", "no-lock-no-scan", Stock(devices, {"cabinet": cells}))
    assert [place.label for place in finding.judged.where] == ["设备1", "设备3", "设备5", "设备7"]
    assert finding.judged.have == 4
    assert finding.judged.missing[0].zh == "1 处的箱体（列）"


def test_trained_people_and_drills_are_numbers_and_words_in_their_place_are_missing():
    devices = sites(np.zeros((4, 2)), ["a", "b", "c", "d"])
    finding = found("guangzhou-2024", "trained-10", Stock(devices, {"trained": ("１０", "9", "很多", "12")}))
    assert [place.label for place in finding.judged.where] == ["b"]
    assert (finding.judged.have, finding.judged.missing[0].en) == (2, "trained (a column) of 1 place")


def test_a_check_is_as_old_as_the_day_that_counts_as_today_says_and_one_from_the_future_says_nothing():
    cells = ("2026-11-22", "2026/11/21", "2026年11月20日", "2026-11-23", "昨天", "２０２６－１１－２２")
    devices = sites(np.zeros((len(cells), 2)), [f"设备{n}" for n in range(len(cells))])
    finding = found("guangzhou-2024", "daily-check", Stock(devices, {"checked_on": cells}, on=date(2026, 11, 22)))
    assert [place.label for place in finding.judged.where] == ["设备2"]
    assert (finding.judged.have, finding.judged.missing[0].en) == (3, "checked_on (a column) of 2 places")


def test_what_is_not_known_never_counts_as_met():
    for name in shipped_norms():
        for finding in check_norm(read_norm(name), Stock(NOWHERE)):
            assert finding.state != "met" or finding.judged.need is not None
        states = {finding.state for finding in check_norm(read_norm(name), Stock(sites([(0, 0)], ["x"])))}
        assert states == {"unknown"}


# a plan


def test_a_plan_is_judged_with_its_devices_its_sites_and_its_people():
    outcome = small_outcome()
    stock = stock_of(outcome)
    assert len(stock.devices) == outcome.sites.standing.sum() + len(outcome.plan.chosen)
    assert stock.venues is outcome.sites
    assert stock.streets is outcome.streets
    held = hosts(stock)
    assert held.tolist() == [*np.flatnonzero(outcome.sites.standing), *outcome.plan.chosen]
    known = stock_of(outcome, population=123.0)
    assert known.population == 123.0


def test_people_of_the_demo_county_are_those_of_its_table():
    assert read_people(shipped("demo/population.csv")) == (180_000.0, None)


# the command


def write_list(folder):
    path = folder / "devices.csv"
    path.write_text(
        "编号,名称,经度,纬度,箱体,培训人数,最近检查\n"
        "D1,示例县汽车客运站,118.398774,24.970201,open,12,2026-11-22\n"
        "D2,示例站,118.400399,24.981684,扫码,8,2026-11-01\n",
        encoding="utf-8",
    )
    return str(path)


def test_the_command_judges_a_table_clause_by_clause_chinese_first(tmp_path, capsys):
    arguments = ["check", write_list(tmp_path), "--crs", "wgs84", "--norm", "guangzhou-2024", "--on", "2026-11-22"]
    assert main([*arguments, "--venues", str(shipped("demo/county.osm.gz")), "--report", str(tmp_path / "r.xlsx")]) == 0
    printed = capsys.readouterr().out
    zh, en = (printed.index(words) for words in ("广州市公共场所自动体外除颤器", "Guangzhou, configuration of AEDs"))
    assert zh < en
    assert "[不足：缺 1 台（1 / 2 台）] 保护外箱" in printed
    assert "[short by 1 device (1 of 2 devices)] The cabinet" in printed
    assert "示例站 (D2)：登记为 '扫码' / says '扫码'" in printed
    assert "[无法判断；缺少：演练次数（列）]" in printed
    assert "每个养老服务机构至少配置1台" in printed
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames[:2] == ["规范 norm", "不足之处 where"]
    assert book["规范 norm"].max_row == 13
    assert "trained-10" in [row[0].value for row in book["不足之处 where"].iter_rows(min_row=2)]


def test_the_command_takes_people_as_a_number_or_a_table_and_lists_norms(tmp_path, capsys):
    arguments = ["check", write_list(tmp_path), "--crs", "wgs84", "--norm", "jinjiang-2025"]
    for people in ("180000", "18万", str(shipped("demo/population.csv"))):
        code = main([*arguments, "--population", people])
        assert code == (2 if people == "18万" else 0)
        if code == 0:
            assert "[short by 16 devices (2 of 18 devices)]" in capsys.readouterr().out
    assert main(["check", "list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in shipped_norms())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--norm", "nowhere"],
        ["--on", "soon", "--norm", "jinjiang-2025"],
        ["--norm", "jinjiang-2025", "--population", "-3"],
    ],
)
def test_wrong_options_are_refused_with_2_and_nothing_printed(arguments, tmp_path, capsys):
    assert main(["check", write_list(tmp_path), "--crs", "wgs84", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("aedplan: 输入有误")


def test_the_sheets_hold_every_place_and_the_screen_says_how_many_more():
    count = 25
    venues = sites([(n * 500, 0) for n in range(count)], [f"小学{n}" for n in range(count)], ["school"] * count)
    norm, stock = read_norm("guangzhou-2024"), Stock(NOWHERE, venues=venues)
    findings = check_norm(norm, stock)
    assert len([row for row in finding_sheets(findings)["不足之处 where"][1] if row[0] == "school"]) == count
    lines = finding_lines(norm, stock, findings)
    assert "    …另有 15 处 / 15 more" in lines


def test_a_list_of_venues_with_rows_that_cannot_be_read_is_refused_as_its_clauses_would_be_misjudged(tmp_path, capsys):
    path = tmp_path / "venues.csv"
    path.write_text("名称,类别,经度,纬度,楼层数\n体育馆,体育馆,118.39,24.97,2\n小学,学校,,,1\n", encoding="utf-8")
    arguments = ["check", write_list(tmp_path), "--crs", "wgs84", "--norm", "guangzhou-2024", "--venues", str(path)]
    assert main(arguments) == 2
    assert "第 3 行（小学）：没有坐标" in capsys.readouterr().err


def test_the_folder_of_a_finished_plan_is_checked_like_a_table(tmp_path, capsys):
    small_outcome().save(tmp_path / "out")
    assert main(["check", str(tmp_path / "out"), "--norm", "jinjiang-2025", "--population", "60000"]) == 0
    assert "[short by 1 device (5 of 6 devices)] 1 device per 10,000 people" in capsys.readouterr().out
    assert main(["check", str(tmp_path), "--norm", "jinjiang-2025"]) == 2


def test_the_command_shows_back_what_was_understood_of_opening_hours(tmp_path, capsys):
    import openpyxl

    path = tmp_path / "devices.csv"
    path.write_text(
        "名称,经度,纬度,开放时间\n车站,118.39,24.97,周一至周五 8:00-17:00\n某处,118.38,24.96,看情况\n某地,118.37,24.96,\n",
        encoding="utf-8",
    )
    assert main(["check", str(path), "--crs", "wgs84", "--report", str(tmp_path / "r.xlsx")]) == 0
    printed = capsys.readouterr().out
    assert "开放时间：2 条中看懂 1 条，没看懂 1 条，另有 1 条没有填写" in printed
    assert "第 3 行（某处）/ row 3：'看情况'" in printed
    rows = list(openpyxl.load_workbook(tmp_path / "r.xlsx")["开放时间 hours"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows] == ["Mo-Fr 08:00-17:00", None, None]
