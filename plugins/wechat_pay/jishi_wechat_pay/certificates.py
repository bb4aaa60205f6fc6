"""Which keys of WeChat a merchant trusts, and how they are renewed.

A merchant verifies with WeChat Pay's *public key* (its id begins ``PUB_KEY_ID_``, no expiry), with
*platform certificates* (a serial of 40 hex digits, downloaded, five years), or, during the switch
from the latter to the former, with both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, load_pem_x509_certificate

from jishi.clock import Clock
from jishi_wechat_pay.client import refusal_in
from jishi_wechat_pay.connection import Connection
from jishi_wechat_pay.problems import (
    Refused,
    SerialUnknown,
    Unreadable,
    WechatPayProblem,
)
from jishi_wechat_pay.resource import Resource, open_resource
from jishi_wechat_pay.signature import KeyRing, Verifier

PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"
REFRESH_EVERY = timedelta(hours=12)
"""WeChat asks merchants not to poll more often."""
SEARCH_EVERY = timedelta(minutes=1)
"""How often a message with an unknown serial may make us look for new certificates."""


class PublicKeys:
    """The public keys a merchant was given in WeChat's console, by their ids."""

    def __init__(self, keys: Mapping[str, RSAPublicKey]) -> None:
        self._keys = dict(keys)

    async def key_for(self, serial: str) -> RSAPublicKey:
        """The public key with this id; raises SerialUnknown."""
        if serial not in self._keys:
            raise SerialUnknown(f"{serial[:80]!r} is not the id of a trusted public key")
        return self._keys[serial]


class PlatformCertificates:
    """WeChat's certificates, fetched when needed, refreshed every twelve hours.

    Args:
        download: Gives all current certificates.
        clock: Tells which are valid and when to refresh.
    """

    def __init__(self, download: Callable[[], Awaitable[list[Certificate]]], clock: Clock) -> None:
        self._download = download
        self._clock = clock
        self._known: dict[int, Certificate] = {}
        self._fetched_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def key_for(self, serial: str) -> RSAPublicKey:
        """The key of the certificate with this serial (hex).

        Raises:
            SerialUnknown: No valid certificate has it, also after looking for new ones.
            OutcomeUnknown: WeChat could not be asked.
        """
        number = _serial_number(serial)
        certificate = await self._find(number, REFRESH_EVERY)
        if certificate is None:
            certificate = await self._find(number, SEARCH_EVERY)
        now = self._clock.now()
        if certificate is None or not (
            certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
        ):
            raise SerialUnknown(f"no valid platform certificate has the serial {serial[:80]!r}")
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise SerialUnknown("the platform certificate holds no RSA key")
        return key

    async def _find(self, number: int, patience: timedelta) -> Certificate | None:
        async with self._one_at_a_time:
            now = self._clock.now()
            if self._fetched_at is None or now - self._fetched_at >= patience:
                # Set first: a failing download must not be repeated for every message.
                self._fetched_at = now
                await self._refresh(number)
        return self._known.get(number)

    async def _refresh(self, wanted: int) -> None:
        try:
            fresh = await self._download()
        except Refused:
            return  # a merchant that has only the public key
        except WechatPayProblem:
            if wanted not in self._known:
                raise
            return  # a renewal that failed is no reason to distrust what is still valid
        self._known = {certificate.serial_number: certificate for certificate in fresh}


class MixedKeys:
    """Both kinds at once, told apart by the serial's beginning."""

    def __init__(self, public_keys: KeyRing, certificates: KeyRing) -> None:
        self._public_keys = public_keys
        self._certificates = certificates

    async def key_for(self, serial: str) -> RSAPublicKey:
        """The public key or the certificate's key with this serial; raises SerialUnknown."""
        ring = self._public_keys if serial.startswith(PUBLIC_KEY_PREFIX) else self._certificates
        return await ring.key_for(serial)


class CertificateEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate in WeChat's list."""

    serial_no: str
    encrypt_certificate: Resource


class CertificateList(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``GET /v3/certificates``."""

    data: list[CertificateEntry]


def open_certificates(body: bytes, api_v3_key: bytes) -> list[Certificate]:
    """Decrypt WeChat's list of certificates.

    Raises:
        Unreadable: It cannot be read or opened with this key.
    """
    try:
        entries = msgspec.json.decode(body, type=CertificateList).data
    except msgspec.DecodeError as error:
        raise Unreadable(f"the list of certificates cannot be read: {error}") from error
    opened = [open_resource(entry.encrypt_certificate, api_v3_key) for entry in entries]
    return [load_pem_x509_certificate(pem) for pem in opened]


async def download_certificates(
    connection: Connection, api_v3_key: bytes, public_keys: PublicKeys, clock: Clock
) -> list[Certificate]:
    """Fetch the current certificates.

    The first download has nothing to be verified with but its own content: the list is sealed
    with the API v3 key, which proves its origin, and its signature must fit a key inside.

    Raises:
        Refused: The merchant has no platform certificates.
        NotTrusted: The answer's signature fits neither a public key nor the certificates in it.
        Unreadable: The list cannot be opened.
        OutcomeUnknown: WeChat could not be asked.
    """
    reply = await connection.send("GET", "/v3/certificates")
    if reply.status != 200:
        raise refusal_in(reply)
    fresh = open_certificates(reply.body, api_v3_key)

    async def within() -> list[Certificate]:
        return fresh

    ring = MixedKeys(public_keys, PlatformCertificates(within, clock))
    await Verifier(ring).verify(reply.headers, reply.body, clock.now())
    return fresh


def _serial_number(serial: str) -> int:
    try:
        return int(serial, 16) if len(serial) <= 64 else -1
    except ValueError:
        return -1
