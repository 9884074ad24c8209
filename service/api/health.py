"""GET /health: whether the service answers, and which plan it serves."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from . import Current

router = APIRouter()


class Health(BaseModel):
    """`stale`: the folder was written again but cannot be read, so that the plan before is still served."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "ok", "scenario": "county-20", "devices": 12, "proposed": 20, "stale": False}]
        }
    )
    status: Literal["ok"]
    scenario: str
    devices: int
    proposed: int
    stale: bool


@router.get("/health", summary="运行状态 / whether it runs")
def health(request: Request, response: Response, published: Current) -> Health:
    """Answers whenever the service can answer at all."""
    response.headers["Cache-Control"] = "no-store"
    return Health(
        status="ok",
        scenario=published.summary["scenario"],
        devices=len(published.devices),
        proposed=len(published.proposed),
        stale=bool(request.app.state.shelf.fault),
    )
