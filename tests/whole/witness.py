"""A plugin that counts transitions in the ledger and writes down which orders it heard of."""

from pathlib import Path

from jishi.effects import Credit
from jishi.plugins import Declaration, Plugin, hookimpl


class Own(Plugin):
    """Sees everything."""

    declaration = Declaration(name="witness", version="1.0")

    @hookimpl
    def effects_of_order(self, order, transition):
        account = f"witness:{transition}"
        return [Credit(account=account, amount=1, key="seen", reason="witnessed")]

    @hookimpl
    async def order_placed(self, order):
        with Path(__file__).with_name("witnessed").open("a") as file:
            file.write(f"{order.id}\n")
