"""Writes an outcome as a folder: the files a planner takes away and the service publishes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import CAUSES, CAUSES_EN, CAUSES_ZH
from ..outputs import EPOCH, whole_folder, write_geojson, write_gpkg, write_json, write_xlsx
from ..reach import nearest
from ..report.document import report_docx
from ..report.maps import draw_map
from ..report.pictures import map_png
from ..report.qgis import add_styles, styles
from ..report.report import report_html
from ..report.summary import plan_rows
from ..report.words import role_words
from .proving import FILE as CERTIFICATE
from .proving import keep_proof
from .reopening import keep_study

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from ..osm.background import Background
    from .outcome import Outcome


def save(outcome: "Outcome", folder: Path) -> None:
    """Write all files; see `Outcome.save`."""
    rows = plan_rows(outcome)
    with whole_folder(folder) as new:
        write_json(new / "summary.json", outcome.summary)
        write_geojson(new / "plan.geojson", [feature(row) for row in rows])
        write_gpkg(new / "plan.gpkg", {"plan": frame(rows), "demand": demand_frame(outcome)})
        add_styles(new / "plan.gpkg", styles(), at=EPOCH)
        write_xlsx(new / "plan.xlsx", sheets(outcome, rows))
        (new / "map.html").write_text(draw_map(outcome), encoding="utf-8")
        picture = map_png(outcome)
        (new / "report.html").write_text(report_html(outcome, map_picture=picture), encoding="utf-8")
        (new / "report.docx").write_bytes(report_docx(outcome, map_picture=picture))
        (new / "scenario.toml").write_text(outcome.scenario.text, encoding="utf-8")
        outcome.streets.save(new / "streets")
        keep_study(outcome, new / "study.npz")
        keep_proof(outcome, new / CERTIFICATE)
        if outcome.background is not None and (layers := background_frames(outcome.background)):
            write_gpkg(new / "background.gpkg", layers)


def feature(row: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON point of one site."""
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {key: value for key, value in row.items() if key not in ("lon", "lat")},
    }


def frame(rows: list[dict[str, Any]]) -> "GeoDataFrame":
    """The sites as a layer."""
    import geopandas
    import pandas

    table = pandas.DataFrame(rows)
    points = geopandas.points_from_xy(table.pop("lon"), table.pop("lat"))
    return geopandas.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def demand_frame(outcome: "Outcome") -> "GeoDataFrame":
    """Demand points with what the plan does for each."""
    import geopandas

    demand = outcome.demand
    unreachable = [False] * len(demand)
    for point in outcome.unreachable.points:
        unreachable[point] = True
    return geopandas.GeoDataFrame(
        {
            "id": demand.id,
            "arrests_per_year": demand.weight.sum(axis=1),
            "covered": outcome.covered,
            "covered_before": outcome.covered_before,
            "unreachable": unreachable,
            "walk_m": walks_to_devices(outcome),
            "layer": [demand.layers[layer] for layer in demand.layer],
            "circle": outcome.scenario.circle.words_en,
        },
        geometry=geopandas.points_from_xy(demand.lonlat[:, 0], demand.lonlat[:, 1]),
        crs="EPSG:4326",
    )


def background_frames(background: "Background") -> dict[str, "GeoDataFrame"]:
    """Water, green, larger roads and names as layers, for whoever draws a map under the plan; empty ones left out."""
    import geopandas
    import pandas

    roads = [(kind, line) for kind, lines in background.roads.items() for line in lines]
    columns = [(n.zh, n.en, n.kind, n.turn, n.weight) for n in background.names]
    places = geopandas.points_from_xy(*np.array([n.place for n in background.names], dtype=float).reshape(-1, 2).T)
    tables = {
        "water": (pandas.DataFrame(index=range(len(background.water))), background.water),
        "green": (pandas.DataFrame(index=range(len(background.green))), background.green),
        "roads": (pandas.DataFrame({"kind": [kind for kind, _ in roads]}), [line for _, line in roads]),
        "names": (pandas.DataFrame(columns, columns=["zh", "en", "kind", "turn", "weight"]), places),
    }
    return {
        name: geopandas.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
        for name, (table, shapes) in tables.items()
        if len(table)
    }


def walks_to_devices(outcome: "Outcome") -> np.ndarray:
    """(D,) metres from each demand point to its nearest device, as the circle measures; NaN where there is no way."""
    devices = outcome.kept.devices
    both: tuple[Any, Any] = outcome.site_anchors.some(devices), outcome.demand_anchors
    if outcome.scenario.circle.measure == "line":
        both = outcome.sites.lonlat[devices], outcome.demand.lonlat
    if not len(devices):
        return np.full(len(outcome.demand), np.nan)
    metres = nearest(outcome.streets, *both, measure=outcome.scenario.circle.measure).metres
    return np.where(np.isfinite(metres), metres.round(3), np.nan)


FACTS = {
    "scenario": "方案 scenario",
    "version": "软件版本 version",
    "value": "覆盖(例/年) value (arrests/year)",
    "total": "全部需求(例/年) total (arrests/year)",
    "share": "覆盖占比 share",
    "before": "现有覆盖(例/年) before (arrests/year)",
    "bound": "上界(例/年) bound (arrests/year)",
    "gap": "差距 gap",
    "status": "求解状态 status",
    "method": "方法 method",
}
ROLES = {
    "streets": "街道 streets",
    "demand": "需求 demand",
    "standing": "已设 standing",
    "candidates": "候选 candidates",
}


def shown(key: str, figure: object) -> object:
    """A figure of the summary as the sheet about it shows it; shares in per cent, in words, among other numbers."""
    return f"{figure:.2%}" if key in ("share", "gap") else figure


COLUMNS = {
    "order": "次序 order",
    "id": "编号 id",
    "label": "名称 label",
    "kind": "类别 kind",
    "kind_zh": "类别(中文)",
    "role": "状态 role",
    "moved": "移自 / 移至 moved from / to",
    "gain": "新增覆盖(例/年) gain (arrests/year)",
    "hours": "开放时间 hours",
    "cost": "费用(元) cost (RMB)",
    "circle": "救护圈 circle",
    "lon": "经度 lon (WGS-84)",
    "lat": "纬度 lat (WGS-84)",
}


def sheets(outcome: "Outcome", rows: list[dict[str, Any]]) -> dict[str, tuple[list[str], list[list[object]]]]:
    """The workbook: the plan, the circles side by side, and where the figures come from."""
    summary = outcome.summary
    plan = [[row[key] for key in COLUMNS] for row in rows]
    circles = [
        [name, figure["words_zh"], figure["words_en"], figure["value"], figure["share"], figure["share_before"]]
        for name, figure in summary["circles"].items()
    ]
    facts = [[words, shown(key, summary[key])] for key, words in FACTS.items()]
    facts.append(["开放时间 hours", f"{summary['hours']['words_zh']} {summary['hours']['words_en']}"])
    facts += [
        ["骤停平滑 smoothing", f"{layer}: {one['words_zh']} {one['words_en']}"]
        for layer, one in summary["demand"]["smoothing"].items()
        if "words_zh" in one
    ]
    if summary["survival"]:
        facts.append(
            ["按生存曲线选点 chosen under a curve", f"{summary['survival']['curve']}: {summary['survival']['source']}"]
        )
    facts += [
        [
            ROLES.get(entry["role"], " ".join(role_words(entry["role"]))),
            f"{entry['file']} {entry['source']} {entry['licence']}",
        ]
        for entry in summary["inputs"]
    ]
    return {
        "方案 plan": (list(COLUMNS.values()), plan),
        "救护圈 circles": (
            ["救护圈 circle", "规则", "rule", "覆盖(例/年) value", "占比 % share", "现有占比 % share before"], circles,
        ),
        **kept_sheets(outcome),
        "要紧 worth": worth_sheet(outcome),
        **promise_sheets(outcome),
        "说明 about": (["项目 item", "值 value"], facts),
    }  # fmt: skip


def worth_sheet(outcome: "Outcome") -> tuple[list[str], list[list[object]]]:
    """What is lost while each device fails, and where it would hang best if its site were lost."""
    label = dict(zip(outcome.sites.id, outcome.sites.label, strict=True))
    columns = [
        "编号 id", "名称 label", "失效时的损失(例/年) loss (arrests/year)", "最好改挂在 best instead",
        "补回(例/年) regained (arrests/year)",
    ]  # fmt: skip
    rows: list[list[object]] = [
        [one["id"], label[one["id"]], one["loss"], label.get(one["instead"]), one["regained"]]
        for one in outcome.summary["worth"]
    ]
    return columns, rows


def promise_sheets(outcome: "Outcome") -> dict[str, tuple[list[str], list[list[object]]]]:
    """Promised beside kept on arrests held out; no sheet where there are none."""
    held = outcome.summary["heldout"]
    if held is None:
        return {}
    columns = {
        "devices": "新设备(台) new devices", "promised": "平滑承诺 % promised share", "kept": "平滑兑现 % kept share",
        "low": "区间下限 % lowest share", "high": "区间上限 % highest share", "raw_promised": "原始点承诺 % raw promised share",
        "raw_kept": "原始点兑现 % raw kept share",
    }  # fmt: skip
    return {
        "兑现 promise": (
            list(columns.values()),
            [list(row) for row in zip(*(held[key] for key in columns), strict=True)],
        )
    }


MOST_UNCOVERED = 20_000
"""Rows that a sheet of the workbook names one by one, the worst first; a quarter of a million of them take a minute to write."""


def kept_sheets(outcome: "Outcome") -> dict[str, tuple[list[str], list[list[object]]]]:
    """What hours, readiness and floors leave: by cause, period and town, and every point that is not covered."""
    kept, summary, demand = outcome.kept, outcome.summary, outcome.demand
    unit = kept.losses.unit
    causes = [f"{CAUSES_ZH[cause]} {CAUSES_EN[cause]} (例/年 arrests/year)" for cause in CAUSES]
    periods = [
        [one["words_zh"], one["words_en"], one["hours"], one["share"], *(n * unit for n in one["units"].values())]
        for one in summary["periods"]
    ]
    groups = [
        [
            level,
            row.name,
            row.code,
            row.devices,
            row.people,
            row.demand,
            row.share,
            *(n * unit for n in row.units.tolist()),
        ]
        for level, rows in kept.served.items()
        for row in rows
    ]
    possible = [outcome.sites.label[site] for site in kept.possible]
    uncovered = [
        [demand.id[one.point], *demand.lonlat[one.point].round(7).tolist(), one.lost, CAUSES_ZH[CAUSES[one.cause]],
         possible[one.site] if one.site >= 0 else None, one.metres if one.site >= 0 else None]
        for one in kept.uncovered[:MOST_UNCOVERED]
    ]  # fmt: skip
    rest = kept.uncovered[MOST_UNCOVERED:]
    if rest:
        told = f"其余 {len(rest):,} 处合计 the other {len(rest):,} together"
        uncovered.append([told, None, None, sum(one.lost for one in rest), None, None, None])
    return {
        "时段 periods": (["时段", "period", "全年小时 hours a year", "真正覆盖 % share", *causes], periods),
        "分组 groups": (
            ["级别 level", "名称 name", "代码 code", "设备(台) devices", "人口(人) people", "需求(例/年) demand (arrests/year)",
             "真正覆盖 % share", *causes], groups,
        ),
        "未覆盖 uncovered": (
            ["需求点 point", "经度 lon (WGS-84)", "纬度 lat (WGS-84)", "失去(例/年) lost (arrests/year)", "主要原因 main cause",
             "最近的候选点位 nearest candidate", "步行(米) walk (m)"], uncovered,
        ),
    }  # fmt: skip
