"""What shoppers and the merchant see, over HTTP."""

from datetime import timedelta

import pytest

from jishi.callers import Caller
from jishi.staff import create_owner, log_in_staff

OWNER = ("boss@example.com", "correct horse battery staple")


async def test_shoppers_count_down_from_the_shops_clock(shop, client, sale_of):
    sale = await sale_of(quota=4, begins=90)
    page = (await client.get("/flash_sale/sales")).json()["items"][0]
    assert (page["state"], page["seconds_to_start"]) == ("coming", 90)
    shop.clock.advance(timedelta(seconds=90))
    page = (await client.get(f"/flash_sale/sales/{sale}")).json()
    assert (page["state"], page["seconds_to_start"], page["seconds_to_end"]) == ("on", 0, 3600)
    assert page["items"] == [
        {"sku": "tea", "price": 1000, "left": 4, "sold_percent": 0, "per_member": 1}
    ]


async def test_what_is_sold_is_seen(shop, client, sale_of, fan):
    sale = await sale_of(quota=2)
    for number in range(2):
        assert (await (await fan(number)).grab(sale)).status_code == 201
    shop.clock.advance(timedelta(seconds=2))
    page = (await client.get(f"/flash_sale/sales/{sale}")).json()
    assert (page["state"], page["items"][0]["sold_percent"]) == ("sold_out", 100)
    assert (await (await fan(3)).grab(sale)).json()["objections"][0]["code"] == "sold_out"


async def test_the_merchant_writes_schedules_and_stops(shop, client, tea):
    await create_owner(shop, *OWNER)
    token = (await log_in_staff(shop, *OWNER, Caller())).token
    headers = {"authorization": f"Bearer {token}"}
    now = shop.clock.now()
    plan = {
        "title": "午间",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        "items": [{"sku": "tea", "price": 100, "quota": 60}],
    }
    base = "/flash_sale/admin/sales"
    made = await client.post(base, json=plan, headers=headers)
    assert made.status_code == 201, made.text
    path = f"{base}/{made.json()['id']}"
    short = await client.post(f"{path}/schedule", headers=headers)
    assert (short.status_code, short.json()["code"]) == (409, "not_enough")
    plan["items"][0]["quota"] = 20
    assert (await client.put(path, json=plan, headers=headers)).status_code == 200
    assert (await client.post(f"{path}/schedule", headers=headers)).status_code == 200
    fixed = await client.put(path, json=plan, headers=headers)
    assert (fixed.status_code, fixed.json()["code"]) == (409, "sale_fixed")
    stopped = await client.post(f"{path}/stop", json={"because": "雨"}, headers=headers)
    assert (stopped.json()["state"], stopped.json()["stopped_because"]) == ("stopped", "雨")
    report = (await client.get(path, headers=headers)).json()
    assert report["items"][0]["given_back"] == 20
    assert (await client.post(base, json=plan)).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": "2020-01-01T00:00:00Z"},
        {"starts_at": "2026-01-01T00:00:00"},
        {"items": []},
        {"items": [{"sku": "tea", "price": -1, "quota": 1}]},
        {"items": [{"sku": "tea", "price": 1, "quota": 1}] * 2},
    ],
)
async def test_a_plan_that_cannot_be_kept_is_refused(shop, client, tea, wrong):
    await create_owner(shop, *OWNER)
    token = (await log_in_staff(shop, *OWNER, Caller())).token
    now = shop.clock.now()
    plan = {
        "title": "x",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        "items": [{"sku": "tea", "price": 1, "quota": 1}],
    }
    headers = {"authorization": f"Bearer {token}"}
    answer = await client.post("/flash_sale/admin/sales", json=plan | wrong, headers=headers)
    assert answer.status_code in (400, 422)
