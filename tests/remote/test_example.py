"""The example of the documentation does what it says."""

import base64
import os
import shutil
from pathlib import Path

import httpx
import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "plugins" / "remote-example"
KEY = b"twenty-four bytes or more"

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


@pytest.fixture(scope="module")
def example(run):
    secret = "whsec_" + base64.b64encode(KEY).decode()
    node = shutil.which("node") or "node"
    with run(
        node, str(FOLDER / "server.mjs"), PORT="0", SECRET=secret, PATH=os.environ["PATH"]
    ) as port:
        yield f"http://127.0.0.1:{port}/jishi"


@pytest.fixture
def erp(example):
    return {
        "remote": example,
        "secret": {"env": "ERP_SECRET"},
        "hooks": ["order_paid", "review_checkout"],
        "inside": ["127.0.0.0/8"],
    }


@pytest.fixture
def secret():
    return "whsec_" + base64.b64encode(KEY).decode()


async def test_it_objects_to_large_orders_and_hears_of_paid_ones(shop, seller, shopper, runner):
    await seller.product("tea", price=1000, stock=50)
    answer = await shopper.place({"tea": 11})
    assert answer.status_code == 422
    assert "at most 10 pieces in one order" in answer.text
    await shopper.up_to("paid", {"tea": 10})
    await runner.drain()
    (health,) = [
        each for each in shop.hooks.roster.board.healths("erp") if each.hook == "order_paid"
    ]
    assert (health.calls, health.failures) == (1, 0)


def test_it_refuses_what_is_not_signed(example):
    assert httpx.post(example, json={"type": "order_paid"}).status_code == 401
    forged = {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    assert httpx.post(example, json={}, headers=forged).status_code == 401
