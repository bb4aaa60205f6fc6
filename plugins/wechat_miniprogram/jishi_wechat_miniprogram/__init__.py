"""WeChat mini programs for Jishi: login, phones, subscribe messages, codes, shipping info."""

from jishi_wechat_miniprogram.plugin import WechatMiniprogram
from jishi_wechat_miniprogram.settings import WechatMiniprogramSettings

__all__ = ["WechatMiniprogram", "WechatMiniprogramSettings"]
