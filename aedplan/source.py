"""Where data came from. Attribution on maps and the `inputs` of a summary are made from this and nothing else."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One origin of data.

    name      who made it, as it must be credited
    licence   short name of the licence; empty when unknown
    file      file name without folders, so that outputs hold no path of a machine
    sha256    checksum of that file; empty when it did not come from a file
    synthetic True where the data are made up; every output then says so
    """

    name: str
    licence: str = ""
    file: str = ""
    sha256: str = ""
    synthetic: bool = False

    @property
    def attribution(self) -> str:
        """The credit line.

        >>> Source("© OpenStreetMap contributors", "ODbL 1.0").attribution
        '© OpenStreetMap contributors (ODbL 1.0)'
        """
        return f"{self.name} ({self.licence})" if self.licence else self.name


OPENSTREETMAP = Source("© OpenStreetMap contributors", "ODbL 1.0")


def sha256(path: Path) -> str:
    """Checksum of a file, or of a folder's files in the order of their names, in hexadecimal."""
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def attributions(sources: list[Source]) -> list[str]:
    """The distinct credit lines of several sources, in order of first use."""
    return list(dict.fromkeys(source.attribution for source in sources if source.name))
