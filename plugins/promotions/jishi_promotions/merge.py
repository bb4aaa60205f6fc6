"""Two members become one: what one has used up, the other has used up."""

from collections.abc import Sequence

import msgspec

from jishi.effects import Debit, Effect, Open
from jishi.membership import Merge
from jishi.plugins import Desk
from jishi_promotions import sql
from jishi_promotions.limits import account_of


class UsedUp(msgspec.Struct, frozen=True):
    """How often a member has used a campaign that each member may use so often.

    Attributes:
        campaign: The campaign's id.
        limit: How often one member may.
        used: How often the one who gives has.
        left: How often the one who receives still may.
    """

    campaign: str
    limit: int
    used: int
    left: int


async def load_used_up(desk: Desk, merge: Merge) -> tuple[UsedUp, ...]:
    """What the absorbed member has used of what each member may use so often."""
    if merge.kind != "merge" or merge.of is not None:
        return ()
    accounts = await desk.fetch(sql.MEMBERS_ACCOUNTS, [merge.source, merge.target])
    known = {str(row[0]): (int(str(row[1])), int(str(row[2]))) for row in accounts}
    found: list[UsedUp] = []
    for account, (left, opened) in sorted(known.items()):
        campaign, member = account.split(":")[1], account.split(":")[3]
        if member == merge.source and opened > left:
            theirs = known.get(account_of(campaign, "member", merge.target), (opened, opened))
            found.append(UsedUp(campaign, opened, opened - left, theirs[0]))
    return tuple(found)


def effects_of_used_up(merge: Merge, used: Sequence[UsedUp]) -> list[Effect]:
    """Take from the survivor's accounts what the other has used; never below nothing."""
    effects: list[Effect] = []
    for each in used:
        amount = min(each.used, each.left)
        account = account_of(each.campaign, "member", merge.target)
        if amount > 0:
            effects += [
                Open(
                    account=account,
                    unit="use",
                    key=f"open:{each.campaign}",
                    floor=-each.limit,
                ),
                Debit(
                    account=account,
                    amount=amount,
                    key=f"used:{each.campaign}",
                    reason="used under another membership",
                ),
            ]
    return effects
