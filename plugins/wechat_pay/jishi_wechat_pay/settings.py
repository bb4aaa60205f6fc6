"""What a merchant writes in ``[plugins.wechat_pay]``; all of it stands in WeChat's console."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from jishi.config import Secret, setting
from jishi_wechat_pay.resource import KEY_BYTES
from jishi_wechat_pay.signature import read_private_key, read_public_key

MethodCode = Literal["native", "jsapi", "mini_program", "h5", "app"]
HOSTS = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")

AppId = Annotated[str, setting(pattern=r"^[0-9A-Za-z_]{4,32}$", scope="shop")]


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.wechat_pay.channels.<channel>]``: what is different in one channel."""

    appid: AppId | None = None
    methods: tuple[MethodCode, ...] | None = None


class WechatPaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.wechat_pay]``: the merchant's account at WeChat Pay."""

    mchid: Annotated[
        str, setting(help="The merchant number.", pattern=r"^[0-9]{6,32}$", scope="shop")
    ]
    appid: Annotated[
        str,
        setting(
            help="The app bound to the merchant number.",
            pattern=r"^[0-9A-Za-z_]{4,32}$",
            scope="shop",
        ),
    ]
    serial_no: Annotated[
        str,
        setting(
            help="The serial of the merchant's API certificate.",
            pattern=r"^[0-9A-Fa-f]{8,64}$",
            scope="shop",
        ),
    ]
    private_key: Annotated[
        Secret, setting(help="The merchant's API private key (apiclient_key.pem).", scope="shop")
    ]
    api_v3_key: Annotated[
        Secret, setting(help="The API v3 key, 32 characters; opens notices.", scope="shop")
    ]
    public_key_id: Annotated[
        str | None,
        setting(help="The id of WeChat Pay's public key, PUB_KEY_ID_….", scope="shop"),
    ] = None
    public_key: Annotated[
        Path | None, setting(help="The file with WeChat Pay's public key (PEM).", scope="shop")
    ] = None
    platform_certificates: Annotated[
        bool,
        setting(
            help="Trust WeChat's platform certificates; with a public key too, both are accepted.",
            scope="shop",
        ),
    ] = False
    methods: Annotated[
        tuple[MethodCode, ...], setting(help="The ways to pay, best first.", scope="shop")
    ] = ("native", "jsapi", "h5")
    channels: Annotated[
        dict[str, ChannelSettings],
        setting(help="By channel: another app, other ways to pay.", scope="shop"),
    ] = {}
    hosts: Annotated[
        tuple[str, ...],
        setting(help="Where WeChat Pay answers; the next serves when one is down.", scope="shop"),
    ] = HOSTS

    def __post_init__(self) -> None:
        _check_keys(self)
        if (self.public_key_id is None) != (self.public_key is None):
            raise ValueError("public_key_id and public_key belong together: give both or neither")
        if self.public_key is None and not self.platform_certificates:
            raise ValueError(
                "WeChat's answers cannot be verified: give public_key_id and public_key, "
                "or set platform_certificates = true"
            )
        if self.public_key_id is not None and not self.public_key_id.startswith("PUB_KEY_ID_"):
            raise ValueError("public_key_id: expected an id beginning PUB_KEY_ID_")
        if not self.hosts or not all(h.startswith(("http://", "https://")) for h in self.hosts):
            raise ValueError(
                "hosts: expected at least one address such as https://api.mch.weixin.qq.com"
            )

    def appid_in(self, channel: str) -> str:
        """The app through which customers of a channel pay."""
        own = self.channels.get(channel)
        return own.appid if own is not None and own.appid is not None else self.appid

    def methods_in(self, channel: str) -> tuple[MethodCode, ...]:
        """The ways to pay in a channel, best first."""
        own = self.channels.get(channel)
        return own.methods if own is not None and own.methods is not None else self.methods

    def appids(self) -> frozenset[str]:
        """All apps through which payments may come."""
        return frozenset([self.appid, *(c.appid for c in self.channels.values() if c.appid)])


def _check_keys(settings: WechatPaySettings) -> None:
    """Try the keys; what is wrong with them is said without showing them."""
    if len(settings.api_v3_key.reveal().encode()) != KEY_BYTES:
        raise ValueError(f"api_v3_key: expected exactly {KEY_BYTES} characters")
    try:
        read_private_key(settings.private_key.reveal())
    except (ValueError, TypeError):
        message = "private_key: expected an RSA private key in PEM, as in apiclient_key.pem"
        raise ValueError(message) from None
    if settings.public_key is None:
        return
    try:
        read_public_key(settings.public_key.read_text("utf-8"))
    except OSError as error:
        raise ValueError(
            f"public_key: {settings.public_key} cannot be read: {error.strerror}"
        ) from None
    except (ValueError, TypeError):
        raise ValueError(
            f"public_key: {settings.public_key} does not hold an RSA public key in PEM"
        ) from None
