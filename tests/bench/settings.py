"""How much of everything the benchmark runs: enough for steady medians, or a quick look."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Sizes of a run.

    temp    a folder for saved networks and tiles, removed at the end
    rounds  turns of each comparison, after one that does not count
    """

    temp: Path
    rounds: int = 5
    batch: int = 20_000
    """Sources of one batch at 70,000 nodes; the 1 M network gets sixteen times as many."""
    networkx_sources: int = 1_000
    ego_sources: int = 100
    scipy_sources: int = 512
    scipy_sources_big: int = 24
    pandana_sources: int = 1_000
    samples: int = 40
    """Sources whose answers are compared before timing."""
    outlines: int = 200
    isochrones: int = 100
    sites: int = 10_000
    demand: int = 300_000


def full(temp: Path) -> Settings:
    """What the table in the repository is made with."""
    return Settings(temp)


def quick(temp: Path) -> Settings:
    """A look of two or three minutes at whether everything runs."""
    return Settings(
        temp, rounds=1, batch=10_000, networkx_sources=100, ego_sources=10, scipy_sources=256, scipy_sources_big=8,
        pandana_sources=50, samples=10, outlines=10, isochrones=10,
    )  # fmt: skip
