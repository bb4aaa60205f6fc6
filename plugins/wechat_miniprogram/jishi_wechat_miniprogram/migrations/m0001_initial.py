"""Tokens, consents, messages, uploads, codes, scenes, pushes."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    unique,
)


class TokenTable(Table, tablename="wechat_miniprogram_tokens"):
    """A mini program's access token, sealed; one process at a time renews it."""

    id = None  # else there would be a serial one beside the key
    app = Text(primary_key=True)
    sealed = Text(default="")
    expires_at = Timestamptz()
    forced_at = Timestamptz(null=True)
    """When WeChat was last made to give another one before its time."""
    lease = Text(default="")
    """Who renews it at this moment."""
    leased_until_at = Timestamptz()


class ConsentTable(Table, tablename="wechat_miniprogram_consents"):
    """How many messages of a template a member still wants."""

    id = Text(primary_key=True)
    member = Text()
    app = Text()
    template = Text()
    remaining = BigInt()
    changed_at = Timestamptz()


class MessageTable(Table, tablename="wechat_miniprogram_messages"):
    """What became of an event's message to a member; one row for each, for a year."""

    id = Text(primary_key=True)
    """The event's key, the member and the app, as a digest."""
    event = Text()
    member = Text()
    app = Text()
    template = Text()
    state = Text()
    """``waiting``, ``sending``, ``sent``, ``refused``, ``unknown``, ``no_consent``, ``no_fit``."""
    code = BigInt(default=0)
    """WeChat's errcode."""
    noted_at = Timestamptz()


class UploadTable(Table, tablename="wechat_miniprogram_uploads"):
    """What WeChat knows of the shipping of one payment."""

    id = Text(primary_key=True)
    """WeChat's number of the payment."""
    order_id = Text()
    app = Text()
    shipments = Text(default="[]")
    """Ids of the shipments that WeChat knows of, JSON."""
    state = Text()
    """``untold``, ``partly``, ``uploaded``, ``refused``, ``settled``."""
    code = BigInt(default=0)
    """WeChat's errcode where it refused."""
    uploaded_at = Timestamptz(null=True)
    reminded_at = Timestamptz(null=True)
    """When WeChat asked where the goods are."""
    settled_at = Timestamptz(null=True)
    """When WeChat paid out."""


class CodeTable(Table, tablename="wechat_miniprogram_codes"):
    """An image of a mini-program code."""

    id = Text(primary_key=True)
    """A digest of everything that it was asked for with."""
    media_type = Text()
    image = Text()
    """base64."""
    made_at = Timestamptz()


class SceneTable(Table, tablename="wechat_miniprogram_scenes"):
    """What a code stands for; codes are printed, so it never changes."""

    id = Text(primary_key=True)
    """The scene."""
    kind = Text()
    target = Text()
    store = Text(default="")
    noted_at = Timestamptz()


class PushTable(Table, tablename="wechat_miniprogram_pushes"):
    """A push that came, so that a repeat changes nothing; kept for a month."""

    id = Text(primary_key=True)
    app = Text()
    event = Text()
    arrived_at = Timestamptz()


OPERATIONS = (
    create_table(TokenTable),
    create_table(
        ConsentTable,
        constraints=[
            unique("member", "app", "template"),
            check("remaining >= 0", "wechat_miniprogram_consents_remaining"),
        ],
    ),
    create_table(MessageTable),
    create_index("wechat_miniprogram_messages_member", "wechat_miniprogram_messages", "member"),
    create_table(UploadTable),
    create_index("wechat_miniprogram_uploads_order", "wechat_miniprogram_uploads", "order_id"),
    create_table(CodeTable),
    create_table(SceneTable),
    create_table(PushTable),
    create_index("wechat_miniprogram_pushes_age", "wechat_miniprogram_pushes", "arrived_at"),
)
