"""What membership knows about people: nearly everything."""

from jishi.membership.at_rest import CODE, LIMIT
from jishi.personal import IDENTITY, Belongs, Personal, PersonalTable, Sealed

_OF_MEMBER = (Belongs(column="member_id"),)
_PSEUDONYM = Personal(
    says="whose it is", erasure="keep", because="an id that nobody bears any more: a pseudonym"
)

PERSONAL = (
    PersonalTable(
        table="membership_members",
        title=("Member", "会员"),
        belongs=(Belongs(column="id"),),
        personal={"id": _PSEUDONYM, "name": Personal(says="name")},
        plain=("joined_at",),
        erasure="columns",
        sealed=(Sealed(column="name"),),
    ),
    PersonalTable(
        table="membership_identities",
        title=("How the member is recognised", "身份标识"),
        belongs=_OF_MEMBER,
        personal={
            "member_id": _PSEUDONYM,
            "value": Personal(says="telephone number, openid, e-mail …", identifies="yes"),
            "fingerprint": Personal(says="the same, made comparable", export="no"),
        },
        plain=("id", "kind", "issuer", "added_at", "source", "verified_at"),
        sealed=(Sealed(column="value", fingerprint="fingerprint"),),
    ),
    PersonalTable(
        table="membership_addresses",
        title=("Addresses", "收货地址"),
        belongs=_OF_MEMBER,
        personal={
            "member_id": _PSEUDONYM,
            "address": Personal(says="receiver, telephone, address"),
        },
        plain=("id", "is_default", "created_at", "updated_at"),
        sealed=(Sealed(column="address"),),
    ),
    PersonalTable(
        table="membership_codes",
        title=("Codes that were sent", "验证码"),
        key=("kind", "value", "purpose"),
        belongs=(
            Belongs(column="value", to=IDENTITY, printed=CODE),
            Belongs(column="value", to=IDENTITY),
            Belongs(column="purpose", how="mentions"),
        ),
        personal={
            "value": Personal(says="where it was sent, made comparable", export="no"),
            "hash": Personal(says="the code's hash", export="no"),
        },
        plain=("kind", "purpose", "tries", "sent_at", "expires_at"),
    ),
    PersonalTable(
        table="membership_tokens",
        title=("Where the member logged in", "登录记录"),
        belongs=_OF_MEMBER,
        personal={"member_id": _PSEUDONYM, "hash": Personal(says="a hash", export="no")},
        plain=("id", "channel", "created_at", "expires_at", "ended_at"),
    ),
    PersonalTable(
        table="membership_limits",
        title=("How often codes were sent", "验证码次数"),
        key=("key",),
        belongs=(
            Belongs(column="key", to=IDENTITY, how="mentions", printed=LIMIT),
            Belongs(column="key", to=IDENTITY, how="mentions"),
            Belongs(column="key", how="mentions"),
        ),
        personal={"key": Personal(says="where codes were sent, made comparable")},
        plain=("used", "since_at"),
    ),
    PersonalTable(
        table="membership_traits",
        title=("What was said of the member", "会员特征"),
        belongs=_OF_MEMBER,
        personal={
            "member_id": _PSEUDONYM,
            "value": Personal(says="a name, a number, an address …"),
            "key": Personal(says="the same, made comparable"),
        },
        plain=("id", "kind", "source", "seen_at"),
        sealed=(Sealed(column="value"),),
    ),
    PersonalTable(
        table="membership_aliases",
        title=("Members who are one person", "会员合并"),
        key=("member_id",),
        belongs=(Belongs(column="member_id"), Belongs(column="survivor")),
        personal={"member_id": _PSEUDONYM, "survivor": _PSEUDONYM, "parent": _PSEUDONYM},
        plain=("merge_id", "since_at"),
        erasure="keep",
        because="ids alone; the books of several members stay one person's",
    ),
    PersonalTable(
        table="membership_merges",
        title=("How members became one person", "合并记录"),
        belongs=(Belongs(column="source"), Belongs(column="target")),
        personal={
            "source": _PSEUDONYM,
            "target": _PSEUDONYM,
            "evidence": Personal(
                says="why", erasure="keep", because="names kinds of evidence, never values"
            ),
        },
        plain=("id", "kind", "of_merge", "actor", "confidence", "made_at"),
        erasure="keep",
        because="ids alone; the books of several members stay one person's",
    ),
    PersonalTable(
        table="membership_effects",
        title=("What came along with merges", "合并附带记录"),
        belongs=(Belongs(column="merge_id", to="membership_merges"),),
        plain=("id", "merge_id", "plugin", "version", "key", "effect", "applied_at"),
        erasure="keep",
        because="entries of the books, by ids alone",
    ),
    PersonalTable(
        table="membership_pairs",
        title=("Members who may be one person", "疑似重复"),
        belongs=(Belongs(column="one"), Belongs(column="other")),
        personal={
            "one": _PSEUDONYM,
            "other": _PSEUDONYM,
            "evidence": Personal(says="why", blank="[]"),
        },
        plain=("id", "state", "confidence", "found_at", "decided_at", "decided_by"),
    ),
)
"""Every table of the room."""
