"""The pages of the open data: what the programs read, as lists and tables for people."""

from typing import Any

from fastapi import Request

from .shell import language_of, other_language, render


def html_page(request: Request, content: dict[str, Any]) -> str:
    """A document of OGC API - Features as a page."""
    features = content.get("features", [content] if content.get("type") == "Feature" else [])
    columns = list(features[0]["properties"]) if features else []
    return render(
        "ogc.html",
        language_of(request),
        heading=content.get("title") or content.get("id") or f"{content.get('numberMatched', '')} features",
        about=content.get("description", ""),
        links=[one for one in content.get("links", []) if one["rel"] not in ("self", "service-desc")],
        collections=content.get("collections", []),
        columns=columns,
        features=features,
        conforms=content.get("conformsTo", []),
        here=other_language(request),
        visitor=None,
    )
