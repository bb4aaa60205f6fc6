"""Who may open, who may join, what a campaign may say."""

from datetime import timedelta
from typing import ClassVar

import pytest


async def refused(answer) -> str:
    assert answer.status_code == 422, answer.text
    return answer.json()["objections"][0]["code"]


async def test_a_guest_is_asked_to_log_in(shopper, merchant, tea):
    campaign = await merchant.campaign()
    answer = await shopper.place({"tea": 1}, extras={"group_buy.open": campaign})
    assert await refused(answer) == "login_first"


async def test_nobody_sits_in_a_team_twice(gathered):
    _, team, _, code = await gathered(2, orders_per_member=0)
    assert await refused(await team[1].join(code)) == "in_this_team"


async def test_one_member_has_as_many_seats_as_the_campaign_gives(gathered, passes):
    campaign, team, _, _ = await gathered(1, orders_per_member=1)
    assert await refused(await team[0].open(campaign)) == "limit_reached"
    await passes(hours=25)
    assert (await team[0].open(campaign)).status_code == 201, "one that did not fill counts not"


async def test_a_team_takes_no_more_than_its_seats(gathered, mate):
    _, _, _, code = await gathered(2, ladder=[{"reach": 3, "percent": 10}])
    first, second = await mate(), await mate()
    assert (await first.join(code)).status_code == 201
    assert await refused(await second.join(code)) == "team_full"


async def test_nobody_joins_after_the_end(gathered, mate, shop):
    _, _, _, code = await gathered(2)
    shop.clock.advance(timedelta(hours=24))
    assert await refused(await (await mate()).join(code)) == "team_over"


async def test_codes_cannot_be_guessed(gathered, mate):
    _, _, _, code = await gathered(1)
    assert len(code) >= 22
    assert await refused(await (await mate()).join(code[:-1])) == "no_such_team"


async def test_goods_that_do_not_take_part_are_not_sold_in_a_team(seller, mate, merchant, tea):
    await seller.product("cup", price=500)
    campaign = await merchant.campaign()
    answer = await (await mate()).want("group_buy.open", campaign, 1, sku="cup")
    assert await refused(answer) == "no_team_price"


async def test_one_order_brings_as_many_pieces_as_the_campaign_allows(mate, merchant, tea):
    campaign = await merchant.campaign(pieces_per_order=2)
    assert await refused(await (await mate()).open(campaign, 3)) == "no_team_price"
    assert (await (await mate()).open(campaign, 2)).status_code == 201


async def test_a_campaign_has_as_many_places_as_it_says(mate, merchant, tea):
    campaign = await merchant.campaign(places=1)
    assert (await (await mate()).open(campaign)).status_code == 201
    assert await refused(await (await mate()).open(campaign)) == "campaign_full"


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


class TestPlans:
    """What a merchant may write down."""

    @pytest.mark.parametrize(
        ("said", "field"),
        [
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
        ],
    )
    async def test_what_cannot_be_kept_is_refused(self, said, field, merchant):
        answer = await merchant.send("POST", "", json=merchant.plan(**said))
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text

    async def test_a_running_campaign_is_not_edited(self, merchant):
        campaign = await merchant.campaign()
        answer = await merchant.send("PUT", f"/{campaign}", json=merchant.plan(hours=1))
        assert (answer.status_code, answer.json()["code"]) == (409, "campaign_fixed")

    async def test_a_draft_is_and_nobody_sees_it(self, merchant, mate, client, tea):
        written = await merchant.send("POST", "", json=merchant.plan())
        campaign = written.json()["id"]
        answer = await merchant.send("PUT", f"/{campaign}", json=merchant.plan(hours=1))
        assert answer.json()["rules"]["hours"] == 1
        assert (await client.get(f"/group_buy/campaigns/{campaign}")).status_code == 404
        assert await refused(await (await mate()).open(campaign)) == "campaign_not_on"

    async def test_shoppers_may_not_run_campaigns(self, merchant, mate):
        answer = await (await mate()).send(
            "POST", "/group_buy/admin/campaigns", json=merchant.plan()
        )
        assert answer.status_code == 401

    async def test_a_campaign_begins_at_its_time(self, merchant, mate, tea, shop):
        later = (shop.clock.now() + timedelta(hours=1)).isoformat()
        campaign = await merchant.campaign(starts_at=later)
        assert await refused(await (await mate()).open(campaign)) == "campaign_not_on"
        shop.clock.advance(timedelta(hours=1))
        assert (await (await mate()).open(campaign)).status_code == 201
