"""Many who write at once: each comes in its turn, nobody is told that the records are away."""

import datetime as dt
import uuid
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


def test_checks_of_one_device_that_come_at_once_are_all_kept(settings, database, folder):
    device = make_county(database).device
    with browser(replace(settings, plan=folder)) as client:
        become(client, "office")

        def check(_: int) -> int:
            body = {
                "client_id": str(uuid.uuid4()), "kind": "daily", "at": dt.datetime.now(dt.UTC).isoformat(),
                "form_version": 1, "differences": {"casing": {"result": "ok", "note": "x"}},
            }  # fmt: skip
            return client.post(f"/api/v1/records/devices/{device}/inspections", json=body).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(check, range(16))) == {201}
        assert len(client.get("/api/v1/records/inspections").json()) == 16
