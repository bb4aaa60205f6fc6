"""What the ledger refuses, for stories in which a refusal ends the matter."""

from collections.abc import Sequence

import msgspec

from jishi.ledger.structs import HoldGone, KeyReused, Refusal, Shortage
from jishi.problems import Clash, NotFound


class Refused(Clash):
    """A group of operations is not possible.

    Attributes:
        refusals: Everything that stood in the way.
    """

    code = "ledger_refused"
    title = "There is not enough, or it is gone"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(
            " ".join(_sentence(one) for one in refusals),
            next_step="Look at the account again and ask for what is there.",
            refusals=msgspec.to_builtins(list(refusals)),
        )
        self.refusals = tuple(refusals)


class NoAccount(NotFound):
    """No such account was ever opened."""

    code = "ledger_account_not_found"
    title = "This account does not exist"


class NotAsDecided(RuntimeError):
    """The rows are not what was read under lock: a bug of ours; the transaction is undone."""


def _sentence(refusal: Refusal) -> str:
    match refusal:
        case Shortage():
            return refusal.refusal or (
                f"{refusal.account} has {refusal.available}, {refusal.wanted} are wanted."
            )
        case HoldGone():
            return f"The hold {refusal.hold} is {refusal.state}."
        case KeyReused():
            return f"The operation key {refusal.key} was used for something else before."
