"""Names and phones at rest: sealed with a key that is not in the database (Fernet: AES-128-CBC with HMAC-SHA256).

The key comes from AEDPLAN_KEY, or from the file `key` in the data folder, which only its owner may read. Several keys,
comma between: the first seals, each opens, so that a key can be changed.
"""

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from aedplan import InputError

KEY_FILE = "key"


class Safe:
    """Seals and opens personal words."""

    def __init__(self, keys: str, where: str) -> None:
        parts = [part.strip() for part in keys.split(",") if part.strip()]
        try:
            self._fernet = MultiFernet([Fernet(part) for part in parts])
        except ValueError as error:
            raise InputError(f"{where} holds no key; expected what `python -m service init` makes") from error
        self._checksum_key = hashlib.sha256(b"checksum" + parts[0].encode()).digest()

    def seal(self, words: str) -> str:
        """The words, sealed; "" stays "" (that there is nothing is no secret)."""
        return self._fernet.encrypt(words.encode()).decode() if words else ""

    def open(self, sealed: str) -> str:
        """The words that were sealed.

        Raises InputError when they were sealed with another key.
        """
        try:
            return self._fernet.decrypt(sealed).decode() if sealed else ""
        except InvalidToken as error:
            raise InputError("names and phones were sealed with another key; set AEDPLAN_KEY to that one") from error

    def checksum(self, words: str) -> str:
        """The same for the same words, and telling nobody without the key what they were."""
        return hmac.new(self._checksum_key, words.encode(), "sha256").hexdigest()


def read_safe(key: str, folder: Path) -> Safe:
    """The safe of a key, or else of the key file in a folder.

    Raises InputError when there is none, or when others than its owner may read the file.
    """
    if key:
        return Safe(key, "AEDPLAN_KEY")
    path = folder / KEY_FILE
    try:
        text = path.read_text(encoding="ascii")
        mode = path.stat().st_mode
    except OSError as error:
        hint = "set AEDPLAN_KEY, or make one with: python -m service init"
        raise InputError(f"{path}: the key of names and phones cannot be read ({error.strerror}); {hint}") from error
    if os.name == "posix" and mode & 0o077:
        raise InputError(f"{path}: others may read this key (mode {mode & 0o777:o}); run: chmod 600 {path}")
    return Safe(text, str(path))


def make_key(folder: Path) -> bool:
    """Make the key file of a folder, readable by its owner only; False when there is one already."""
    try:
        number = os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(number, "w") as file:
        file.write(Fernet.generate_key().decode() + "\n")
    return True
