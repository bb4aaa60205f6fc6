"""Mini-program codes: drawn by WeChat once, then had from the cache."""

import base64
import hashlib
from typing import Literal

import msgspec

from jishi.plugins import Writing
from jishi_wechat_miniprogram import calls
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.problems import (
    CodeRefused,
    MiniProgramProblem,
    Refused,
    WechatSilent,
)
from jishi_wechat_miniprogram.scenes import Scene, keep_scene
from jishi_wechat_miniprogram.settings import AppSettings

KEPT = 512 * 1024
"""Bytes of the largest image that is kept."""

_FIND = "SELECT media_type, image FROM wechat_miniprogram_codes WHERE id = $1"
_KEEP = (
    "INSERT INTO wechat_miniprogram_codes (id, media_type, image, made_at) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
)
_VERSIONS: dict[str, Literal["release", "trial", "develop"]] = {
    "formal": "release",
    "trial": "trial",
    "developer": "develop",
}


class _Kept(msgspec.Struct, frozen=True):
    media_type: str
    image: str


async def code_of(
    account: Account, app: AppSettings, scene: Scene, width: int
) -> tuple[bytes, str]:
    """The code that opens a product, a store or a table.

    Args:
        account: The plugin's.
        app: The mini program that opens.
        scene: What it shows; known to exist.
        width: Of the image, 280–1280 pixels.

    Returns:
        The image and its media type.

    Raises:
        CodeRefused: WeChat draws no such code.
        WechatSilent: WeChat does not answer.
    """
    wish = calls.CodeWish(
        scene=await keep_scene(account.desk, scene),
        page=getattr(account.settings.pages, scene.kind),
        env_version=_VERSIONS[app.state],
        width=width,
    )
    key = hashlib.sha256(app.appid.encode() + msgspec.json.encode(wish)).hexdigest()
    kept = await account.desk.one_as(_Kept, _FIND, key)
    if kept is not None:
        return base64.b64decode(kept.image), kept.media_type
    image, media_type = await _draw(account, app, wish)
    if len(image) <= KEPT:
        await _keep(account, key, image, media_type)
    return image, media_type


async def _draw(account: Account, app: AppSettings, wish: calls.CodeWish) -> tuple[bytes, str]:
    try:
        return await calls.draw_code(account.client(app.appid), wish)
    except Refused as refused:
        account.desk.log.warning("code_refused", code=refused.code, page=wish.page)
        raise CodeRefused(
            f"WeChat draws no code for the page {wish.page} (error {refused.code}).",
            next_step="Is the page in the published version? See the setting pages.",
        ) from None
    except MiniProgramProblem:
        raise WechatSilent("WeChat draws no code now.", next_step="Try again later.") from None


async def _keep(account: Account, key: str, image: bytes, media_type: str) -> None:
    text = base64.b64encode(image).decode()

    async def work(tx: Writing) -> None:
        await tx.execute(_KEEP, key, media_type, text, account.desk.now())

    await account.desk.atomically(work)
