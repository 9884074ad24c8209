"""The public dataset, with licence, publisher and date: GeoJSON, CSV, and an OSM file for mappers."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from ..facts import day_of
from ..history import RecordSession
from ..public.tag_files import CC_BY, Licence, dataset_csv, dataset_json, osm_file
from ..records.public import find_licence, list_public_devices, set_licence
from .asking import Asking, Db
from .devices import GEOJSON
from .shapes import Line, Shape, refusals

router = APIRouter(prefix="/api/v1", tags=["dataset"])
CSV, OSM = "text/csv; charset=utf-8", "application/vnd.openstreetmap.data+xml"


class LicenceShape(Shape):
    """Under what the dataset is given away, and by whom; a name without words withdraws it."""

    name: Annotated[Line, Field(examples=[CC_BY[0]])]
    address: Annotated[Line, Field(examples=[CC_BY[1]], pattern="^(https://.*)?$")] = ""
    publisher: Annotated[Line, Field(examples=["南安市红十字会"])]


def _file(kind: str, example: Any) -> dict[int | str, dict[str, Any]]:
    told = {"description": "the dataset", "content": {kind: {"example": example}}}
    return {200: told, **refusals(409)}


_EXAMPLE = {"type": "FeatureCollection", "licence": CC_BY[0], "licence_url": CC_BY[1], "publisher": "南安市红十字会",
            "date": "2026-11-22", "features": []}  # fmt: skip


@router.get("/dataset.geojson", response_class=Response, responses=_file(GEOJSON, _EXAMPLE))
def see_geojson(session: Db, who: Asking) -> Response:
    """All public devices as they are today; 409 until the office has set licence and publisher."""
    return _download(dataset_json(*_devices(session), on=day_of(session.by.at)), GEOJSON, "aed.geojson")


@router.get("/dataset.csv", response_class=Response, responses=_file("text/csv", "编号,名称,经度,纬度,…"))
def see_csv(session: Db, who: Asking) -> Response:
    """The same as a table with Chinese headers."""
    return _download(dataset_csv(*_devices(session), on=day_of(session.by.at)), CSV, "aed.csv")


@router.get("/dataset.osm", response_class=Response, responses=_file(OSM, '<osm version="0.6" upload="never"/>'))
def see_osm(session: Db, who: Asking) -> Response:
    """The same with OpenStreetMap's tags, for mappers to look through; nothing is uploaded by itself."""
    devices, licence = _devices(session)
    dataset_json([], licence, on=day_of(session.by.at))  # no file either before the licence is decided
    return _download(osm_file(devices), OSM, "aed.osm")


@router.get("/records/licence", responses=refusals())
def see_licence(session: Db, who: Asking) -> LicenceShape:
    """Under what the dataset is given away."""
    return LicenceShape(**vars(find_licence(session)))


@router.put("/records/licence", responses=refusals())
def put_licence(given: LicenceShape, session: Db, who: Asking) -> LicenceShape:
    """Decide under what the dataset is given away, and by whom."""
    return LicenceShape(**vars(set_licence(session, Licence(given.name, given.address, given.publisher))))


def _devices(session: RecordSession) -> tuple[list[Any], Licence]:
    return list_public_devices(session, day_of(session.by.at)), find_licence(session)


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-cache",
    }
    return Response(content, media_type=kind, headers=headers)
