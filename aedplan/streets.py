"""Any file of streets to a StreetNetwork, by what the file is."""

from pathlib import Path

from .errors import InputError
from .network import StreetNetwork
from .source import sha256

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
LINE_SUFFIXES = (".gpkg", ".parquet", ".geojson")


def read_streets(path: str | Path, *, made_from: str | Path | None = None) -> StreetNetwork:
    """Walkable streets from a file.

    path  OpenStreetMap (.osm.pbf, .osm, .osm.gz, .osm.bz2), OSMnx .graphml, lines (.gpkg, .parquet, .geojson), or a folder
          written by `StreetNetwork.save`
    made_from  the file a saved network must have been made from; another one, or one changed since, is refused

    Raises InputError when the file is missing, damaged, of another kind, or holds no walkable street.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path.name}: there is no such file or folder; expected streets")
    if path.is_dir():
        from .store import load

        streets = load(path)
        if made_from is not None and sha256(Path(made_from)) != streets.source.sha256:
            was = streets.source.file or "another file"
            raise InputError(
                f"{path.name}: made from {was}, not from {Path(made_from).name} as it is now; make it again"
            )
        return streets
    name = path.name.lower()
    if name.endswith(OSM_SUFFIXES):
        from .osm.osm import read_osm_streets

        return read_osm_streets(path)
    if name.endswith(".graphml"):
        from .osm.graphs import read_graphml_streets

        return read_graphml_streets(path)
    if name.endswith(LINE_SUFFIXES):
        from .files import read_line_streets

        return read_line_streets(path)
    known = ", ".join((*OSM_SUFFIXES, ".graphml", *LINE_SUFFIXES))
    raise InputError(f"{path.name}: not a kind of streets file that is known; expected {known}, or a saved network")
