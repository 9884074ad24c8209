"""Small photos of devices for phones on a poor network: made once from the kept ones, and kept beside them."""

import os
import threading
from functools import lru_cache
from pathlib import Path

from ..bodies import Body, make_body
from ..errors import error_of_status
from ..inspections.photos import make_small

_making = threading.Lock()


class SmallPhotos:
    """Small photos by the checksum of the photo that they are of; the database is not asked.

    folder  of the records: photos are kept in `files`, small ones in `small`
    """

    def __init__(self, folder: Path) -> None:
        self._files, self._small = folder / "files", folder / "small"
        self.body = lru_cache(maxsize=256)(self._body)

    def _body(self, checksum: str) -> Body:
        """A small photo; raises ServiceError 404 when the photo is not there, 422 when it is damaged."""
        path = self._small / f"{checksum}.jpg"
        try:
            return make_body(path.read_bytes(), "image/jpeg")
        except OSError:
            with _making:  # many phones ask for the same ones at once
                return make_body(self._make(checksum, path), "image/jpeg")

    def _make(self, checksum: str, path: Path) -> bytes:
        try:
            content = (self._files / checksum[:2] / checksum).read_bytes()
        except OSError:
            raise error_of_status(404) from None
        small = make_small(content)
        self._keep(path, small)
        return small

    def _keep(self, path: Path, content: bytes) -> None:
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(content)
            os.replace(fresh, path)
        except OSError:  # a full disk: it will be made again
            fresh.unlink(missing_ok=True)
