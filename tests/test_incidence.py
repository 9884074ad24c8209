"""Rates by age and sex: tables that can be replaced, names of columns understood, ages neither twice nor missing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aedplan.errors import InputError
from aedplan.people.incidence import (
    OLDEST,
    UP_TO_THE_NEXT,
    AgeGroup,
    age_group,
    close_groups,
    group_faults,
    read_incidence,
)
from aedplan.tables.columns import shipped

SHIPPED = sorted(path.stem for path in shipped("incidence/shanghai-97.toml").parent.glob("*.toml"))


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("age_0_17", AgeGroup(0, 17)),
        ("age_60_plus", AgeGroup(60)),
        ("0-14岁", AgeGroup(0, 14)),
        ("15至59岁人口", AgeGroup(15, 59)),
        ("60岁及以上", AgeGroup(60)),
        ("６５岁以上人口数", AgeGroup(65)),
        ("18岁以下", AgeGroup(0, 17)),
        ("under 15", AgeGroup(0, 14)),
        ("80+", AgeGroup(80)),
        ("女 0-14岁", AgeGroup(0, 14, "female")),
        ("男性60岁及以上", AgeGroup(60, sex="male")),
        ("female_20_24", AgeGroup(20, 24, "female")),
        ("Male 85 and over", AgeGroup(85, sex="male")),
        ("f_60", AgeGroup(60, UP_TO_THE_NEXT, "female")),
        ("m_0", AgeGroup(0, UP_TO_THE_NEXT, "male")),
        ("population", None),
        ("人口", None),
        ("pop_2020", None),
        ("jobs_0_14", None),
        ("id", None),
        ("60", None),
        ("age_70_60", None),
        ("floors", None),
        ("经度", None),
    ],
)
def test_columns_are_understood_by_their_ages(name, group):
    assert age_group(name) == group


@given(cuts=st.sets(st.integers(1, OLDEST), max_size=8))
def test_groups_that_hold_everybody_once_have_no_fault(cuts):
    edges = [0, *sorted(cuts), OLDEST + 1]
    groups = [AgeGroup(low, high - 1) for low, high in pairwise(edges)]
    assert group_faults(groups, "here") == []
    if len(groups) > 1:
        assert group_faults(groups[1:], "here") != []
        assert group_faults([*groups, groups[0]], "here") != []


def test_groups_without_ends_end_where_the_next_begins():
    groups = close_groups(
        [AgeGroup(start, UP_TO_THE_NEXT, sex) for start, sex in ((0, "female"), (0, "male"), (5, "male"))]
    )
    assert groups == (AgeGroup(0, OLDEST, "female"), AgeGroup(0, 4, "male"), AgeGroup(5, OLDEST, "male"))


def test_one_sex_alone_is_not_everybody():
    assert "both sexes" in group_faults([AgeGroup(0, sex="male")], "here")[0]
    assert "together" in group_faults([AgeGroup(0), AgeGroup(0, sex="male")], "here")[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_table_that_ships_names_its_source_and_its_limits_in_two_languages(name):
    table = read_incidence(name)
    assert table.name == name
    assert table.sure in ("P", "M")
    assert all(
        len(text) > 10 for text in (table.source, table.title_zh, table.title_en, table.limits_zh, table.limits_en)
    )


def test_beijings_table_gives_back_what_it_printed():
    """244,000 men and 235,521 women had 86 and 98 deaths: 35.2 and 41.6 per 100,000."""
    table = read_incidence("beijing-2009")
    assert table.per_100k(AgeGroup(45, 54, "male")) == 9.8
    assert table.per_100k(AgeGroup(75, sex="female")) == pytest.approx(470.0)
    assert table.per_100k(AgeGroup(60, 64, "male")) == 78.4
    assert table.per_100k(AgeGroup(65, 74)) == pytest.approx((88.4 + 84.2) / 2)
    everybody = table.per_100k(AgeGroup(0))
    assert 25 < everybody < 50


@given(low=st.integers(0, 90), years=st.integers(0, 60))
def test_a_group_over_several_rates_lies_between_them(low, years):
    table = read_incidence("beijing-2009")
    group = AgeGroup(low, min(low + years, OLDEST), "male")
    inside = [
        rate for part, rate in table.rates.items() if part.sex == "male" and part.low <= group.high and part.high >= low
    ]
    assert min(inside) - 1e-9 <= table.per_100k(group) <= max(inside) + 1e-9


def test_older_people_have_more_arrests():
    table = read_incidence("beijing-2009")
    rates = [table.per_100k(AgeGroup(low, low + 9)) for low in (45, 55, 65, 75)]
    assert (np.diff(rates) > 0).all()


def test_a_table_of_ones_own_is_read_and_every_fault_told(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'name="own"\nsource="ours"\nsure="P"\nrates=[{from=0,to=59,all=10},{from=60,all=200.5}]', encoding="utf-8"
    )
    assert read_incidence(own).per_100k(AgeGroup(70)) == 200.5
    own.write_text('nam="own"\nsource="ours"\nrates=[{from=0,to=59,all=10}]', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_incidence(own)
    assert len(caught.value.faults) == 3
    own.write_text('name="o"\nsource="o"\nsure="P"\nrates=[{from=0,to=59,all=-1},{from="a",all=2}]', encoding="utf-8")
    with pytest.raises(InputError, match="entry 2"):
        read_incidence(own)
    with pytest.raises(InputError, match="does not come with"):
        read_incidence("nowhere-1900")
