"""A merchant stops a running campaign: nobody new gets it, orders placed before keep it."""

from datetime import timedelta

import pytest

from jishi.checkout import Counter
from jishi_group_buy import campaigns


async def test_nobody_new_gets_a_stopped_campaign(gathered, merchant, mate, passes, net):
    campaign, _, orders, code = await gathered(1)
    assert (await merchant.stop(campaign)).state == "stopped"
    for answer in (await (await mate()).open(campaign), await (await mate()).join(code)):
        assert answer.status_code == 422
        assert "已经结束" in answer.text
    await passes(seconds=11)
    assert await net(orders[0]) == 0, "its teams end by what they have"


async def test_stopping_is_signed_and_the_first_word_stays(merchant, tea, shop):
    campaign = await merchant.campaign()
    await merchant.stop(campaign, "库存不足")
    shop.clock.advance(timedelta(hours=1))
    stopped = await merchant.stop(campaign, "again")
    assert (stopped.created_by, stopped.started_by, stopped.stopped_by) == ("ann", "ann", "bob")
    assert stopped.stopped_at == shop.clock.now() - timedelta(hours=1)
    assert stopped.stopped_because == "库存不足"
    with pytest.raises(campaigns.CampaignOver):
        await campaigns.start(merchant.desk, campaign, "ann")


async def test_an_order_that_was_placed_before_keeps_its_seat(
    gathered, merchant, mate, passes, net
):
    campaign, _, orders, code = await gathered(2)
    late = await mate()
    order = (await late.join(code)).json()["id"]
    await merchant.stop(campaign)
    await passes(seconds=11)
    assert await late.pay(order) == 200
    await passes(seconds=11)
    assert [await net(each) for each in (*orders, order)] == [9_000] * 3


async def test_an_order_that_is_on_its_way_when_it_stops_comes_too_late(
    merchant, mate, tea, monkeypatch
):
    campaign, person = await merchant.campaign(), await mate()
    queue = Counter.place

    async def stop_then_queue(counter, placing):
        await merchant.stop(campaign)
        return await queue(counter, placing)

    monkeypatch.setattr(Counter, "place", stop_then_queue)
    answer = await person.open(campaign)
    assert answer.status_code == 409, "between the last look and the writing there is the ledger"
    assert not await merchant.teams(campaign)


async def test_the_page_counts_what_the_campaign_brought(gathered, merchant, passes, mate):
    campaign, _, _, _ = await gathered(3)
    await gathered(2, campaign)
    await (await mate()).open(campaign)
    await passes(hours=25)
    numbers = await merchant.page(campaign)
    assert numbers == {
        "seats": 5,
        "paid": 5,
        "newcomers": 0,
        "revenue": 45_000,
        "given_back": 18_000,
        "settled": 18_000,
        "teams": {"settled:empty": 1, "settled:filled": 1, "settled:unfilled": 1},
    }


async def test_others_are_told_what_becomes_of_a_team(gathered, passes, shop):
    await gathered(5)
    await gathered(1)
    await passes(hours=25)
    told = await shop.database.fetch_as(
        str, "SELECT name FROM events_outbox WHERE name LIKE 'group_buy.%' ORDER BY name"
    )
    assert told == sorted(
        ["group_buy.team_opened"] * 2
        + ["group_buy.joined"] * 4
        + ["group_buy.filled", "group_buy.expired"]
        + ["group_buy.settled"] * 2
    )
