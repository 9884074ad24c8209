"""Imports: looked at before anything changes, taken in at once, undone to the last field; every wrong row is told."""

import io
import re
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from people import become, browser, make_county

from service.db import Database, now
from service.demo.records import fill
from service.history import By
from service.portable import tables, write_table
from service.records.sheets import count, sheet_rows, take_in
from service.records.sites import add_admin_unit, list_units
from service.sheets.readings import read_book
from service.sheets.record_books import write_book, write_csv
from service.sheets.record_sheets import shipped_sheets
from service.tables import AdminUnit

R = "/api/v1/records"
XLSX = {"content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LOGS = ("change", "sheet_import", "account", "one_time_link")


@pytest.fixture
def county(database: Database):
    made = make_county(database)
    with database.session(By(None, "command", now())) as session:
        for code in ("350583", "350583001"):
            add_admin_unit(session, AdminUnit(code=code, name=f"南安 {code}"))
    return made


@pytest.fixture
def client(settings, folder, county):
    import dataclasses

    with browser(dataclasses.replace(settings, plan=folder)) as opened:
        become(opened, "office")
        yield opened


def dump(database: Database) -> dict[str, str]:
    """Every record as text, but for the log, sign-ins and the number of changes."""
    found = {}
    with database.engine.connect() as connection:
        for table in tables(connection):
            if table.name not in LOGS:
                file = io.StringIO()
                write_table(connection, table, file, lambda row: {k: v for k, v in row.items() if k != "version"})
                found[table.name] = file.getvalue()
    return found


def book_of(**sheets: list[dict[str, Any]]) -> bytes:
    """A workbook with some sheets, each with the columns that its rows name."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = shipped_sheets()[name]
        fields = list(dict.fromkeys(field for row in rows for field in row))
        page = book.create_sheet(sheet.title)
        page.append([sheet.column(field).header for field in fields])
        for row in rows:
            page.append([row.get(field) for field in fields])
            for cell in page[page.max_row]:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def look(client, content: bytes, **query: str) -> dict[str, Any]:
    answer = client.post(f"{R}/imports", content=content, headers=XLSX, params={"name": "清单.xlsx", **query})
    assert answer.status_code == 201, answer.text
    return answer.json()


NEW = {
    "organisations": [{"name": "客运公司", "kind": "交通运营", "duty_phone": "0595-1"}],
    "sites": [
        {"name": "汽车站", "organisation_id": "客运公司", "lon": 118.39117, "lat": 24.95727, "crs": "GCJ-02（高德、腾讯）",
         "admin_code": "350583001", "opening_hours": "周一至周日 5:30-22:00"},
    ],
    "people": [
        {"name": "王建国", "phone": "13900000000", "organisation_id": "客运公司", "sites": "汽车站", "roles": "工作人员；志愿者"},
    ],
    "certificates": [{"person_id": "王建国", "kind": "初级救护员", "number": "C-1", "expires_on": "2027年5月"}],
    "devices": [
        {"public_code": "NA001", "site_id": "汽车站", "status": "在用", "location_text": "一楼服务台左侧",
         "pads_expires_on": "2027-05", "battery_expires_on": "2029/1/31", "spare_pads": "2027-05-31 L7；儿童 未知",
         "cabinet_access": "封条"},
        {"serial": "S-2", "site_id": "第一小学", "location_text": "=cmd()"},
    ],
    "agreements": [
        {"number": "NA-2026-1", "kind": "公益托管", "party_a_id": "南安市红十字会", "party_b_id": "客运公司",
         "contact_b_id": "王建国", "signed_on": "2026-01-01", "starts_on": "2026-01-01", "ends_on": "2030-12-31",
         "sites": "汽车站", "devices": "NA001"},
    ],
    "obligations": [{"agreement_id": "NA-2026-1", "code": "人员培训（人）", "owner": "乙方", "target": 10}],
    "policies": [
        {"policy_no": "P-1", "insurer_id": "客运公司", "cover": "设备损失", "insured_kind": "设备", "starts_on": "2026-01-01",
         "ends_on": "2026-12-31", "premium_fen": "4,800.50", "devices": "NA001"},
    ],
}  # fmt: skip


def test_a_county_comes_in_one_file_and_goes_again_without_a_trace(client, database, county):
    before = dump(database)
    looked = look(client, book_of(**NEW))
    assert looked["counts"] == {"new": 9, "change": 0, "same": 0, "refused": 0}
    assert dump(database) == before, "looking changes nothing"
    assert client.get(f"{R}/imports/{looked['id']}").json()["rows"] == looked["rows"]
    done = client.post(f"{R}/imports/{looked['id']}/apply")
    assert done.status_code == 200
    assert (done.json()["state"], done.json()["counts"]["new"]) == ("applied", 9)

    devices = {one["public_code"]: one for one in client.get(f"{R}/devices").json()}
    made = devices["NA001"]
    assert (made["status"], made["site_name"], made["cabinet_access"]) == ("active", "汽车站", "seal")
    assert {(p["kind"], p["spare"], p["expires_on"], p["lot"]) for p in made["pads"]} == {
        ("adult", False, "2027-05-31", ""), ("adult", True, "2027-05-31", "L7"), ("child", True, None, ""),
    }  # fmt: skip
    [site] = client.get(f"{R}/sites", params={"text": "汽车站"}).json()
    assert abs(site["lon"] - 118.3861) < 0.001, "GCJ-02 is taken back to WGS-84"
    assert (site["coordinate_source"], site["opening_hours"]) == ("gcj02", "Mo-Su 05:30-22:00")
    assert (made["lon"], made["lat"]) == (site["lon"], site["lat"])
    [policy] = client.get(f"{R}/policies").json()
    assert (policy["premium_fen"], policy["insured"][0]["device_id"]) == (480_050, made["id"])
    [person] = [one for one in client.get(f"{R}/people").json() if one["name"] == "王建国"]
    assert (person["roles"], person["phone"]) == (["staff", "volunteer"], "13900000000")

    again = client.get(f"{R}/county.xlsx").content
    assert look(client, again)["counts"] == {"new": 0, "change": 0, "same": 21, "refused": 0}
    log = client.get(f"{R}/log", params={"limit": 1000}).json()
    assert {line["kind"] for line in log if line["note"] == f"import {looked['id']}"} >= {"device", "site", "agreement"}

    assert client.post(f"{R}/imports/{looked['id']}/apply").status_code == 409
    undone = client.post(f"{R}/imports/{looked['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert dump(database) == before
    assert client.post(f"{R}/imports/{looked['id']}/undo").status_code == 409
    assert [one["state"] for one in client.get(f"{R}/imports").json()] == ["previewed", "undone"]
    assert look(client, book_of(**NEW))["counts"]["new"] == 9, "what was undone can come again"


def change_cells(content: bytes, **cells: dict[str, Any]) -> bytes:
    """An exported workbook with some cells of the first record of some sheets changed."""
    book = load_workbook(io.BytesIO(content))
    for name, fields in cells.items():
        sheet = shipped_sheets()[name]
        page = book[sheet.title]
        heads = {cell.value: cell.column for cell in page[1]}
        for field, value in fields.items():
            page.cell(2, heads[sheet.column(field).header]).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_changes_are_told_field_by_field_and_taken_back(client, database, county):
    first = look(client, book_of(**NEW))
    client.post(f"{R}/imports/{first['id']}/apply")
    before = dump(database)
    content = change_cells(
        client.get(f"{R}/county.xlsx").content,
        organisations={"duty_phone": "0595-2"},
        sites={"name": "新车站", "guard_24h": "是"},
        people={"phone": "13911111111", "sites": "清空"},
        devices={"level": "3", "note": "清空", "pads_fitted_on": "2026-11-01", "pads_expires_on": "2028-12", "status": "停用",
                 "out_of_service_reason": "送修"},
        agreements={"ends_on": "2031-12-31", "sites": "清空"},
    )  # fmt: skip
    looked = look(client, content)
    assert [row for row in looked["rows"] if row["action"] == "refused"] == []
    assert looked["counts"]["change"] == 5
    [device] = [row for row in looked["rows"] if row["sheet"] == "devices" and row["action"] == "change"]
    told = {one["column_zh"]: (one["before"], one["after"]) for one in device["changes"]}
    assert told["楼层"][1] == "3"
    assert told["状态"][1] == "停用 out_of_service"
    assert set(told) == {"楼层", "状态", "停用原因", "电极片有效期至", "电极片装入日期"}
    done = client.post(f"{R}/imports/{looked['id']}/apply")
    assert done.status_code == 200, done.text
    assert dump(database) != before
    undone = client.post(f"{R}/imports/{looked['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert dump(database) == before, "names and phones too, which the log does not tell"


def test_what_somebody_has_changed_since_is_not_undone_but_named(client, database, county):
    looked = look(client, book_of(**NEW))
    client.post(f"{R}/imports/{looked['id']}/apply")
    [site] = client.get(f"{R}/sites", params={"text": "汽车站"}).json()
    assert client.patch(f"{R}/sites/{site['id']}", json={"note": "门朝南"}).status_code == 200
    before = dump(database)
    refused = client.post(f"{R}/imports/{looked['id']}/undo")
    assert refused.status_code == 409
    assert site["id"] in refused.json()["message_zh"]
    assert dump(database) == before
    second = look(client, book_of(organisations=[{"name": "新单位", "kind": "企业"}]))
    client.post(f"{R}/imports/{second['id']}/apply")
    [made] = [one for one in client.get(f"{R}/organisations").json() if one["name"] == "新单位"]
    assert client.post(f"{R}/sites", json={"name": "新点位", "organisation_id": made["id"]}).status_code == 201
    refused = client.post(f"{R}/imports/{second['id']}/undo")
    assert refused.status_code == 409
    assert "organisation）已被别处使用" in refused.json()["message_zh"]


def test_a_preview_that_no_longer_holds_is_not_taken_in(client, county):
    looked = look(client, book_of(organisations=[{"name": "新单位", "kind": "企业"}]))
    assert client.post(f"{R}/organisations", json={"name": "新单位", "kind": "company"}).status_code == 201
    refused = client.post(f"{R}/imports/{looked['id']}/apply")
    assert refused.status_code == 409
    assert "preview again" in refused.json()["message_en"]
    assert client.get(f"{R}/imports/{looked['id']}").json()["state"] == "previewed"


WRONG = {
    "sites": [
        {"name": "无坐标系", "lon": 118.39, "lat": 24.96},
        {"name": "半个坐标", "lon": 118.39, "crs": "wgs84"},
        {"name": "颠倒", "lon": 24.96, "lat": 118.39, "crs": "wgs84"},
        {"name": "没有这个单位", "organisation_id": "哪家公司"},
        {"name": "没有这个区", "admin_code": "110101"},
        {"name": "好的"},
        {"name": "好的"},
        {"venue_type": "学校"},
    ],
    "devices": [
        {"public_code": "X1", "site_id": "颠倒", "location_text": "别处", "pads_expires_on": "2027-02-30", "status": "飞了"},
        {"public_code": "X2", "site_id": "好的", "status": "报废"},
        {"public_code": "X3", "site_id": "好的"},
    ],
    "agreements": [
        {"number": "A1", "kind": "捐赠", "party_a_id": "南安市红十字会", "party_b_id": "南安市红十字会"},
        {"number": "A2", "kind": "捐赠", "party_a_id": "南安市红十字会", "party_b_id": "第一小学", "starts_on": "2026-02-01",
         "ends_on": "2026-01-01"},
    ],
}  # fmt: skip


def test_each_wrong_row_is_refused_with_all_its_reasons_and_the_others_come_in(client, database, county):
    looked = look(client, book_of(**WRONG))
    told = {
        (row["sheet"], row["row"]): (row["action"], " ".join(f["zh"] + f["en"] for f in row["faults"]))
        for row in looked["rows"]
    }
    for place, expected in {
        ("sites", 2): "坐标系", ("sites", 3): "经度、纬度缺一", ("sites", 4): "纬度", ("sites", 5): "没有单位“哪家公司”",
        ("sites", 6): "没有行政区划“110101”", ("sites", 8): "与第 7 行重复", ("sites", 9): "缺少点位名称",
        ("devices", 2): "没有点位“颠倒”", ("devices", 3): "请写明原因", ("agreements", 2): "同一单位", ("agreements", 3): "早于",
    }.items():  # fmt: skip
        assert told[place][0] == "refused", place
        assert expected in told[place][1], told[place]
    assert all(word in told["devices", 2][1] for word in ("2027-02-30", "飞了")), "all that is wrong with a row"
    assert looked["counts"] == {"new": 2, "change": 0, "same": 0, "refused": 11}
    assert client.post(f"{R}/imports/{looked['id']}/apply").status_code == 200
    assert {one["public_code"] for one in client.get(f"{R}/devices").json()} >= {"X3"}
    assert not {one["public_code"] for one in client.get(f"{R}/devices").json()} & {"X1", "X2"}


def test_a_step_goes_only_after_the_log_has_told(database, county):
    with pytest.raises(sa.exc.IntegrityError), database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("DELETE FROM device_step")
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM device_step")) == 2


def test_csv_comes_in_and_goes_out_for_those_who_may(client, database, county):
    content = client.get(f"{R}/sites.csv").content
    assert look(client, content, sheet="sites")["counts"] == {"new": 0, "change": 0, "same": 2, "refused": 0}
    assert client.post(f"{R}/imports", content=content, headers=XLSX).status_code == 201, (
        "its header tells which sheet it is"
    )
    become(client, "manager")
    for name, rows in {"sites": 1, "devices": 1, "people": 1, "agreements": 1, "obligations": 1, "policies": 0}.items():
        answer = client.get(f"{R}/{name}.csv")
        assert (answer.status_code, answer.text.count("\r\n") - 1) == (200, rows), name
        assert "第二小学" not in answer.text
        assert client.get(f"{R}/{name}.xlsx").headers["content-type"] == XLSX["content-type"]
    assert client.post(f"{R}/imports", content=content, headers=XLSX).status_code == 403
    become(client, "inspector")
    assert client.get(f"{R}/devices.csv").text.count("\r\n") == 2
    become(client, "viewer")
    assert client.get(f"{R}/people.csv").status_code == 403
    assert client.get(f"{R}/devices.csv").status_code == 200


@pytest.mark.parametrize(("content", "status"), [(b"PK\x03\x04", 415), (b"x" * (6 << 20), 413), (b"a,b\n1,2\n", 422)])
def test_a_file_that_is_none_is_refused(client, county, content, status):
    answer = client.post(f"{R}/imports", content=content, headers=XLSX)
    assert answer.status_code == status
    assert answer.json()["message_zh"]


def test_names_and_phones_of_a_file_are_sealed_where_it_is_kept(client, database, county):
    looked = look(client, book_of(people=[{"name": "王建国", "phone": "13900000000"}]))
    with database.engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT * FROM sheet_import")).mappings().one()
    assert kept["content_sealed"].startswith("gAAAA")
    assert "王建国" not in str(dict(kept))
    client.post(f"{R}/imports/{looked['id']}/apply")
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT content_sealed FROM sheet_import")) == ""


def test_two_hundred_devices_come_in_while_others_wait_but_shortly(client, database, county):
    import time

    devices = [{"public_code": f"B{n:04d}", "site_id": "第一小学", "location_text": f"{n} 号", "pads_expires_on": "2028-01-31",
                "battery_expires_on": "2028-01-31", "status": "在用"} for n in range(200)]  # fmt: skip
    content = book_of(devices=devices)
    looked = look(client, content)
    begun = time.process_time()
    assert client.post(f"{R}/imports/{looked['id']}/apply").json()["counts"]["new"] == 200
    assert time.process_time() - begun < 6
    with database.session() as session:
        begun = time.process_time()
        rows = {"devices": sheet_rows(session, shipped_sheets()["devices"])}
        assert len(write_book(rows)) > 10_000
        assert time.process_time() - begun < 4


def without_ids(rows: dict[str, list[list[Any]]]) -> dict[str, list[str]]:
    """Sheets as text, whatever the ids of their records: of another database they are others."""
    return {
        name: sorted(re.sub(r"#[0-9a-f]{32}", "#", repr(row[:-1])) for row in found) for name, found in rows.items()
    }


def test_a_county_goes_from_one_database_into_another_without_loss(database, sqlite_files, tmp_path):
    fill(database, at=now())
    with database.session() as session:
        before = {name: sheet_rows(session, sheet) for name, sheet in shipped_sheets().items()}
        units = [(unit.code, unit.name) for unit in list_units(session)]
    (tmp_path / "other").mkdir()
    with closing(Database(sqlite_files.make(tmp_path / "other"))) as other:
        with other.session(By(None, "office", now())) as session:
            for code, name in units:
                add_admin_unit(session, AdminUnit(code=code, name=name))
            first, _ = take_in(session, read_book(write_book(before)))
            assert count(first) == {"new": len(first), "change": 0, "same": 0, "refused": 0}
        with other.session(By(None, "office", now())) as session:
            after = {name: sheet_rows(session, sheet) for name, sheet in shipped_sheets().items()}
            for name, sheet in shipped_sheets().items():
                content = write_csv(sheet, after[name])
                again, _ = take_in(session, read_book(content, sheet=name))
                assert {row.action for row in again} == {"same"}, name
                _, _, rows = content.partition(b"\r\n")
                for heads in ([one.zh for one in sheet.columns], [one.en for one in sheet.columns]):
                    told = ",".join(heads).encode("utf-8-sig") + b"\r\n" + rows
                    assert read_book(told, sheet=name) == read_book(content, sheet=name)
    assert without_ids(after) == without_ids(before)
    assert sum(map(len, after.values())) > 200
