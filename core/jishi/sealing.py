"""Personal text at rest: sealed with a ring of keys, and found again without being opened.

What is stored is ``s1.<key id>.<base64url>``: AES-256-GCM, a random nonce of 96 bits before the
ciphertext. The column and the row are authenticated with it, so a value that is moved to another
column or row does not open. A build without keys stores text as it is; a text that looks sealed
is then marked with ``s0.``.

The newest key (the last of ``[[sealing.keys]]``) seals, all open. Fingerprints hang on the shop's
own secret, so they stay the same when keys change, and when sealing is switched on later.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jishi.config import Config, Secret, Source, setting
from jishi.db import Opener, Reads
from jishi.problems import Problem

SEALED = "s1."
"""How every sealed text begins."""

CLEAR = "s0."
"""Stands before a clear text that would else look like one of ours."""

SHORTEST = 32
"""Fewest characters of a key's secret: ``openssl rand -hex 32`` gives 64."""

_NONCE = 12
_TAG = 16


class SealingKey(msgspec.Struct, frozen=True, kw_only=True):
    """One of ``[[sealing.keys]]``: a name, and a secret that only the environment knows."""

    id: Annotated[str, setting(help="Names the key in what it seals.", pattern="^[a-z0-9]{1,16}$")]
    secret: Annotated[Secret, setting(help="At least 32 random characters.")]

    def __post_init__(self) -> None:
        if len(self.secret.reveal()) < SHORTEST:
            raise ValueError(
                f"the secret of the key {self.id} is shorter than {SHORTEST} characters; "
                "make one with: openssl rand -hex 32"
            )


class SealingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[sealing]``: the keys that personal text is sealed with."""

    keys: Annotated[
        tuple[SealingKey, ...],
        setting(help="The last one seals, all of them open; none: text is stored as it is."),
    ] = ()

    def __post_init__(self) -> None:
        names = [key.id for key in self.keys]
        if len(set(names)) < len(names):
            raise ValueError(f"two keys have the same id, among {', '.join(names)}")


class SealBroken(Problem):
    """A sealed text cannot be opened: its key is missing, or it was changed or moved."""

    code = "seal_broken"
    status = 500
    title = "A stored text cannot be opened"


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of a table that are sealed as one, so that a row costs one seal and not several.

    Without keys each column holds its own text. With keys the first holds all of them, sealed
    for its row; the second holds what it is looked up by; the others are empty.

    Attributes:
        table: The table.
        key: Its key column.
        column: Holds the sealed texts; it is JSON or null when clear.
        found_by: Is looked up, and so keeps a fingerprint.
        others: What else is sealed along.
    """

    table: str
    key: str = "id"
    column: str
    found_by: str
    others: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, in the order in which texts are given and had back."""
        return (self.column, self.found_by, *self.others)

    @property
    def place(self) -> str:
        """The column as seals know it."""
        return f"{self.table}.{self.column}"

    def close(
        self, sealing: "Sealing", row: str, texts: Sequence[str | None]
    ) -> tuple[str | None, ...]:
        """The texts of a row as they are stored."""
        if sealing.newest is None or not any(texts):
            return tuple(texts)
        sealed = sealing.seal(_encode(texts).decode(), self.place, row)
        return (sealed, self.print_of(sealing, texts[1] or ""), *[""] * len(self.others))

    def open(
        self, reader: Reads, row: str, stored: Sequence[str | None]
    ) -> tuple[str | None, ...]:
        """The texts of a row from what is stored.

        Raises:
            SealBroken: They cannot be opened.
        """
        sealed = stored[0]
        if sealed is None or not sealed.startswith(SEALED):
            return tuple(stored)
        if reader.opener is None:
            raise SealBroken(
                f"{self.table} holds sealed texts, and this database is no shop's.",
                next_step="Open it as a part of a shop, whose build has the keys.",
            )
        return tuple(_decode(reader.opener.unseal(sealed, self.place, row)))

    def print_of(self, opener: Opener | None, text: str) -> str:
        """What stands in ``found_by`` where rows are sealed; nothing for nothing."""
        if opener is None or not text:
            return ""
        return opener.fingerprint(text, f"{self.table}.{self.found_by}")


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[str | None]).decode


class Sealing:
    """A ring of keys.

    Args:
        keys: Ids and secrets, the newest last; empty: nothing is sealed.
        secret: The shop's own; fingerprints hang on it.
    """

    def __init__(self, keys: Sequence[tuple[str, str]], secret: str) -> None:
        self._keys = {name: AESGCM(_derived(text, f"seal {name}")) for name, text in keys}
        self._print = _derived(secret, "fingerprint")
        self.newest = keys[-1][0] if keys else None
        """The id of the key that seals; None when nothing is sealed."""
        self._prefix = f"{SEALED}{self.newest}." if self.newest else ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The keys that open, the newest last."""
        return tuple(self._keys)

    def seal(self, text: str, column: str, row: str = "") -> str:
        """A text as it is stored; an empty one stays empty.

        Args:
            text: What is to be kept.
            column: Where: ``orders_orders.sealed``.
            row: The row's key, where the value belongs to this row alone.
        """
        if not text:
            return ""
        if self.newest is None:
            return in_clear(text)
        nonce = os.urandom(_NONCE)
        body = self._keys[self.newest].encrypt(nonce, text.encode(), _place(column, row))
        return self._prefix + base64.urlsafe_b64encode(nonce + body).decode().rstrip("=")

    def unseal(self, stored: str, column: str, row: str = "") -> str:
        """The text of what `seal` gave for the same column and row.

        Raises:
            SealBroken: The key is not in the build, or the value is not what was stored there.
        """
        if not stored.startswith(SEALED):
            return stored.removeprefix(CLEAR)
        _, name, body = stored.split(".", 2) if stored.count(".") == 2 else ("", "", "")
        key = self._keys.get(name)
        if key is None:
            raise SealBroken(
                f"A text in {column} is sealed with the key {name[:16]!r}, which the build lacks.",
                next_step="Put the key back into [[sealing.keys]], before the newest.",
            )
        try:
            data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            if len(data) < _NONCE + _TAG:
                raise InvalidTag
            return key.decrypt(data[:_NONCE], data[_NONCE:], _place(column, row)).decode()
        except (InvalidTag, binascii.Error, UnicodeDecodeError):
            raise SealBroken(
                f"A text in {column} is not what was sealed there: changed, moved, or another "
                f"secret was given to the key {name}.",
                next_step="Compare the key's secret with a backup; look who wrote to the table.",
            ) from None

    def is_current(self, stored: str) -> bool:
        """Whether a stored text is as `seal` would keep it today."""
        if not stored:
            return True
        return stored.startswith(self._prefix) if self._prefix else not stored.startswith(SEALED)

    def fingerprint(self, text: str, purpose: str) -> str:
        """What a text is looked up by: the same for the same text, useless without the secret.

        Args:
            text: Normalised by the caller, who compares what he calls equal.
            purpose: Where it is looked up, so that columns cannot be compared with each other.
        """
        given = f"{len(purpose)}:{purpose}{text}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self._print, given, "sha256")[:24]).decode()


def in_clear(text: str) -> str:
    """A text as a build without keys stores it."""
    return CLEAR + text if text.startswith((SEALED, CLEAR)) else text


def closed(reader: Reads, text: str, column: str, row: str = "") -> str:
    """A text as it is stored, with the keys of the shop that the database belongs to."""
    return reader.opener.seal(text, column, row) if reader.opener else in_clear(text)


def opened(reader: Reads, stored: str, column: str, row: str = "") -> str:
    """The text of one stored value, with the keys of the shop that the database belongs to.

    Raises:
        SealBroken: It cannot be opened.
    """
    if reader.opener is not None:
        return reader.opener.unseal(stored, column, row)
    if stored.startswith(SEALED):
        raise SealBroken(
            f"{column} holds a sealed text, and this database is no shop's.",
            next_step="Open it as a part of a shop, whose build has the keys.",
        )
    return stored.removeprefix(CLEAR)


def key_of(stored: str) -> str | None:
    """The id of the key that a stored text is sealed with; None for a clear one."""
    return stored.split(".", 2)[1] if stored.startswith(SEALED) else None


_rings: WeakKeyDictionary[Source, Sealing] = WeakKeyDictionary()


def sealing_of(config: Config) -> Sealing:
    """The ring of a build, made once from ``[sealing]``.

    Raises:
        ConfigProblem: The table cannot be used.
    """
    ring = _rings.get(config.source)
    if ring is None:
        keys = config.section("sealing", SealingSettings).keys
        pairs = [(key.id, key.secret.reveal()) for key in keys]
        ring = _rings[config.source] = Sealing(pairs, config.shop.secret.reveal())
    return ring


def _derived(secret: str, purpose: str) -> bytes:
    info = f"jishi {purpose}".encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(secret.encode())


def _place(column: str, row: str) -> bytes:
    return hashlib.sha256(f"{len(column)}:{column}{row}".encode()).digest()
