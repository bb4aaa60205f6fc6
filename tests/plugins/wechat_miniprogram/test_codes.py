"""Mini-program codes for products, stores and tables, and what a scanned one means."""

import pytest

from jishi_wechat_miniprogram.scenes import SCENE, Scene, scene_of

DRAW = "/wxa/getwxacodeunlimit"
CODES = "/wechat_miniprogram/codes"


async def scanned(lei, image: bytes) -> dict:
    """What the mini program learns after scanning the code."""
    page, _, scene = image.partition(b"Comment\0")[2].partition(b"?scene=")
    scene = scene[: scene.index(b".") + 17].decode()
    answer = await lei.send("GET", f"/wechat_miniprogram/scenes/{scene}")
    return answer.json() | {"page": page.decode()}


async def test_a_product_has_a_code_that_opens_it(person, seller, wechat):
    await seller.product("tea")
    lei = person("lei")
    answer = await lei.send("GET", f"{CODES}/products/tea")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    assert await scanned(lei, answer.content) == {
        "kind": "product",
        "target": "tea",
        "store": "",
        "page": "pages/product/index",
    }


async def test_a_code_is_drawn_once(person, seller, wechat):
    await seller.product("tea")
    lei = person("lei")
    answers = [await lei.send("GET", f"{CODES}/products/tea") for _ in range(3)]
    assert len({each.content for each in answers}) == 1
    assert len(await wechat.calls(DRAW)) == 1


async def test_a_store_has_a_code(person, wechat):
    lei = person("lei")
    answer = await lei.send("GET", f"{CODES}/stores/hz1?width=1280")
    assert (await scanned(lei, answer.content))["target"] == "hz1"
    assert (await wechat.calls(DRAW))[0]["body"]["width"] == 1280


async def test_only_what_is_there_has_a_code_and_tables_are_for_staff(person, wechat):
    wanted = {
        "products/nothing": 404,
        "stores/nowhere": 404,
        "stores/hz1/tables/7": 401,
        "stores/hz1?width=99": 422,
    }
    for path, status in wanted.items():
        assert (await person("lei").send("GET", f"{CODES}/{path}")).status_code == status
    assert await wechat.calls(DRAW) == []


async def test_when_wechat_draws_nothing_the_shop_says_so(person, wechat):
    await wechat.terms(fail_once={DRAW: 41030})
    answer = await person("lei").send("GET", f"{CODES}/stores/hz1")
    assert (answer.status_code, answer.json()["code"]) == (422, "wechat_code_refused")


async def test_a_scene_nobody_printed_is_not_there(person):
    answer = await person("lei").send("GET", "/wechat_miniprogram/scenes/p.aaaaaaaaaaaaaaaa")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "target", ["tea", "一号桌", "x" * 500, "019c0000-0000-7000-8000-000000000000"]
)
def test_every_scene_is_one_that_wechat_takes(target):
    for kind in ("product", "store", "table"):
        assert SCENE.fullmatch(scene_of(Scene(kind, target, "hz1")))


def test_the_same_table_in_two_stores_has_two_scenes():
    assert scene_of(Scene("table", "7", "a")) != scene_of(Scene("table", "7", "b"))
