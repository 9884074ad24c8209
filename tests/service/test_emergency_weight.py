"""What the page of an emergency weighs on a poor network, and how soon it shows the nearest device there."""

import datetime as dt
import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser import chromium, opened
from databases import SqliteFiles
from slow_phone import nearest_after, slow_down
from strangers import STATION, river_town
from town import at

from service.public.cards import Card
from service.public.now import PublicList
from service.public.state import Condition, ReadyStep
from service.public.words import Words

__all__ = ["chromium"]

MOST_BYTES = 150_000
SOON_MS = 1500
SURNAMES = "柳城溪美官桥水头石井洪濑康美诗山码头金淘仑苍梅山东田英都翔云眉乐峰向阳"
VENUES = ("汽车站", "中心小学", "卫生院", "购物广场", "社区服务中心", "体育馆")
HOURS = ("24/7", "06:00-22:00", "Mo-Fr 08:00-12:00,14:30-17:30", "Mo-Su 09:00-21:30", "")


def county(count: int) -> list[Card]:
    """So many devices with names, places and hours as real ones have them."""
    rng = np.random.default_rng(7)
    cards = []
    for number in range(count):
        name = "".join(rng.choice(list(SURNAMES), 3)) + VENUES[number % len(VENUES)]
        lon, lat = at(*rng.uniform(-9, 9, 2))
        ready = ReadyStep(dt.date.min, True, Words("", ""))
        cards.append(
            Card(
                id=f"D{number:04d}K", code=f"D{number:04d}K", label=name, kind="other", kind_zh="其他", lon=lon, lat=lat,
                condition=Condition((ready,), None, HOURS[number % len(HOURS)]), town=f"{name[:2]}镇",
                place_zh=f"{number % 5 + 1} 楼 {name[:2]}厅服务台左侧墙上", place_en="", level=str(number % 5 + 1),
                phone=f"0595-8{number:07d}", checked_on="2026-11-20", photo="0f3a5b7c9d1e", initials="abc",
            )
        )  # fmt: skip
    return cards


class Drawer:
    """Records that never change."""

    written = 0

    def __init__(self, cards: list[Card]) -> None:
        self.cards = cards

    def stamp(self) -> str:
        return "1"

    def read(self, at: dt.datetime) -> tuple[str, list[Card]]:
        return "1", self.cards


def weigh(client, path: str) -> dict[str, int]:
    """Bytes of the body of a page and of everything it asks for at first, compressed as they travel."""
    page = client.get(path)
    addresses = set(re.findall(r'(?:src|href)="((?:/static/|/favicon|/app\.)[^"]*)"', page.text))
    asked = [path, *sorted(addresses), "/api/v1/places"]
    replies = {one: client.get(one, headers={"accept-encoding": "gzip"}) for one in asked}
    assert all(reply.status_code == 200 for reply in replies.values())
    return {urlsplit(one).path: int(reply.headers["content-length"]) for one, reply in replies.items()}


@pytest.mark.parametrize("count", [12, 500])
def test_the_first_load_stays_below_150_kilobytes(client_of, folder, tmp_path, count, capsys):
    client = client_of(folder)
    public = client.app.state.public
    try:
        client.app.state.public = PublicList(client.app.state.shelf.current, tmp_path, Drawer(county(count)))
        found = {path: weigh(client, path) for path in ("/", "/?lang=en", f"/d/{county(1)[0].code}")}
    finally:
        client.app.state.public = public
    for path, parts in found.items():
        with capsys.disabled():
            print(f"\n{count} devices, {path}: {sum(parts.values()):,} bytes, the page {next(iter(parts.values())):,}")
        assert sum(parts.values()) < MOST_BYTES


def test_the_nearest_is_shown_soon_after_the_position_on_a_slow_network_and_phone(
    chromium, tmp_path, sqlite_files: SqliteFiles, capsys
):
    with (
        river_town(tmp_path, sqlite_files) as address,
        opened(chromium, "about:blank", size="phone", permissions=["geolocation"]) as seen,
    ):
        page = seen.page
        slow_down(page)
        page.goto(address)
        listed, took = nearest_after(page, at(5.0, 0.0))
        assert page.locator(".near .first").get_attribute("data-code") == STATION
        assert seen.complaints == []
    with capsys.disabled():
        print(
            f"\n400 kbit/s, 400 ms, a quarter of the processor: list after {listed:.0f} ms, nearest {took:.0f} ms after"
        )
    assert took <= SOON_MS
