"""What the office prints: whole A4 pages, codes that a camera reads, nothing cut, nothing of others' devices."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from browser import chromium
from checkers import county_of, page_faults, phone_of, round_of
from device_records import at
from people import become, browser
from PIL import Image

from service.pages.prints import LABELS, code_of, day_marks
from service.tables import Inspection

__all__ = ["chromium"]

A4 = (210, 297)


@pytest.fixture(scope="module")
def place(sqlite_files, folder, tmp_path_factory):
    with round_of(sqlite_files.make(tmp_path_factory.mktemp("prints")), folder) as made:
        yield made


@pytest.fixture(scope="module")
def office(chromium, place):
    with phone_of(chromium, place, "office", desk=True, bypass_csp=True) as held:
        yield held


def read(picture):
    """All that a camera would read."""
    import zxingcpp

    image = np.asarray(Image.open(io.BytesIO(picture)).convert("L"))
    return [found.text for found in zxingcpp.read_barcodes(image)]


def pages_of(pdf):
    """Width and height of each page in millimetres."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", pdf)
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [tuple(round(float(side) / 72 * 25.4) for side in box) for box in boxes]


def printed(page):
    return page.pdf(prefer_css_page_size=True, print_background=True)


def cut_off(page):
    """Sheets whose content runs out of the paper, and words that run out of their box."""
    script = """() => [...document.querySelectorAll('.sheet, .sheet p, .register th, .register td, .label')].filter(e =>
        e.scrollHeight > e.clientHeight + 2 && e.clientHeight || e.scrollWidth > e.clientWidth + 2 && e.clientWidth
    ).map(e => e.className + ': ' + e.textContent.trim().slice(0, 40))"""
    return page.evaluate(script)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sign_is_one_a4_page_for_each_device_and_its_code_is_read(office, place, language):
    one, two = place.codes[:2]
    page = office.open(f"/office/print/signs?code={one}&code={two}&arrow=left&lang={language}")
    assert page_faults(page) == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    assert cut_off(page) == []
    assert pages_of(printed(page)) == [A4, A4]
    for code, sheet in zip((one, two), page.locator(".sheet").all(), strict=True):
        assert read(sheet.screenshot()) == [f"{place.address}/d/{code}"]
        assert sheet.locator(".arrow.left").count() == 1
    page.close()


def test_labels_are_21_to_a_page_from_the_one_that_is_free(office, place):
    codes = place.codes * 6
    many = "&".join(f"code={code}" for code in codes)
    page = office.open(f"/office/print/qr?first=3&{many}")
    page.emulate_media(media="print")
    assert cut_off(page) == []
    assert pages_of(printed(page)) == [A4] * -(-(len(codes) + 2) // LABELS)
    first = page.locator(".label").first
    assert read(first.screenshot()) == []
    box = page.locator(".label").nth(4).bounding_box()
    assert (box["width"] / 96 * 25.4, box["height"] / 96 * 25.4) == pytest.approx((63.5, 38.1), abs=0.3)
    found = read(page.locator(".sheet").first.screenshot())
    assert sorted(found) == sorted(f"{place.address}/d/{code}" for code in codes[: LABELS - 2])
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_register_is_one_page_with_every_day_and_item_and_what_is_on_record(office, place, language):
    place.checked_by_office(place.codes[0])
    page = office.open(f"/office/print/register?code={place.codes[0]}&code={place.codes[1]}&lang={language}")
    assert page_faults(page) == []
    page.emulate_media(media="print")
    assert cut_off(page) == []
    assert pages_of(printed(page)) == [A4[::-1]] * 2
    table = page.locator("table").first
    assert table.locator("th.item").count() == 25
    rows = table.locator("tbody tr").all()
    assert len(rows) in (28, 29, 30, 31)
    assert [row.inner_text().count("✓") > 15 for row in rows].count(True) == 1
    blank = office.open(f"/office/print/register?code={place.codes[0]}&blank=true&month=2028-02")
    assert (blank.locator("tbody tr").count(), "✓" in blank.locator("tbody").inner_text()) == (29, False)
    page.close()


def test_all_prints_of_a_manager_hold_own_devices_only(sqlite_files, folder, tmp_path):
    settings = replace(sqlite_files.make(tmp_path), public_url="https://aed.example.org/")
    with county_of(settings, folder) as place, browser(replace(settings, plan=folder)) as client:
        become(client, "manager")
        own = client.get("/office/print/qr").text
        assert all(f"https://aed.example.org/d/{code}" in own for code in place.codes)
        assert own.count('class="qr"') == len(place.codes)
        become(client, "office")
        other = client.get(f"/api/v1/records/devices/{place.county.other_device}").json()["public_code"]
        assert other in client.get(f"/office/print/signs?code={other}").text
        become(client, "manager")
        page = client.get(f"/office/print/signs?code={other}").text
        assert ('class="qr"' in page, "有的编号没有对应的设备" in page) == (False, True)
        assert 'style="' not in own
        for bad in ("qr?first=0", "qr?first=22", "signs?arrow=round", "register?month=2026-13"):
            assert client.get(f"/office/print/{bad}").status_code == 422


def test_a_code_has_its_white_around_it_and_is_read_when_scratched():
    code = code_of("https://aed.example.org/d/2NB6X4")
    picture = np.full((code.side, code.side), 255, np.uint8)
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path):
        picture[int(y), int(x) : int(x) + int(wide)] = 0
    assert (picture[:4] == 255).all()
    assert (picture[:, -4:] == 255).all()
    picture[14:18, 16:21] = 255
    large = io.BytesIO()
    Image.fromarray(picture).resize((400, 400), Image.Resampling.NEAREST).save(large, "PNG")
    assert read(large.getvalue()) == ["https://aed.example.org/d/2NB6X4"]


def test_of_several_checks_on_a_day_the_register_shows_the_worst():
    checks = [
        Inspection(at=at(-3, hour), items={"casing": {"result": result}, "path_free": {"result": "ok"}})
        for hour, result in ((8, "ok"), (9, "fail"), (10, "na"))
    ]
    assert day_marks(checks) == {19: {"casing": "✗", "path_free": "✓"}}
