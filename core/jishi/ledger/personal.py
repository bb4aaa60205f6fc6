"""What the ledger knows about people: whose account it is, by a pseudonym."""

from jishi.personal import Belongs, Personal, PersonalTable

_BOOKS = "the books must add up; a member's id is a pseudonym once nobody bears it any more"
_ACCOUNT = Personal(says="whose account it is", erasure="keep", because=_BOOKS)

PERSONAL = (
    PersonalTable(
        table="ledger_accounts",
        title=("Accounts", "账户"),
        belongs=(Belongs(column="id", how="mentions"),),
        personal={"id": _ACCOUNT},
        plain=("kind", "balance", "held", "floor", "unit", "created_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="ledger_entries",
        title=("Entries of accounts", "账户流水"),
        belongs=(Belongs(column="account", to="ledger_accounts"),),
        personal={"account": _ACCOUNT},
        plain=("id", "operation", "amount", "key", "reason", "source", "reference", "entered_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="ledger_holds",
        title=("Amounts set aside", "冻结记录"),
        key=("key",),
        belongs=(
            Belongs(column="account", to="ledger_accounts"),
            Belongs(column="owner", to="orders_orders"),
        ),
        personal={"account": _ACCOUNT},
        plain=(
            "key", "amount", "state", "owner", "source",
            "held_at", "expires_at", "ended_at", "ended_key",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
)  # fmt: skip
"""Every table of the room."""
