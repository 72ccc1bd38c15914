"""Secrets of this installation: given from outside, or generated once into the data folder."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

FILE = "secrets.json"


class SecretError(Exception):
    """A secret that was promised by the environment cannot be read."""


def given(name: str) -> str | None:
    """The secret that the environment gives, or None.

    `COMMONGROUND_<NAME>` holds the secret itself, `COMMONGROUND_<NAME>_FILE` the path of a file that holds it (how
    containers hand over secrets). Raises SecretError when that file cannot be read or is empty.
    """
    variable = f"COMMONGROUND_{name.upper()}"
    if value := os.environ.get(variable):
        return value
    path = os.environ.get(f"{variable}_FILE")
    if not path:
        return None
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretError(f"{variable}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    if not value:
        raise SecretError(f"{variable}_FILE names {path}, which is empty.")
    return value


def secret(data: Path, name: str) -> str:
    """The secret called `name`: the environment's, else the data folder's, generated on first use.

    data: the data folder; its `secrets.json` is readable by its owner alone. Several processes may ask at once.
    """
    if value := given(name):
        return value
    path = data / FILE
    if value := _stored(path).get(name):
        return value
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / f"{FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _stored(path)
        if name not in known:
            known[name] = secrets.token_urlsafe(48)
            _store(path, known)
        return known[name]


def _stored(path: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return known


def _store(path: Path, known: dict[str, str]) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def seal(text: str) -> str:
    """The text encrypted with a key of the data folder, for the database: a copy of the database alone opens nothing."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises SecretError when the key of this data folder did not make it."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretError("A stored password was encrypted with another key. Type it again.") from error


def _box() -> Fernet:
    from commonground.store.database import data_folder

    key = hashlib.sha256(b"sealed text:" + secret(data_folder(), "sealing_key").encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
