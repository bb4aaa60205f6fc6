"""Who may open, who may join, what a campaign may say."""

from datetime import timedelta
from typing import ClassVar

import msgspec
import pytest

from jishi.problems import Invalid
from jishi_group_buy import GroupBuySettings, campaigns


async def refused(answer) -> str:
    assert answer.status_code == 422, answer.text
    return answer.json()["objections"][0]["code"]


async def test_who_may_not_open_is_told_why(shopper, merchant, mate, seller, tea):
    await seller.product("cup", price=500)
    campaign = await merchant.campaign(pieces_per_order=2, places=1)
    guest = await shopper.place({"tea": 1}, extras={"group_buy.open": campaign})
    assert await refused(guest) == "login_first"
    person, other = await mate(), await mate()
    assert await refused(await person.open(campaign, 3)) == "no_team_price"
    assert await refused(await person.open(campaign, 1, sku="cup")) == "no_team_price"
    assert await refused(await person.open("nothing")) == "no_such_campaign"
    order = await person.open(campaign, 2)
    assert (order.status_code, order.json()["total"]) == (201, 18_000)
    assert await refused(await person.open(campaign)) == "limit_reached"
    assert await refused(await other.open(campaign)) == "campaign_full"


async def test_who_may_not_join_is_told_why(gathered, mate, merchant, shop, runner, tea):
    campaign = await merchant.campaign(ladder=[{"reach": 3, "percent": 10}], orders_per_member=0)
    leader, late = await mate(), await mate()
    order = (await leader.open(campaign)).json()["id"]
    code = (await leader.seat(order))["code"]
    assert len(code) >= 22
    assert await refused(await late.join(code)) == "team_not_open"
    await leader.pay(order)
    await runner.drain()
    assert await refused(await leader.join(code)) == "in_this_team"
    assert await refused(await late.join(code[:-1])) == "no_such_team"
    for _ in range(2):
        assert (await (await mate()).join(code)).status_code == 201
    assert await refused(await late.join(code)) == "team_full"
    shop.clock.advance(timedelta(hours=24))
    assert await refused(await late.join(code)) == "team_over"


async def test_a_seat_in_a_team_that_did_not_fill_does_not_count(gathered, passes):
    campaign, team, _, _ = await gathered(1, orders_per_member=1)
    assert await refused(await team[0].open(campaign)) == "limit_reached"
    await passes(hours=25)
    assert (await team[0].open(campaign)).status_code == 201


class TestOldWithNew:
    """Old customers bring new ones."""

    RULES: ClassVar = {"ladder": [{"reach": 3, "percent": 10}], "newcomers": 1}

    @pytest.fixture
    def regular(self, mate, passes, tea):
        """Give a function that brings a member who has bought before."""

        async def come():
            person = await mate()
            order = (await person.place({"tea": 1})).json()["id"]
            await person.pay(order)
            return person

        return come

    async def test_the_last_seat_waits_for_a_new_customer(
        self, gathered, merchant, regular, mate, runner
    ):
        campaign = await merchant.campaign(**self.RULES)
        leader = await regular()
        order = (await leader.open(campaign)).json()["id"]
        await leader.pay(order)
        await runner.drain()
        code = (await leader.seat(order))["code"]
        assert (await (await regular()).join(code)).status_code == 201
        answer = await (await regular()).join(code)
        assert answer.status_code == 409, answer.text
        assert "新顾客" in answer.text
        assert (await (await mate()).join(code)).status_code == 201

    async def test_a_team_without_a_new_customer_is_not_filled(
        self, merchant, regular, runner, passes, net, mate
    ):
        ladder = [{"reach": 2, "percent": 10}, {"reach": 4, "percent": 20}]
        campaign = await merchant.campaign(ladder=ladder, newcomers=1)
        orders, code = [], ""
        for _ in range(2):
            person = await regular()
            placed = await (person.join(code) if code else person.open(campaign))
            orders.append(placed.json()["id"])
            await person.pay(orders[-1])
            await runner.drain()
            code = code or (await person.seat(orders[0]))["code"]
        await passes(hours=25)
        assert [await net(order) for order in orders] == [0, 0]

    async def test_a_new_customer_is_new_once(self, merchant, mate, tea):
        campaign = await merchant.campaign(**self.RULES, orders_per_member=0)
        person = await mate()
        first = (await person.open(campaign)).json()["id"]
        second = (await person.open(campaign)).json()["id"]
        seats = {
            seat["order"]: seat["newcomer"]
            for team in await merchant.teams(campaign)
            for seat in team["seats"]
        }
        assert seats == {first: "yes", second: "no"}


WRONG = [
    ({"skus": []}, "products"),
    ({"ladder": [{"reach": 3}]}, "ladder"),
    ({"ladder": [{"reach": 3, "percent": 10, "price": 5}]}, "ladder"),
    ({"ladder": [{"reach": 3, "percent": 10}, {"reach": 5, "percent": 10}]}, "ladder"),
    ({"ladder": [{"reach": 3, "percent": 10}, {"reach": 3, "percent": 20}]}, "ladder"),
    ({"ladder": [{"reach": 3, "percent": 10}, {"reach": 5, "price": 20}]}, "ladder"),
    ({"seats": 4}, "seats"),
    ({"newcomers": 3}, "newcomers"),
    ({"unfilled": "fill"}, "disclosure"),
    ({"unfilled": "fill", "disclosure": "   补   "}, "disclosure"),
    ({"ends_at": "2026-01-01T00:00:00+08:00"}, "ends_at"),
    ({"starts_at": "2026-03-01T08:00:00"}, "starts_at"),
]
RIGHT = {
    "title": "春茶",
    "skus": ["tea"],
    "starts_at": "2026-03-01T08:00:00+08:00",
    "ends_at": "2026-03-08T08:00:00+08:00",
}


@pytest.mark.parametrize(("said", "field"), WRONG)
def test_a_plan_that_cannot_be_kept_is_refused(said, field):
    plan = msgspec.convert(RIGHT | said, campaigns.Plan)
    with pytest.raises(Invalid) as refusal:
        campaigns.rules_of(plan, GroupBuySettings())
    assert refusal.value.field == field


def test_a_plan_that_says_little_is_as_the_settings_say():
    plan = msgspec.convert(RIGHT, campaigns.Plan)
    rules = campaigns.rules_of(plan, GroupBuySettings())
    assert [(step.reach, step.percent) for step in rules.ladder] == [(3, 10), (5, 20)]
    assert (rules.seats, rules.hours, rules.orders_per_member, rules.unfilled) == (
        (5, 24, 1, "refund")
    )


async def test_a_campaign_from_draft_to_stop(at_the_door, mate, client, tea, shop):
    """Written, written anew, started, watched, stopped; over HTTP, by who may."""
    merchant = at_the_door
    later = (shop.clock.now() + timedelta(hours=1)).isoformat()
    written = await merchant.send("POST", "", json=merchant.plan(starts_at=later))
    assert written.status_code == 201, written.text
    campaign = written.json()["id"]
    answer = await merchant.send("PUT", f"/{campaign}", json=merchant.plan(hours=1))
    assert answer.json()["rules"]["hours"] == 1
    assert (await client.get(f"/group_buy/campaigns/{campaign}")).status_code == 404
    person = await mate("韩梅梅")
    assert await refused(await person.open(campaign)) == "campaign_not_on"
    written = await merchant.send("POST", "", json=merchant.plan(starts_at=later))
    await merchant.send("POST", f"/{written.json()['id']}/start")
    assert await refused(await person.open(written.json()["id"])) == "campaign_not_on", "too early"
    started = await merchant.send("POST", f"/{campaign}/start")
    assert started.json()["started_by"] == started.json()["created_by"] != ""
    assert (await merchant.send("PUT", f"/{campaign}", json=merchant.plan())).status_code == 409
    shown = (await client.get("/group_buy/campaigns?sku=tea")).json()["items"]
    assert [one["id"] for one in shown] == [campaign]
    order = (await person.open(campaign)).json()["id"]
    await person.pay(order)
    seat = await person.seat(order)
    page = (await client.get(f"/group_buy/teams/{seat['code']}")).json()
    assert [one["name"] for one in page["members"]] in ([], ["韩**"])
    assert (page["left"], page["now"] < page["ends_at"]) == (4, True)
    assert (await (await mate()).send("GET", f"/group_buy/orders/{order}")).status_code == 404
    assert (await client.get(f"/group_buy/campaigns/{campaign}/teams")).json() == {"items": []}
    stopped = await merchant.send("POST", f"/{campaign}/stop", json={"because": "库存不足"})
    assert stopped.json()["state"] == "stopped"
    assert (await merchant.send("POST", f"/{campaign}/start")).status_code == 409
    told = (await merchant.send("GET", f"/{campaign}")).json()
    assert told["campaign"]["stopped_by"] == told["campaign"]["started_by"]
    assert (told["numbers"]["seats"], told["numbers"]["revenue"]) == (1, 9_000)
    teams = (await merchant.send("GET", f"/{campaign}/teams")).json()["items"]
    assert [len(team["seats"]) for team in teams] == [1]
    listed = (await merchant.send("GET", "")).json()["items"]
    assert campaign in [one["id"] for one in listed]
    answer = await person.send("POST", "/group_buy/admin/campaigns", json=merchant.plan())
    assert answer.status_code == 401
