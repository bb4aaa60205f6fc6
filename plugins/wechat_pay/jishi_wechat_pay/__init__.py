"""WeChat Pay API v3 for shops that are direct merchants."""

from jishi_wechat_pay.gateway import WechatGateway
from jishi_wechat_pay.plugin import WechatPay
from jishi_wechat_pay.settings import ChannelSettings, WechatPaySettings

__all__ = ["ChannelSettings", "WechatGateway", "WechatPay", "WechatPaySettings"]
