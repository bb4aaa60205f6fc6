"""What is known about people who work here, and what they did with members' things."""

from jishi.personal import Belongs, Personal, PersonalTable, of_staff

_LOG = "Cybersecurity Law art. 23(3): logs are kept for six months at least; the chain is whole"

PERSONAL = (
    of_staff("staff_people", "people who work here"),
    of_staff("staff_roles", "what roles may do", key=("name",)),
    of_staff("staff_tokens", "where staff are logged in"),
    of_staff("staff_lockouts", "logins of staff that failed", key=("key",)),
    of_staff("staff_second_factors", "second factors of staff", key=("person_id",)),
    of_staff("staff_recovery_codes", "recovery codes of staff"),
    of_staff("staff_audit_head", "the end of the audit log"),
    PersonalTable(
        table="staff_audit",
        title=("What staff did", "员工操作记录"),
        key=("position",),
        belongs=(
            Belongs(column="subject"),
            Belongs(column="subject", to="orders_orders"),
            Belongs(column="detail", how="mentions"),
        ),
        personal={
            "subject": Personal(says="what it was done to", erasure="keep", because=_LOG),
            "detail": Personal(says="what was done", erasure="keep", because=_LOG),
            "address": Personal(
                says="the network address of the staff", erasure="keep", because=_LOG, export="no"
            ),
        },
        plain=(
            "position", "entered_at", "actor", "action",
            "request_id", "previous", "hash",
        ),
        erasure="keep",
        because=_LOG,
    ),
)  # fmt: skip
"""Every table of the room."""
