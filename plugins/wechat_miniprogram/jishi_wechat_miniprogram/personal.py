"""What the plugin's tables know about people, for export and erasure."""

from jishi.personal import Belongs, Personal, PersonalTable, Retention, impersonal

_OF_MEMBER = (Belongs(column="member"),)

PERSONAL = (
    impersonal("wechat_miniprogram_tokens", "the shop's own access to WeChat", key=("app",)),
    PersonalTable(
        table="wechat_miniprogram_consents",
        title=("Messages that you agreed to", "订阅消息授权"),
        belongs=_OF_MEMBER,
        personal={"member": Personal(says="who agreed")},
        plain=("id", "app", "template", "remaining", "changed_at"),
    ),
    PersonalTable(
        table="wechat_miniprogram_messages",
        title=("Messages sent to you in WeChat", "发送给你的订阅消息"),
        belongs=_OF_MEMBER,
        personal={"member": Personal(says="who was told")},
        plain=("id", "event", "app", "template", "state", "code", "noted_at"),
        retention=Retention(column="noted_at", days=365),
    ),
    impersonal("wechat_miniprogram_uploads", "payments of which WeChat knows the shipping"),
    impersonal("wechat_miniprogram_codes", "images of mini-program codes"),
    impersonal("wechat_miniprogram_scenes", "what codes stand for"),
    impersonal("wechat_miniprogram_pushes", "WeChat's pushes, by a digest"),
)
"""Every table of the plugin."""
