"""One report as one HTML file for reading and for A4 paper: what was found, how sure it is, and what it leaves out."""

import base64
from typing import TYPE_CHECKING, Any

from ..circles import RescueCircle
from ..look import css_variables
from ..pages import read, render
from ..source import attributions
from .charts import STYLE, bar_svg, curve_svg
from .pictures import map_key, map_png
from .sections import curve, sections
from .words import LANGUAGE_STYLE, SYNTHETIC, Words, circle_words, headline, hours_words, percents

if TYPE_CHECKING:
    from ..study.outcome import CircleFigure, Outcome


def report_html(outcome: "Outcome", *, map_picture: bytes | None = None) -> str:
    """A study as one HTML page; the same outcome gives the same text, and nothing is loaded from outside.

    map_picture  what `map_png` gave, where it is drawn already
    """
    summary = outcome.summary
    style = [css_variables(), LANGUAGE_STYLE, read("base.css"), read("report.css"), STYLE]
    return render(
        "report.html",
        style="\n".join(style),
        script=read("page.js"),
        sign_svg=outcome.scenario.letterhead.sign_svg,
        study=Words(outcome.scenario.title_zh, outcome.scenario.title_en),
        headline=headline(outcome),
        circle=circle_words(outcome.scenario.circle),
        map_key=map_key(outcome),
        hours=hours_words(summary["hours"]),
        synthetic=summary["synthetic"],
        synthetic_words=SYNTHETIC,
        warnings=[Words(*warning) for warning in outcome.warnings],
        sections=sections(outcome),
        circles=[_circle_row(figure, outcome.scenario.circle) for figure in outcome.circles.values()],
        map_png=base64.b64encode(map_picture or map_png(outcome)).decode(),
        curve_svg=curve_svg(*curve(outcome)),
        credit=" · ".join(attributions([source for _, source in outcome.inputs])),
        version=summary["version"],
    )


def _circle_row(figure: "CircleFigure", own: RescueCircle) -> dict[str, Any]:
    from markupsafe import Markup

    before, after = percents(figure.share_before, figure.share)
    told = Words(f"覆盖从 {before} 升到 {after}。", f"Coverage rises from {before} to {after}.")
    return {
        "own": figure.circle == own,
        "figures": f"{before} → {after}",
        "words": circle_words(figure.circle),
        "bar_html": Markup(bar_svg(figure.share_before, figure.share, told=told)),
    }
