"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class WechatMiniprogram(Plugin):
    """WeChat mini program for Jishi: login, phone numbers, subscribe messages, codes, shipping info."""

    declaration: ClassVar[Declaration] = Declaration(name="wechat_miniprogram", version="0.1.0")
