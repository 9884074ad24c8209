"""Many who write at once: each comes in its turn, nobody is told that the records are away."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from people import become, browser, make_county


def test_more_than_there_are_threads_may_write_at_once(settings, database, folder):
    make_county(database)
    with browser(replace(settings, plan=folder)) as client:
        become(client, "office")

        def write(number: int) -> int:
            body = {"name": f"第{number}单位", "kind": "company"}
            return client.post("/api/v1/records/organisations", json=body).status_code

        with ThreadPoolExecutor(60) as pool:
            assert set(pool.map(write, range(60))) == {201}
        assert sum(one["kind"] == "company" for one in client.get("/api/v1/records/organisations").json()) == 60
