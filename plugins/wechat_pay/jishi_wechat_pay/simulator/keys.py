"""The keys of a simulated WeChat Pay and of its one merchant, made up or kept in a folder.

Files in the folder; a shop needs those marked with a star:
    merchant.json *               numbers and serials
    api_v3_key.txt *              the API v3 key
    merchant_key.pem *            the merchant's private key
    platform_public_key.pem *     WeChat Pay's public key (mode public_key)
    platform_key.pem              its other half, the simulator's own
    platform_certificate.pem      WeChat Pay's certificate (mode certificates)
    platform_certificate_key.pem  its key
"""

import secrets
import string
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from jishi_wechat_pay.signature import read_private_key

_CHARACTERS = string.ascii_letters + string.digits


class MerchantFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a merchant reads off WeChat's console."""

    mchid: str
    appids: list[str]
    serial_no: str
    public_key_id: str


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Everything both sides sign and seal with."""

    merchant: MerchantFile
    api_v3_key: bytes
    merchant_key: RSAPrivateKey
    platform_key: RSAPrivateKey
    certificate: x509.Certificate
    certificate_key: RSAPrivateKey

    @property
    def certificate_serial(self) -> str:
        """The platform certificate's serial: 40 hex digits."""
        return f"{self.certificate.serial_number:040X}"

    @property
    def certificate_pem(self) -> bytes:
        """The platform certificate as it is handed out."""
        return self.certificate.public_bytes(Encoding.PEM)


def private_pem(key: RSAPrivateKey) -> str:
    """A private key in the form WeChat's console hands out."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    """The public half of a key."""
    form = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def make_keys(mchid: str, appids: list[str], now: datetime) -> Keys:
    """Make up fresh keys for a merchant."""
    certificate_key = _new_key()
    return Keys(
        merchant=MerchantFile(
            mchid=mchid,
            appids=appids,
            serial_no=f"{x509.random_serial_number():040X}",
            public_key_id=f"PUB_KEY_ID_0{mchid}{now:%Y%m%d}00{secrets.randbelow(10**8):08d}",
        ),
        api_v3_key="".join(secrets.choice(_CHARACTERS) for _ in range(32)).encode(),
        merchant_key=_new_key(),
        platform_key=_new_key(),
        certificate=_certificate(certificate_key, now),
        certificate_key=certificate_key,
    )


def keep_keys(folder: Path, mchid: str, appids: list[str], now: datetime) -> Keys:
    """Read the keys in a folder; make them when there are none.

    Raises:
        ValueError: The folder holds another merchant's keys.
    """
    if not (folder / "merchant.json").exists():
        _write(folder, make_keys(mchid, appids, now))
    keys = _read(folder)
    if keys.merchant.mchid != mchid:
        raise ValueError(f"{folder} holds the keys of merchant {keys.merchant.mchid}, not {mchid}")
    return msgspec.structs.replace(
        keys, merchant=msgspec.structs.replace(keys.merchant, appids=appids)
    )


def _read(folder: Path) -> Keys:
    def key(name: str) -> RSAPrivateKey:
        return read_private_key((folder / name).read_text())

    return Keys(
        merchant=msgspec.json.decode((folder / "merchant.json").read_bytes(), type=MerchantFile),
        api_v3_key=(folder / "api_v3_key.txt").read_bytes(),
        merchant_key=key("merchant_key.pem"),
        platform_key=key("platform_key.pem"),
        certificate=x509.load_pem_x509_certificate(
            (folder / "platform_certificate.pem").read_bytes()
        ),
        certificate_key=key("platform_certificate_key.pem"),
    )


def _write(folder: Path, keys: Keys) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "api_v3_key.txt": keys.api_v3_key.decode(),
        "merchant_key.pem": private_pem(keys.merchant_key),
        "platform_key.pem": private_pem(keys.platform_key),
        "platform_public_key.pem": public_pem(keys.platform_key),
        "platform_certificate.pem": keys.certificate_pem.decode(),
        "platform_certificate_key.pem": private_pem(keys.certificate_key),
        # Last, because its presence says that the folder is complete.
        "merchant.json": msgspec.json.format(msgspec.json.encode(keys.merchant)).decode(),
    }
    for name, text in texts.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text)


def _new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(key: RSAPrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated WeChat Pay")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        # A first digit above zero keeps clients happy that drop leading zeros of serials.
        .serial_number(secrets.randbits(156) | (1 << 156))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=5 * 365))
        .sign(key, SHA256())
    )
