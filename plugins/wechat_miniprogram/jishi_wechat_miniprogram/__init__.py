"""WeChat mini program for Jishi: login, phone numbers, subscribe messages, codes, shipping info."""

from jishi_wechat_miniprogram.plugin import WechatMiniprogram

__all__ = ["WechatMiniprogram"]
