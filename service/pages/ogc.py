"""The pages of the open data: what the programs read, as lists and tables for people."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from ..public.tag_files import COLUMNS
from .catalog import Language, translator
from .shell import language_of, other_language, render, url

LINKS = ("data", "conformance", "items", "collection", "prev", "next")
"""Which links a person follows; the others lead to this page again, or to what only programs read."""


def html_page(request: Request, content: dict[str, Any]) -> str:
    """A document of OGC API - Features as a page."""
    language = language_of(request)
    features = content.get("features", [content] if content.get("type") == "Feature" else [])
    names = words_of(language)
    links = {one["rel"]: _as_page(one["href"], language) for one in content.get("links", []) if one["rel"] in LINKS}
    named = "landing" if "data" in links else content.get("id", content.get("title", ""))
    heading, about = names.get(named, ("", ""))
    return render(
        "ogc.html",
        language,
        heading=heading or _counted(content, language),
        about=about,
        links=[(names[rel][0], links[rel]) for rel in LINKS if rel in links],
        collections=[
            (*names[one["id"]], url(f"/ogc/collections/{one['id']}/items", language, f="html"))
            for one in content.get("collections", [])
        ],
        columns=list(features[0]["properties"]) if features else [],
        headers={name: (en if language == "en" else zh) for name, zh, en in COLUMNS},
        features=features,
        conforms=content.get("conformsTo", []),
        here=other_language(request),
        visitor=None,
    )


def words_of(language: Language) -> dict[str, tuple[str, str]]:
    """What documents and links are called, and what they hold."""
    _: Callable[..., str] = translator(language)
    return {
        "landing": (_("AED 公开数据"), _("给地图程序读的数据（OGC API - Features），坐标系 WGS-84。")),
        "conformance": (_("符合标准的哪些部分"), ""),
        "collections": (_("数据集"), ""),
        "data": (_("数据集"), ""),
        "devices": (_("AED 设备"), _("在用的公共设备及其可用状态。")),
        "sites": (_("公共点位"), _("设有公共设备的场所。")),
        "coverage": (_("方案覆盖"), _("已发布的方案赶得上哪些地方的需求。")),
        "items": (_("逐条查看"), ""),
        "collection": (_("这个数据集"), ""),
        "prev": (_("上一页"), ""),
        "next": (_("下一页"), ""),
    }


def _counted(content: dict[str, Any], language: Language) -> str:
    _: Callable[..., str] = translator(language)
    if "numberMatched" in content:
        return _("共 {n} 条数据", n=content["numberMatched"])
    return str(content["id"])


def _as_page(href: str, language: Language) -> str:
    """The address of a document as a page of ours, in the same language."""
    parts = urlsplit(href)
    query = {name: value for name, value in parse_qsl(parts.query) if name not in ("f", "lang")}
    return url(parts.path, language, **query, f="html")
