"""What a study gives: everything maps, reports and files are made from."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..anchors import Anchors
from ..circles import RescueCircle
from ..coverage import Coverage
from ..demand import Demand
from ..network import StreetNetwork
from ..osm.background import Background
from ..plan import Plan
from ..scenario.promises import MadeFrom
from ..scenario.week import Kept, Week
from ..sites import Sites
from ..source import Source
from ..suspicions import Suspicion
from ..towns import Groups

if TYPE_CHECKING:
    from ..scenario.scenario import Scenario


@dataclass(frozen=True)
class CircleFigure:
    """What one plan covers under one circle, beside what the standing devices cover alone."""

    circle: RescueCircle
    value: float
    share: float
    share_before: float


@dataclass(frozen=True)
class Unreachable:
    """Demand no plan could reach, in expected arrests per year, by cause.

    off_street   further from any street than the circle's limit
    cut_off      on streets that are not connected to any site
    no_site      connected, but no site, standing or candidate, is within the circle
    points       (U,) numbers of all these demand points
    """

    off_street: float
    cut_off: float
    no_site: float
    points: np.ndarray

    @property
    def total(self) -> float:
        """All of it."""
        return self.off_street + self.cut_off + self.no_site


@dataclass(frozen=True)
class Outcome:
    """One study, finished.

    site_anchors, demand_anchors  where sites and demand join the streets
    coverage                      under the scenario's circle
    covered                       (D,) bool: demand points the plan covers
    covered_before                (D,) bool: demand points the standing devices cover
    circles                       the same plan under several circles, by name
    week                          when the sites are open
    kept                          what becomes of all demand once hours, readiness and floors count
    made                          what the demand was made from, and how far the plan's promise can be trusted
    inputs                        (role, source) of everything read
    device_bounds                 (P,) no plan of 1, 2 ... devices covers more; None where the budget is money
    background                    water, green and names for the map; None where the streets are not an OpenStreetMap file
    warnings                      what may be wrong with the inputs; empty as a rule
    summary                       what summary.json holds
    aim                           the plan as it was chosen, where more than coverage was wanted: a second device, equity
    groups                        towns, communities ... that people and devices are told apart by
    moved                         (from, to) sites of standing devices that move; to is -1 for one that nobody needs
    """

    scenario: "Scenario"
    streets: StreetNetwork
    demand: Demand
    sites: Sites
    site_anchors: Anchors
    demand_anchors: Anchors
    coverage: Coverage
    plan: Plan
    covered: np.ndarray
    covered_before: np.ndarray
    circles: dict[str, CircleFigure]
    unreachable: Unreachable
    week: Week
    kept: Kept
    inputs: tuple[tuple[str, Source], ...]
    background: Background | None = None
    device_bounds: np.ndarray | None = None
    warnings: tuple[Suspicion, ...] = ()
    made: MadeFrom = field(default_factory=MadeFrom)
    summary: dict[str, Any] = field(default_factory=dict)
    aim: Plan | None = None
    moved: tuple[tuple[int, int], ...] = ()
    groups: tuple[Groups, ...] = ()

    @property
    def staying(self) -> np.ndarray:
        """Sites of the standing devices that stay."""
        return np.setdiff1d(np.flatnonzero(self.sites.standing), [site for site, _ in self.moved])

    @property
    def devices(self) -> np.ndarray:
        """Sites that hold a device under the plan."""
        return np.union1d(self.staying, np.asarray(self.plan.chosen, dtype=np.int64))

    @property
    def before(self) -> float:
        """What the standing devices cover today, before any of them moves."""
        if not self.moved:
            return self.plan.before
        rows = self.coverage.covers[np.flatnonzero(self.sites.standing)]
        return float(self.coverage.weight[np.unique(rows.indices)].sum())

    def with_summary(self, summary: dict[str, Any]) -> "Outcome":
        """The same outcome with its summary."""
        return replace(self, summary=summary)

    def save(self, folder: str | Path) -> None:
        """Write everything a planner takes away to a folder, whole or not at all.

        summary.json, plan.geojson, plan.gpkg, plan.xlsx, map.html, report.html, report.docx, scenario.toml, the streets as a
        saved network, study.npz: all sites and all demand, from which `reopen` takes the study up again, and where multipliers
        prove the bound certificate.npz, which `verify` checks. The same inputs give the same bytes, but for `seconds` in the
        summary.

        Raises InputError when the folder holds something that is not an earlier outcome.
        """
        from .publish import save

        save(self, Path(folder))
