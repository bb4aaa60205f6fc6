"""The ledger: everything that can run out, guarded in one place.

Stock, coupon uses, points, stored value, seats, purchase limits: each is an account with a
balance and a held amount. `apply` is the only way to change one.
"""

from jishi.ledger.apply_groups import apply, apply_one
from jishi.ledger.check_ledger import Owners, check
from jishi.ledger.lapse_holds import lapse
from jishi.ledger.operations import (
    Credit,
    Debit,
    Group,
    Hold,
    Open,
    Operation,
    Post,
    Void,
    stock_account,
)
from jishi.ledger.problems import NoAccount, NotAsDecided, Refused
from jishi.ledger.read_accounts import balances, statement
from jishi.ledger.structs import (
    Balance,
    Discrepancy,
    Entry,
    HoldGone,
    KeyReused,
    LiveHold,
    Outcome,
    Refusal,
    Shortage,
)

__all__ = [
    "Balance",
    "Credit",
    "Debit",
    "Discrepancy",
    "Entry",
    "Group",
    "Hold",
    "HoldGone",
    "KeyReused",
    "LiveHold",
    "NoAccount",
    "NotAsDecided",
    "Open",
    "Operation",
    "Outcome",
    "Owners",
    "Post",
    "Refusal",
    "Refused",
    "Shortage",
    "Void",
    "apply",
    "apply_one",
    "balances",
    "check",
    "lapse",
    "statement",
    "stock_account",
]
