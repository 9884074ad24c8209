"""Valhalla in a process of its own, with a Python that its wheels are made for: knows nothing of aedplan.

    python valhalla_worker.py build FOLDER EXTRACT     make the tiles
    python valhalla_worker.py serve FOLDER             read one request a line, answer one line: {"seconds", "answer"}

A request is {"verb": "matrix" | "isochrone", "body": {...}, "want": bool}; seconds are those of the call alone, text in
and text out. The answer is sent back only when it is wanted.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOM = 20_000_000


def configured(folder: Path) -> Path:
    """Write Valhalla's settings: one thread, and room for large matrices."""
    import valhalla

    unused = folder / "unused.tar"
    unused.touch()
    config = valhalla.get_config(tile_extract=str(unused), tile_dir=str(folder), verbose=False)
    for name in ("tile_extract", "admin", "timezone", "traffic_extract"):
        config["mjolnir"].pop(name, None)
    config["mjolnir"]["concurrency"] = 1
    config["thor"]["source_to_target_algorithm"] = "costmatrix"
    config["service_limits"]["pedestrian"].update(max_matrix_location_pairs=ROOM, max_locations=10_000)
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def build(folder: Path, extract: Path) -> None:
    """Make the tiles of an extract."""
    import valhalla

    tool = (
        Path(valhalla.__file__).parent
        / "bin"
        / ("valhalla_build_tiles.exe" if os.name == "nt" else "valhalla_build_tiles")
    )
    subprocess.run([str(tool), "-c", str(configured(folder)), str(extract)], check=True, capture_output=True)


def serve(folder: Path) -> None:
    """Answer requests from standard input until it closes."""
    import valhalla

    actor = valhalla.Actor(str(folder / "valhalla.json"))
    print(json.dumps({"version": valhalla.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        verb, body = getattr(actor, request["verb"]), json.dumps(request["body"])
        began = time.perf_counter()
        answer = verb(body)
        seconds = time.perf_counter() - began
        print(
            json.dumps({"seconds": seconds, "answer": json.loads(answer) if request.get("want") else None}), flush=True
        )


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        serve(Path(sys.argv[2]))
