"""OGC API - Features under /ogc: devices, sites and the published coverage, for GIS programs (GeoJSON) and people (HTML)."""

import datetime as dt
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request, Response

from .. import features
from ..db import database_of, now
from ..errors import ServiceError, error_of_status
from ..facts import COUNTY_TIME, day_of
from ..features import GEOJSON, HTML, JSON, Collection, Point
from ..pages.ogc import html_page
from ..published import Place, Published
from ..records.public import PublicSite, list_public_devices, list_public_sites
from ..tag_files import PublicDevice
from . import Current
from .queries import as_bodies

router = APIRouter(prefix="/ogc", tags=["ogc"])
_OPEN = {"Access-Control-Allow-Origin": "*"}  # public data, for maps of other sites too
IDS = ("devices", "sites", "coverage")
