"""A plan folder that changes while it is served, and folders that must not be served."""

import json
import logging
import shutil

import pytest
from town import write_plan

from aedplan.errors import InputError
from service.published import Shelf, read_published


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path / "plan")


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_same_plan_object_is_served_until_the_folder_changes(plan):
    shelf = Shelf(plan)
    first = shelf.current()
    assert shelf.current() is first
    write_plan(plan, title="新")
    second = shelf.current()
    assert second is not first
    assert second.summary["title_zh"] == "新"
    assert shelf.current() is second


def test_while_the_folder_is_away_the_old_plan_is_served_and_its_return_is_seen(plan, caplog):
    shelf = Shelf(plan)
    first = shelf.current()
    away = plan.rename(plan.parent / "away")
    with caplog.at_level(logging.ERROR):
        assert shelf.current() is first
    assert "kept the plan read before" in caplog.text
    assert shelf.fault
    away.rename(plan)
    assert shelf.current() is first
    assert shelf.fault == ""


@pytest.mark.parametrize("name", ["summary.json", "plan.geojson", "streets/network.json", "streets/head.npy"])
def test_a_folder_cut_short_is_not_served(plan, name, caplog):
    shelf = Shelf(plan)
    first = shelf.current()
    write_plan(plan, title="新")
    (plan / name).write_bytes((plan / name).read_bytes()[:40])
    assert shelf.current() is first
    assert "kept the plan read before" in caplog.text
    write_plan(plan, title="好")
    assert shelf.current().summary["title_zh"] == "好"


def test_a_summary_beside_the_sites_of_another_plan_is_not_served(plan):
    change(plan / "summary.json", chosen=["p-there", "p-here"])
    with pytest.raises(InputError, match="different plans"):
        read_published(plan)
    change(plan / "summary.json", chosen=["p-here", "p-there"], standing=3)
    with pytest.raises(InputError, match="different plans"):
        read_published(plan)


def test_a_folder_written_while_it_is_read_is_not_served(plan, monkeypatch):
    shelf = Shelf(plan)
    first = shelf.current()
    write_plan(plan, title="新")

    def read_and_disturb(folder):
        found = read_published(folder)
        (folder / "map.html").write_text("half")
        return found

    with monkeypatch.context() as patched:
        patched.setattr("service.published.read_published", read_and_disturb)
        assert shelf.current() is first
    assert "while being read" in shelf.fault
    assert shelf.current().summary["title_zh"] == "新"


def test_streets_overwritten_in_place_do_not_disturb_the_plan_in_memory(plan):
    published = read_published(plan)
    before = published.streets.xy.copy()
    (plan / "streets" / "xy.npy").write_bytes(b"")
    assert (published.streets.xy == before).all()


def test_health_says_when_an_older_plan_is_served(plan, client_of):
    client = client_of(plan)
    assert client.get("/health").json()["stale"] is False
    shutil.rmtree(plan)
    assert client.get("/health").json()["stale"] is True
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("summary.json", "[1]", "expected a JSON object"),
        ("summary.json", "{}", "has no scenario, title_zh"),
        ("plan.geojson", "{}", "a site cannot be read"),
        ("plan.geojson", '{"features": [{"geometry": {"coordinates": [1, 2]}, "properties": {}}]}', "cannot be read"),
    ],
)
def test_a_file_that_holds_something_else_is_named(plan, name, text, expected):
    (plan / name).write_text(text)
    with pytest.raises(InputError, match=expected) as caught:
        read_published(plan)
    assert name in str(caught.value)


def test_a_site_of_unknown_role_is_never_taken_for_a_device(plan):
    sites = json.loads((plan / "plan.geojson").read_text())
    sites["features"][-1]["properties"]["role"] = "planned"
    (plan / "plan.geojson").write_text(json.dumps(sites))
    with pytest.raises(InputError, match="role 'planned'"):
        read_published(plan)
