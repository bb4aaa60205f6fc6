"""What this plugin's own tables know about people."""

from jishi.personal import Belongs, Personal, PersonalTable, Retention, Sealed

_PROOF = (
    "PIPL art. 14 and 69: whoever handles data proves the consent; the id is a pseudonym by then"
)
_LOG = "Cybersecurity Law art. 23(3): logs are kept for six months at least"
_WHO = Personal(says="whose it is", erasure="keep", because=_PROOF)
_OF_MEMBER = (Belongs(column="member"),)

PERSONAL = (
    PersonalTable(
        table="privacy_consents",
        title=("What you agreed to", "您的同意记录"),
        belongs=_OF_MEMBER,
        personal={"member": _WHO},
        plain=(
            "id", "purpose", "version", "verdict", "under_14", "channel", "store", "actor",
            "entered_at",
        ),
        erasure="keep",
        because=_PROOF,
    ),
    PersonalTable(
        table="privacy_guardians",
        title=("Guardians who consented", "监护人同意"),
        belongs=_OF_MEMBER,
        personal={
            "member": _WHO,
            "name": Personal(says="the guardian's name"),
            "contact": Personal(says="the guardian's telephone number"),
            "relation": Personal(says="who he is to the child"),
        },
        plain=("id", "consent", "entered_at"),
        sealed=(Sealed(column="name"), Sealed(column="contact")),
    ),
    PersonalTable(
        table="privacy_requests",
        title=("What you asked for", "您的请求"),
        belongs=_OF_MEMBER,
        personal={
            "member": _WHO,
            "detail": Personal(says="why it could not be done"),
            "link": Personal(says="the hash of a link", export="no"),
        },
        plain=(
            "id", "kind", "state", "progress", "actor",
            "asked_at", "due_at", "ended_at", "link_ends_at",
        ),
        erasure="columns",
        because="PIPL art. 50: how a request was answered can be shown",
        retention=Retention(column="asked_at", days=3 * 365, only="state <> 'waiting'"),
    ),
    PersonalTable(
        table="privacy_parts",
        title=("Archives that wait for you", "待下载的档案"),
        belongs=(Belongs(column="request", to="privacy_requests"),),
        personal={"data": Personal(says="everything, packed", export="no")},
        plain=("id", "request", "position", "made_at"),
        sealed=(Sealed(column="data"),),
    ),
    PersonalTable(
        table="privacy_looks",
        title=("Who of the staff looked", "员工查看记录"),
        belongs=(Belongs(column="subject"), Belongs(column="subject", to="orders_orders")),
        personal={
            "subject": Personal(says="whom he looked at", erasure="keep", because=_LOG),
            "address": Personal(
                says="the network address of the staff", erasure="keep", because=_LOG, export="no"
            ),
        },
        plain=("id", "staff", "kind", "request_id", "looked_at"),
        erasure="keep",
        because=_LOG,
        retention=Retention(column="looked_at", days=365, least=183),
    ),
)  # fmt: skip
"""Every table of the plugin."""
