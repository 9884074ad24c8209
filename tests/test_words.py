"""The sentences that people read: Chinese with the punctuation of Chinese."""

import re
from html.parser import HTMLParser

import pytest
from outcomes import small_outcome

from aedplan.circles import PRESETS, circle
from aedplan.report.maps import ASSETS, draw_map
from aedplan.report.report import report_html

HALF = re.compile(r"[\u4e00-\u9fff][ \u00a0]?[,:;!?()]|[,:;!?()][ \u00a0]?[\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\d)")


class Chinese(HTMLParser):
    """The text of every element marked as Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth or (tag == "span" and ("lang", "zh-CN") in attrs):
            self.depth += 1
            self.found += [""] * (self.depth == 1)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= self.depth > 0

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.found[-1] += data


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_chinese_sentence_of_map_and_report_has_full_width_punctuation(name: str) -> None:
    if not (ASSETS / "leaflet.js").is_file():
        pytest.skip("aedplan/assets is empty; run: python tools/assets.py")
    outcome = small_outcome(rescue=circle(name))
    reader = Chinese()
    reader.feed(draw_map(outcome) + report_html(outcome))
    assert len(reader.found) > 40
    assert [text for text in reader.found if HALF.search(text)] == []
