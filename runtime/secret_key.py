"""The installation's own key, which signs what it wrote."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from adapters.errors import AdapterError
from adapters.opening import OpenError, read_own

N_BYTES = 32
NEW_KEY = "Put it aside and a new one is made, which no earlier model was signed with"


class SecretKeyError(AdapterError):
    """What stands in the key's place is no key of ours; the message is for the user."""


def secret_key(path: Path) -> bytes:
    """The installation's own key, made once.

    Raises
    ------
    SecretKeyError
        If what stands there is no key of ours: a link, a device, a file of another size.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not os.path.lexists(path):
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(N_BYTES))
        # Where another process was first, its key is the key.
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    try:
        key = read_own(path, N_BYTES)
    except (OpenError, FileNotFoundError) as error:
        raise SecretKeyError(f"the key {path} cannot be read: {error}. {NEW_KEY}") from error
    if len(key) != N_BYTES:
        raise SecretKeyError(f"the key {path} has {len(key)} bytes and not {N_BYTES}. {NEW_KEY}")
    return key
