"""One merchant's account at WeChat Pay, made from its settings: keys, line and letter box."""

import httpx
from cryptography.x509 import Certificate

from jishi.clock import Clock
from jishi_wechat_pay.certificates import (
    MixedKeys,
    PlatformCertificates,
    PublicKeys,
    download_certificates,
)
from jishi_wechat_pay.client import Client
from jishi_wechat_pay.connection import Connection
from jishi_wechat_pay.notices import NoticeReader
from jishi_wechat_pay.replay import ReplayWindow
from jishi_wechat_pay.settings import WechatPaySettings
from jishi_wechat_pay.signature import (
    KeyRing,
    Signer,
    Verifier,
    read_private_key,
    read_public_key,
)


class Account:
    """Everything needed to talk with WeChat Pay as this merchant.

    Args:
        settings: The merchant's settings.
        http: The HTTP client; the caller closes it.
        clock: Dates signatures, judges certificates.

    Attributes:
        signer: Signs what the merchant says.
        client: Asks WeChat.
        notices: Reads what WeChat sends.
    """

    def __init__(self, settings: WechatPaySettings, http: httpx.AsyncClient, clock: Clock) -> None:
        self.signer = Signer(
            mchid=settings.mchid,
            serial_no=settings.serial_no,
            private_key=read_private_key(settings.private_key.reveal()),
        )
        self._clock = clock
        self._api_v3_key = settings.api_v3_key.reveal().encode()
        self._public_keys = _public_keys(settings)
        self._connection = Connection(
            self.signer, settings.hosts, http, clock, answer_serial=settings.public_key_id
        )
        verifier = Verifier(self._keys(settings))
        self.client = Client(self._connection, verifier, clock)
        self.notices = NoticeReader(
            verifier,
            ReplayWindow(),
            api_v3_key=self._api_v3_key,
            mchid=settings.mchid,
            appids=settings.appids(),
        )

    def _keys(self, settings: WechatPaySettings) -> KeyRing:
        if not settings.platform_certificates:
            return self._public_keys
        return MixedKeys(self._public_keys, PlatformCertificates(self._download, self._clock))

    async def _download(self) -> list[Certificate]:
        return await download_certificates(
            self._connection, self._api_v3_key, self._public_keys, self._clock
        )


def _public_keys(settings: WechatPaySettings) -> PublicKeys:
    if settings.public_key_id is None or settings.public_key is None:
        return PublicKeys({})
    return PublicKeys({settings.public_key_id: read_public_key(settings.public_key.read_text())})
