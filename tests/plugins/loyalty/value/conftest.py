"""A shop with stored value, two stores with tills, and members who top up."""

import pytest

from jishi.identifiers import new_id
from jishi.ledger import check
from jishi.staff.tables import PersonTable
from jishi.staff.tokens import give_token
from jishi_loyalty.value.book import left_of, statement_of
from jishi_loyalty.value.routes import value_of
from jishi_loyalty.value.top_up import NewLot, top_up


@pytest.fixture
def value_settings():
    """Give what stands in ``[plugins.loyalty.value]``."""
    return {
        "enabled": "yes",
        "plans": [
            {"sku": "value-500", "pay": 50_000, "gift": 5_000},
            {"sku": "value-100", "pay": 10_000},
        ],
    }


@pytest.fixture
def loyalty_settings(value_settings):
    """Give what stands in ``[plugins.loyalty]``."""
    return {"value": value_settings}


@pytest.fixture
def shop_tables(shop_tables):
    """Give the shop's jishi.toml."""
    return shop_tables | {"stores": {"east": {"name": "东门店"}, "west": {"name": "西门店"}}}


class Wallet:
    """What the tests do with a shop's stored value."""

    def __init__(self, shop):
        self.shop = shop
        self.value = value_of(shop)
        self.desk = self.value.desk

    async def topped_up(self, member, paid, gift=0, spend_order="proportional", name="") -> str:
        """A top-up over the counter; gives its lot."""
        lot = NewLot(
            id=name or new_id(),
            member=member,
            source="till",
            reference="slip",
            paid=paid,
            gift=gift,
            spend_order=spend_order,
            means="cash",
            store="east",
            staff="s",
            at=self.desk.now(),
        )
        return (await top_up(self.desk, self.value.settings, lot)).lot.id

    async def balance(self, member) -> int:
        """What a member has."""
        return sum(one.total for one in await left_of(self.desk, member))

    async def halves(self, member) -> list[tuple[int, int]]:
        """Principal and gift of each lot, the oldest first."""
        return [(one.principal, one.gift) for one in await left_of(self.desk, member)]

    async def must_agree(self, *members) -> None:
        """Statements sum to balances, and the ledger is right."""
        for member in members:
            lines = await statement_of(self.desk, member)
            total = sum(line.principal + line.gift for line in lines)
            assert total == await self.balance(member)
            assert not lines or lines[0].balance == total
        assert await check(self.shop.database) == []
        assert await self.wrong_lots() == []

    async def wrong_lots(self) -> list[tuple]:
        """Lots whose accounts, all holders' together, are not what was done with them."""
        return await self.shop.database.fetch(
            """
            SELECT l.id, a.there, l.paid + l.gift - l.used_before - COALESCE(p.used, 0)
              - COALESCE(r.ended, 0) - COALESCE(h.handed, 0)
            FROM loyalty_value_lots l
            JOIN (
              SELECT l2.id AS lot, CAST(sum(one.balance) AS BIGINT) AS there
              FROM ledger_accounts one JOIN loyalty_value_lots l2 ON one.id LIKE '%:' || l2.id
              WHERE one.kind = 'value' GROUP BY l2.id
            ) a ON a.lot = l.id
            LEFT JOIN (
              SELECT lot, CAST(sum(amount) AS BIGINT) AS used
              FROM loyalty_value_parts GROUP BY lot
            ) p ON p.lot = l.id
            LEFT JOIN (
              SELECT lot, CAST(sum(principal + gift) AS BIGINT) AS ended
              FROM loyalty_value_returns GROUP BY lot
            ) r ON r.lot = l.id
            LEFT JOIN (
              SELECT reference, CAST(sum(paid + gift - used_before) AS BIGINT) AS handed
              FROM loyalty_value_lots WHERE source = 'transfer' GROUP BY reference
            ) h ON h.reference = l.id
            WHERE a.there <> l.paid + l.gift - l.used_before - COALESCE(p.used, 0)
              - COALESCE(r.ended, 0) - COALESCE(h.handed, 0)
            """
        )


@pytest.fixture
def wallet(shop):
    """Give what tests do with stored value."""
    return Wallet(shop)


class Till:
    """Staff at the till of a store."""

    def __init__(self, http, token, store):
        self._http = http
        self.log_in(token, store)

    def log_in(self, token, store):
        """Begin a shift."""
        self._headers = {"authorization": f"Bearer {token}", "jishi-store": store}

    async def post(self, path, body, key=None):
        """A write with the till's key."""
        headers = self._headers | {"idempotency-key": key or new_id()}
        return await self._http.post(f"/loyalty/pos/value/{path}", json=body, headers=headers)

    async def get(self, path):
        """A look."""
        return await self._http.get(path, headers=self._headers)

    async def refund(self, order, amount, key=None):
        """Give money of an order in the mall back, at this store."""
        headers = self._headers | {"idempotency-key": key or new_id()}
        body = {"amount": amount, "reason": "退货"}
        return await self._http.post(f"/admin/orders/{order}/refund", json=body, headers=headers)


@pytest.fixture
async def staff_token(shop):
    """Give a function that gives a fresh token of somebody who may do everything."""
    person = new_id()

    async def fresh() -> str:
        async def work(tx):
            row = (person, "owner@example.com", "none", "owner", "", shop.clock.now())
            columns = ("id", "email", "password", "role", "name", "created_at")
            await tx.insert(PersonTable, columns, [row], on_conflict="ignore")
            token, _ = await give_token(tx, shop, person, "")
            return token

        return await shop.database.atomically(work)

    return fresh


@pytest.fixture
async def tills(client, staff_token):
    """Give the tills of both stores."""
    return {store: Till(client, await staff_token(), store) for store in ("east", "west")}


@pytest.fixture
def code_of():
    """Give the code that a member's device shows."""

    async def code(member) -> str:
        answer = await member.send("POST", "/loyalty/value/codes")
        assert answer.status_code == 201, answer.text
        return answer.json()["code"]

    return code
