"""The page of benchmarks, to which every benchmark writes its own section, and what the load on a service counts."""

import asyncio
import time
from asyncio import BaseTransport, Protocol, Transport, get_running_loop
from pathlib import Path
from typing import Any

import pytest
from bench.page import read_sections, write_section
from bench.service_load import Asked, Job, Load, percentile, run
from bench.table import Promise, measured_again, section


def test_a_section_is_replaced_and_the_others_keep_place_and_words(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    for title, text in (
        ("步行 Walks", "one\n\n### more\n\nof it"),
        ("布点 Placement", "two"),
        ("服务 Service", "three"),
    ):
        write_section(page, title, text)
    before = page.read_text(encoding="utf-8")
    write_section(page, "布点 Placement", "| a | b |\n|---|---|\n| 1 | 2 |\n")
    after = page.read_text(encoding="utf-8")
    assert after == before.replace("\ntwo\n", "\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert list(read_sections(page)) == ["步行 Walks", "布点 Placement", "服务 Service"]
    assert read_sections(page)["步行 Walks"] == "one\n\n### more\n\nof it\n"


def test_writing_the_same_section_twice_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    write_section(page, "Walks", "one")
    write_section(page, "Placement", "two")
    before = page.read_bytes()
    write_section(page, "Walks", "one")
    assert page.read_bytes() == before


@pytest.mark.parametrize(("title", "text"), [("Walks", "# big"), ("Walks", "x\n## inner\ny"), ("two\nlines", "x")])
def test_a_heading_that_would_end_the_section_is_refused(tmp_path: Path, title: str, text: str) -> None:
    with pytest.raises(ValueError, match="begin at ###"):
        write_section(tmp_path / "page.md", title, text)


def test_a_table_made_from_rows_fits_into_a_section_and_explains_what_is_missed(tmp_path: Path) -> None:
    rows = [Promise("fast", "speed", least=2).row(3.0, "a"), Promise("small", "size", most=2, unit=" B").row(9.0, "b")]
    text = section(rows, {"commit": "abc"}, "how it was measured", {"small": "too much in it"})
    write_section(tmp_path / "page.md", "Walks", text)
    body = read_sections(tmp_path / "page.md")["Walks"]
    assert "| speed | ≥ 2x | **3x** | 是 yes | a |" in body
    assert "| size | 9 B | too much in it |" in body
    assert "1 of 2 measured" in body
    assert "| speed | 3x |" not in body


def test_rows_measured_again_take_the_place_of_the_old_ones_with_their_reasons() -> None:
    fast, small, late = (
        Promise("fast", "speed", least=2),
        Promise("small", "size", most=2),
        Promise("late", "delay", most=1),
    )
    reasons = {"fast": "slow here", "small": "too much in it", "late": "a long way"}
    rows = [fast.row(1.0, "a"), small.row(9.0, "b"), late.row(5.0, "c")]
    old = section(rows, {"commit": "abc"}, "how", reasons)
    one = measured_again(old, [fast.row(3.0, "d")], reasons, "fast (def)")
    body, why = one.split("### 未达到的原因")
    assert body.index("| speed | ≥ 2x | **3x** | 是 yes | d |") < body.index("**9x**") < body.index("**5x**")
    assert "1 of 3 measured, 0 not" in body
    assert "measured again: fast (def), " in body
    assert [line.split(" | ")[0] for line in why.splitlines() if line.startswith("| ")][1:] == ["| size", "| delay"]
    two = measured_again(one, [late.row(0.5, "f")], reasons, "others (def)", {"size": "still too much"})
    assert "2 of 3 measured" in two
    assert "| size | 9x | still too much |" in two
    assert "a long way" not in two
    all_met = measured_again(two, [small.row(1.0, "g")], reasons, "small (def)")
    assert "未达到的原因" not in all_met
    with pytest.raises(ValueError, match="no row weight"):
        measured_again(old, [Promise("new", "weight", most=1).row(1.0, "x")], reasons, "new")


def test_a_percentile_is_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 201)]
    assert [percentile(values, share) for share in (0.0, 0.005, 0.5, 0.99, 0.995, 1.0)] == [1, 1, 100, 198, 199, 200]
    assert percentile(values[::-1], 0.99) == 198


class Server(Protocol):
    """Answers each request with its path; one that says so stalls the whole server."""

    def connection_made(self, transport: BaseTransport) -> None:
        assert isinstance(transport, Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        path = data.split(b" ")[1]
        if path == b"/stall":
            time.sleep(0.3)
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(path))
        self.transport.write(path)


async def loaded(paths: list[str], connections: int, **more: Any) -> Load:
    server = await get_running_loop().create_server(Server, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await run(Job(port, [({}, [Asked(path) for path in paths])] * connections, warm=0.0, **more))


def test_an_open_loop_counts_what_waits_behind_a_stall() -> None:
    load = asyncio.run(loaded(["/"] * 9 + ["/stall"] + ["/"] * 30, 1, seconds=0.4, rate=100.0))
    assert load.statuses == {200: 40}
    late = sum(waited > 0.05 for waited in load.waited)
    assert late >= 20, "all that was due during the stall waited for its end, whoever had a connection to ask on"


def test_a_closed_loop_asks_again_once_it_is_answered() -> None:
    load = asyncio.run(loaded(["/a", "/b"], 3, seconds=0.2))
    assert set(load.statuses) == {200}
    assert len(load.waited) == sum(load.statuses.values()) > 10
    assert load.rate == pytest.approx(len(load.waited) / load.seconds)


def test_a_connection_that_breaks_is_no_answer() -> None:
    class Broken(Server):
        def data_received(self, data: bytes) -> None:
            self.transport.close()

    async def ask() -> Load:
        server = await get_running_loop().create_server(Broken, "127.0.0.1", 0)
        async with server:
            return await run(Job(server.sockets[0].getsockname()[1], [({}, [Asked("/")])], 0.2, warm=0.0))

    assert asyncio.run(ask()).statuses == {0: 1}
