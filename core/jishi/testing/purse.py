"""A plugin for tests of merges: one purse for each member, which follows him.

Its merge is the pattern for plugins that keep something for members: what is available goes over,
what is held stays until it is swept up, and a parting brings back what had come, as far as it is
still there.
"""

from collections.abc import Mapping, Sequence

from jishi.effects import Credit, Debit, Effect
from jishi.membership import Member, Merge, ProfileLine, ProfileSection
from jishi.plugins import Declaration, Plugin, hookimpl


def purse_of(member: str) -> str:
    """The account of a member's purse, in fen."""
    return f"purse:{member}:main"


class Purse(Plugin):
    """Keeps a purse for each member."""

    declaration = Declaration(name="purse", version="1.0.0")

    @hookimpl
    async def load_profile(self, member: Member) -> list[ProfileSection]:
        """What is in it."""
        account = purse_of(member.id)
        balance = (await self.desk.balances([account]))[account].balance
        return [
            ProfileSection(title="钱包", lines=(ProfileLine(label="余额", value=f"{balance}"),))
        ]

    @hookimpl
    async def load_merge(self, merge: Merge) -> dict[str, int]:
        """How much goes over."""
        source, target = purse_of(merge.source), purse_of(merge.target)
        available = (await self.desk.balances([source]))[source].available
        if merge.kind == "part":
            # What left the absorbed member with the merge stands in his own statement.
            entries = await self.desk.statement(target, limit=200)
            came = -sum(each.amount for each in entries if each.reference == merge.of)
            available = min(available, came)
        return {"amount": max(available, 0)}

    @hookimpl
    def effects_of_merge(self, merge: Merge, loaded: Mapping[str, object]) -> Sequence[Effect]:
        """Move it."""
        mine = loaded["purse"]
        amount = mine["amount"] if isinstance(mine, Mapping) else 0
        if not amount:
            return ()
        source, target, why = purse_of(merge.source), purse_of(merge.target), merge.kind
        return (
            Debit(account=source, amount=amount, key="out", reason=why),
            Credit(account=target, amount=amount, key="in", reason=why),
        )
