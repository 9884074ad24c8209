"""Pictures for documents, as PNG: the map of a plan, the curve with its bound, the bars of the circles.

Pages draw the same things themselves (maps.py, charts.py); a Word document needs pictures. Drawn by matplotlib in the
colours of the house, with a Chinese font of this machine.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circles import RescueCircle
from ..coordinates import project
from ..errors import MissingLibraryError
from ..look import AED_SIGN, colour
from ..outlines.isochrones import reached_streets
from ..scenario.letterhead import Language
from .words import Words, in_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path as Outline

    from ..study.outcome import Outcome

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei",
    "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Heiti SC", "Noto Sans CJK JP", "Noto Serif CJK SC", "SimSun",
)  # fmt: skip
"""Fonts that hold simplified Chinese, the best looking first."""

PIXELS_PER_INCH = 200
PALETTE = 128
"""Colours of a picture: a map in few flat colours, a third of the size."""

MAP_INCHES = (6.8, 4.5)
_SHARES_OF_LIMIT = (1.0, 0.75, 0.5)


@cache
def chinese_font() -> str:
    """The name of a font of this machine that holds Chinese.

    Raises MissingLibraryError, saying what to install, where there is none.
    """
    from matplotlib.font_manager import fontManager

    here = {font.name for font in fontManager.ttflist}
    found = next((name for name in CHINESE_FONTS if name in here), None)
    if found is None:
        raise MissingLibraryError(
            "这台电脑上没有中文字体，Word 报告里的图画不出来；请安装 Noto Sans CJK（Debian：apt install fonts-noto-cjk）。"
            "No Chinese font on this machine, so the pictures of the Word report cannot be drawn; install Noto Sans CJK"
        )
    return found


@contextmanager
def _drawing(width: float, height: float, *, whole: bool = False) -> Iterator["tuple[Axes, io.BytesIO]"]:
    """Axes of a size in inches to draw on; afterwards the buffer holds the PNG. The same drawing gives the same bytes.

    whole  the axes fill the picture, without room for words around them
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    buffer = io.BytesIO()
    with rc_context({"font.family": chinese_font(), "axes.unicode_minus": False, "text.color": colour("ink")}):
        figure = Figure(
            figsize=(width, height),
            dpi=PIXELS_PER_INCH,
            layout=None if whole else "constrained",
            facecolor=colour("paper"),
        )
        canvas = FigureCanvasAgg(figure)
        yield figure.add_axes((0, 0, 1, 1)) if whole else figure.subplots(), buffer
        canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    picture.quantize(PALETTE).save(buffer, format="png", optimize=True, dpi=(PIXELS_PER_INCH, PIXELS_PER_INCH))


def _say(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en


def curve_png(share: Sequence[float], bound: Sequence[float | None], *, language: Language) -> bytes:
    """Coverage against the number of new devices: value as a line, bound as a thin one, the gap between them shaded.

    share  (P+1,) with 0, 1, ... P new devices
    bound  (P+1,) None where it is not known
    """
    with _drawing(6.4, 3.2) as (axes, png):
        count = np.arange(len(share))
        known = np.array([i for i, one in enumerate(bound) if one is not None], dtype=int)
        ceiling = np.array([bound[i] for i in known], dtype=float)
        low = np.array(share)[known]
        axes.plot(
            count, 100 * np.array(share), color=colour("plan"), lw=2, label=_say(Words("本方案", "this plan"), language)
        )
        if len(known):
            label = _say(Words("任何方案不超过（上界）", "no plan exceeds (bound)"), language)
            axes.plot(
                known, 100 * ceiling, color=colour("ink"), lw=0.8, marker="_" if len(known) == 1 else None, label=label
            )
            axes.fill_between(known, 100 * low, 100 * ceiling, color=colour("gap"), alpha=0.3, lw=0)
        axes.plot(count[-1], 100 * share[-1], "o", color=colour("plan"), ms=6, clip_on=False)
        axes.annotate(f"{share[-1]:.1%}", (count[-1], 100 * share[-1]), (-6, 8), textcoords="offset points", ha="right")
        axes.set_xlabel(_say(Words("新设备台数", "number of new devices"), language))
        axes.set_ylabel(_say(Words("覆盖需求的比例（%）", "share of demand covered (%)"), language))
        axes.set_ylim(0, None)
        axes.set_xlim(0, max(len(share) - 1, 1))
        axes.locator_params(axis="x", integer=True)
        axes.legend(frameon=False, loc="lower right")
        _plain(axes)
    return png.getvalue()


def _plain(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=colour("rule"), lw=0.6)
    axes.set_axisbelow(True)


def bars_png(circles: Sequence[tuple[RescueCircle, float, float]], *, language: Language) -> bytes:
    """Each circle's bar: what standing devices cover, and what the plan adds, of all demand.

    circles  (circle, share before, share after)
    """
    with _drawing(6.4, 0.5 + 0.42 * len(circles)) as (axes, png):
        names = [circle.name for circle, _, _ in circles]
        before, after = (np.array([one[i] for one in circles]) * 100 for i in (1, 2))
        axes.barh(
            names, before, color=colour("aed"), height=0.6, label=_say(Words("已设设备", "standing devices"), language)
        )
        added = _say(Words("新设备增加", "added by new devices"), language)
        axes.barh(names, after - before, left=before, color=colour("plan"), height=0.6, label=added)
        for row, (low, high) in enumerate(zip(before, after, strict=True)):
            axes.annotate(f"{low:.1f} → {high:.1f}", (high, row), (6, 0), textcoords="offset points", va="center")
        axes.set_xlim(0, 100)
        axes.invert_yaxis()
        axes.set_xlabel(_say(Words("占全部需求（%）", "of all demand (%)"), language))
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=2)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    return png.getvalue()


def sign_png() -> bytes:
    """The AED sign of look.py, for documents, which take no SVG that old readers show."""
    from matplotlib.patches import FancyBboxPatch, PathPatch

    with _drawing(0.8, 0.8, whole=True) as (axes, png):
        box = FancyBboxPatch((1, 1), 30, 30, boxstyle="round,pad=0,rounding_size=5", fc=colour("sign"), ec="none")
        axes.add_patch(box)
        for outline, name in zip(re.findall(r' d="([^"]+)"', AED_SIGN), ("sign-mark", "sign"), strict=True):
            axes.add_patch(PathPatch(_outline(outline), fc=colour(name), ec="none"))
        axes.set(xlim=(0, 32), ylim=(32, 0), aspect="equal")
        axes.axis("off")
    return png.getvalue()


def _outline(drawn: str) -> "Outline":
    """A path of SVG with absolute moves, lines and curves as one of matplotlib."""
    from matplotlib.path import Path as Outline

    codes: list[Any] = []
    points: list[tuple[float, float]] = []
    for letter, told in re.findall(r"([MLHC])([\d. ]+)", drawn):
        numbers = [float(one) for one in told.split()]
        if letter == "H":
            numbers.append(points[-1][1])
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        codes += [Outline.CURVE4 if letter == "C" else Outline.LINETO] * len(pairs)
        points += pairs
    return Outline([*points, points[0]], [Outline.MOVETO, *codes[1:], Outline.CLOSEPOLY])


def map_png(outcome: "Outcome") -> bytes:
    """The map of a plan: streets, what is reached in time, uncovered demand, standing devices and the plan by order.

    Without words, so that one picture serves both languages; `map_key` says what is what.
    """
    with _drawing(*MAP_INCHES, whole=True) as (axes, png):
        axes.set_facecolor(colour("map-ground"))
        crs = outcome.streets.crs
        _ground(axes, outcome)
        _lines(axes, outcome.streets.lines, "map-street", 0.4)
        _reach(axes, outcome)
        missed = ~outcome.covered
        weight = outcome.demand.weight.sum(axis=1)[missed]
        if len(weight):
            at, large = project(outcome.demand.lonlat[missed], crs), np.quantile(weight, 0.98) or 1.0
            axes.scatter(at[:, 0], at[:, 1], s=9 * np.minimum(weight / large, 1.5), c=colour("gap"), alpha=0.6, lw=0)
        standing = project(outcome.sites.lonlat[outcome.staying], crs)
        axes.scatter(
            standing[:, 0], standing[:, 1], s=34, marker="s", c=colour("sign"), ec=colour("sign-mark"), lw=0.8, zorder=5
        )
        _numbers(axes, outcome)
        _frame(axes, outcome)
        _scale_bar(axes)
    return png.getvalue()


def map_key(outcome: "Outcome") -> list[tuple[str, str, Words]]:
    """What is what on the map: mark, name of its colour, words."""
    near = in_time(outcome.scenario.circle)
    return [
        ("■", "aed", Words("已设设备", "standing device")),
        ("●", "plan", Words("新设备，数字是先后", "new device, by order")),
        ("▬", "reach-2", Words(f"{near.zh}可达", f"reached {near.en}")),
        ("•", "gap", Words("没有覆盖到的需求", "demand not covered")),
    ]


def _ground(axes: "Axes", outcome: "Outcome") -> None:
    """Green and water."""
    import shapely
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    if outcome.background is None:
        return
    for name, polygons in (("green", outcome.background.green), ("water", outcome.background.water)):
        outlines = []
        for part in shapely.get_parts(np.asarray(polygons, dtype=object)):
            rings = [project(shapely.get_coordinates(ring), outcome.streets.crs) for ring in shapely.get_rings(part)]
            outlines.append(Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings)))
        axes.add_collection(PathCollection(outlines, facecolors=colour(f"map-{name}"), edgecolors="none"))


def _lines(axes: "Axes", lines: Any, name: str, width: float) -> None:
    import shapely
    from matplotlib.collections import LineCollection

    xy, owner = shapely.get_coordinates(lines, return_index=True)
    pieces = np.split(xy, np.flatnonzero(np.diff(owner)) + 1)
    axes.add_collection(LineCollection(pieces, colors=colour(name), linewidths=width, capstyle="round"))


def _reach(axes: "Axes", outcome: "Outcome") -> None:
    """What devices and plan reach: streets by time, or discs where the rule is a straight line."""
    circle, devices = outcome.scenario.circle, _devices(outcome)
    if circle.measure == "line":
        from matplotlib.collections import EllipseCollection

        xy = project(outcome.sites.lonlat[devices], outcome.streets.crs)
        size = np.full(len(xy), 2 * circle.limit_m)
        discs = EllipseCollection(
            size, size, np.zeros(len(xy)), units="xy", offsets=xy, offset_transform=axes.transData,
            facecolors=colour("reach-2"), alpha=0.25,
        )  # fmt: skip
        axes.add_collection(discs)
        return
    anchors = outcome.site_anchors
    joined = anchors.some(devices)
    limits = [circle.limit_m * share for share in _SHARES_OF_LIMIT[::-1]]
    bands = reached_streets(outcome.streets, joined, limits_m=limits)
    for step, lines in reversed(list(enumerate(bands, start=1))):
        if len(lines):
            _lines(axes, lines, f"reach-{step}", 1.4)


def _devices(outcome: "Outcome") -> np.ndarray:
    return outcome.devices


def _numbers(axes: "Axes", outcome: "Outcome") -> None:
    """The plan's sites with their place in the order."""
    chosen = np.asarray(outcome.plan.chosen, dtype=np.int64)
    xy = project(outcome.sites.lonlat[chosen], outcome.streets.crs)
    axes.scatter(xy[:, 0], xy[:, 1], s=90, c=colour("plan"), ec=colour("paper"), lw=0.8, zorder=6)
    for order, (x, y) in reversed(list(enumerate(xy, start=1))):
        axes.annotate(
            str(order),
            (x, y),
            color=colour("paper"),
            fontsize=6.5,
            weight="bold",
            ha="center",
            va="center_baseline",
            zorder=7,
        )


def _frame(axes: "Axes", outcome: "Outcome") -> None:
    """Show all that devices reach, or the streets where there is no device, and no axes."""
    devices = outcome.sites.lonlat[_devices(outcome)]
    limit_m = outcome.scenario.circle.limit_m
    xy = project(devices, outcome.streets.crs) if len(devices) else outcome.streets.xy
    middle, half = (xy.min(axis=0) + xy.max(axis=0)) / 2, np.ptp(xy, axis=0) / 2 + 1.5 * limit_m
    half = np.array(MAP_INCHES) * (half / MAP_INCHES).max()  # a metre is as long to the north as to the east
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(colour("rule"))


def _scale_bar(axes: "Axes") -> None:
    """A bar of a round number of metres in the lower left corner."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    metres = next(m for m in (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 10) if m <= (right - left) / 5 or m == 10)
    x, y = left + 0.03 * (right - left), low + 0.03 * (high - low)
    axes.plot([x, x + metres], [y, y], color=colour("ink"), lw=2, solid_capstyle="butt", zorder=8)
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"
    axes.annotate(said, (x, y), (2, 4), textcoords="offset points", fontsize=8, zorder=8)
