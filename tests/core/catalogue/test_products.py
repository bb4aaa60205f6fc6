import msgspec
import pytest

from jishi.catalogue import (
    CategoryInput,
    CategoryInUse,
    Listing,
    NewPrice,
    NotEnoughStock,
    ProductChange,
    ProductChanged,
    ProductNotFound,
    ProductQuery,
    Sku,
    SkuNotFound,
    StockOrder,
    TakenAlready,
    category_tree,
    change_product,
    change_stock,
    create_category,
    create_product,
    list_products,
    load_product,
    prices,
    publish_product,
    refresh_publications,
    remove_category,
    replace_category,
    replace_product,
    sellables,
    set_prices,
    show_product,
    stocks,
    withdraw_product,
)
from jishi.catalogue.jobs import follow_decision
from jishi.compliance import Finding
from jishi.db import Database
from jishi.events import Happened
from jishi.ledger import Group, Hold, apply_one, stock_account
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.problems import Invalid
from jishi.testing.patience import in_time


class Wary(Plugin):
    """Lets nothing through that says "best"."""

    declaration = Declaration(name="wary", version="0.1.0")

    @hookimpl
    async def review_subject(self, subject):
        if any("best" in text for text in subject.texts.values()):
            return [Finding(rule="wording", severity="forbidden", message="Not best.")]
        return None


def show(shop, handle, channel="web", locale="zh"):
    return show_product(shop.database, handle, channel=channel, locale=locale, location="main")


async def test_a_new_product_is_a_draft_until_it_is_published(shop, goods):
    made = await goods.draft("tea")
    assert made.status == "draft"
    with pytest.raises(ProductNotFound):
        await show(shop, "tea")
    judged = await publish_product(shop, made.id)
    assert (judged.product.status, judged.review.verdict) == ("on_sale", "approved")
    assert (await show(shop, "tea")).handle == "tea"
    told = await shop.database.fetch("SELECT name, subject FROM events_outbox")
    assert told == [("product.published", made.id)]


async def test_what_the_review_refuses_stays_a_draft(reopen):
    shop = reopen(Wary())
    listing = Listing(handle="tea", title="best tea", skus=(Sku(code="T", price=1),))
    made = (await create_product(shop, listing)).product
    judged = await publish_product(shop, made.id)
    assert judged.product.status == "draft"
    assert [one.rule for one in judged.review.findings] == ["wording"]
    with pytest.raises(ProductNotFound):
        await show(shop, "tea")


async def test_a_change_of_what_is_shown_is_reviewed_again(reopen):
    shop = reopen(Wary())
    listing = Listing(handle="tea", title="tea", skus=(Sku(code="T", price=1),))
    made = (await create_product(shop, listing)).product
    shown = (await publish_product(shop, made.id)).product
    change = ProductChange(version=shown.version, attributes={"claim": "the best"})
    assert (await change_product(shop, made.id, change)).product.status == "draft"
    with pytest.raises(ProductNotFound):
        await show(shop, "tea")


async def test_a_review_that_breaks_keeps_a_product_a_draft(reopen):
    class Broken(Plugin):
        declaration = Declaration(name="broken", version="0.1.0")

        @hookimpl
        async def review_subject(self, subject):
            raise RuntimeError("no idea")

    shop = reopen(Broken())
    listing = Listing(handle="tea", title="tea", skus=(Sku(code="T", price=1),))
    made = (await create_product(shop, listing)).product
    assert (await publish_product(shop, made.id)).product.status == "draft"


async def test_a_change_based_on_an_old_version_is_refused(shop, goods):
    made = await goods.draft("tea")
    await change_product(shop, made.id, ProductChange(version=1, title="绿茶"))
    with pytest.raises(ProductChanged):
        await change_product(shop, made.id, ProductChange(version=1, title="红茶"))
    with pytest.raises(ProductChanged):
        await replace_product(shop, made.id, made.listing, 1)
    assert (await load_product(shop.database, made.id)).listing.title == "绿茶"


async def test_a_product_is_kept_as_it_was_written(shop, goods):
    made = await goods.draft(
        "tea",
        brief="短",
        attributes={"产地": "浙江", "等级": "一"},
        translations={"en": {"title": "Tea"}},
        skus=(
            Sku(code="T-1", price=1, list_price=2, barcode="690", weight_g=3, max_per_order=4,
                max_per_member=5, options={"规格": "小"}),
            Sku(code="T-2", price=0, options={"规格": "大"}, status="off_sale"),
        ),
    )  # fmt: skip
    assert await load_product(shop.database, made.id) == made


async def test_handles_and_codes_belong_to_one_product(shop, goods):
    await goods.draft("tea")
    with pytest.raises(TakenAlready):
        await goods.draft("tea", skus=(Sku(code="other", price=1),))
    with pytest.raises(TakenAlready):
        await goods.draft("coffee", skus=(Sku(code="tea-1", price=1),))


async def test_skus_that_contradict_each_other_are_refused(goods):
    for skus in (
        (Sku(code="A", price=1), Sku(code="A", price=1, options={"a": "b"})),
        (Sku(code="A", price=1, options={"a": "b"}), Sku(code="B", price=1, options={"a": "b"})),
        (Sku(code="A", price=1, options={"a": "b"}), Sku(code="B", price=1, options={"c": "b"})),
    ):
        with pytest.raises(Invalid):
            await goods.draft("tea", skus=skus)


async def test_an_address_that_runs_something_is_refused():
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil",
        "/etc/passwd",
        "http:// x",
    ):
        body = {"handle": "a", "title": "a", "media": [{"address": address}], "skus": []}
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body, Listing)


async def test_a_sku_that_goes_takes_its_prices_along(shop, goods):
    two = (Sku(code="A", price=1, options={"a": "1"}), Sku(code="B", price=1, options={"a": "2"}))
    made = await goods.on_sale("tea", skus=two)
    await set_prices(shop, [NewPrice(sku="B", amount=5, price_list="mini")])
    await change_product(shop, made.id, ProductChange(version=made.version, skus=two[:1]))
    assert set(await sellables(shop.database, ["A", "B"], "web")) == {"A"}
    assert await shop.database.fetch("SELECT 1 FROM catalogue_prices WHERE sku = 'B'") == []


async def test_a_product_shows_its_options_shelves_and_stock(shop, goods):
    home = await create_category(shop, CategoryInput(handle="home", title="居家"))
    bed = await create_category(shop, CategoryInput(handle="bed", title="床品", parent=home.id))
    skus = tuple(
        Sku(code=f"{size}{colour}", price=100, options={"尺寸": size, "颜色": colour})
        for size in "大小"
        for colour in "红白"
    )
    await goods.on_sale("sheet", category=bed.id, skus=skus)
    order = StockOrder(sku="大红", kind="count", quantity=2000, reason="x")
    await change_stock(shop, order, "k", "staff:1")
    shown = await show(shop, "sheet")
    assert [(one.name, one.values) for one in shown.options] == [
        ("尺寸", ("大", "小")),
        ("颜色", ("红", "白")),
    ]
    assert [one.handle for one in shown.breadcrumbs] == ["home", "bed"]
    assert [one.available for one in shown.skus] == [999, 0, 0, 0]
    assert shown.available == "yes"


async def test_a_channel_sells_at_its_own_price(shop, goods):
    await goods.on_sale("tea", price=1000)
    await set_prices(shop, [NewPrice(sku="tea-1", amount=900, price_list="mini")])
    found = {
        channel: (await sellables(shop.database, ["tea-1"], channel))["tea-1"].price
        for channel in ("web", "mini_program")
    }
    assert found == {"web": 1000, "mini_program": 900}
    assert (await prices(shop.database, ["tea-1"], "mini"))["tea-1"].amount == 900
    assert (await show(shop, "tea", "mini_program")).skus[0].price == 900
    with pytest.raises(SkuNotFound):
        await set_prices(shop, [NewPrice(sku="none", amount=1)])


async def test_a_cart_learns_at_once_that_a_product_is_withdrawn(shop, goods):
    made = await goods.on_sale(
        "tea", "绿茶", skus=(Sku(code="T", price=5, options={"量": "50克"}),)
    )
    found = (await sellables(shop.database, ["T", "unknown"], "web"))["T"]
    assert (found.title, found.status, found.price) == ("绿茶 50克", "on_sale", 5)
    await withdraw_product(shop, made.id)
    assert (await sellables(shop.database, ["T"], "web"))["T"].status == "off_sale"


@pytest.mark.measured
async def test_another_process_learns_of_a_change_within_a_second(
    shop, goods, migrated_database_url
):
    import asyncio

    made = await goods.on_sale("tea", price=5)
    elsewhere = Database.open(migrated_database_url)
    await elsewhere.start()
    try:
        assert (await sellables(elsewhere, ["tea-1"], "web"))["tea-1"].price == 5
        await set_prices(shop, [NewPrice(sku="tea-1", amount=7)])
        with in_time(1):
            async with asyncio.timeout(60):
                while (await sellables(elsewhere, ["tea-1"], "web"))["tea-1"].price != 7:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
    finally:
        await elsewhere.stop()
    assert made.status == "on_sale"


async def test_inside_a_transaction_a_sellable_is_read_anew(shop, goods):
    await goods.on_sale("tea", price=5)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE catalogue_prices SET amount = 6")
        assert (await sellables(tx, ["tea-1"], "web"))["tea-1"].price == 6


async def test_a_stock_is_counted_once_per_key(shop, goods):
    await goods.on_sale("tea")
    order = StockOrder(sku="tea-1", kind="adjust", quantity=5, reason="delivery")
    first = await change_stock(shop, order, "k", "staff:1")
    again = await change_stock(shop, order, "k", "staff:1")
    assert (first.replayed, again.replayed) == ("no", "yes")
    assert first.stock == again.stock
    assert [one.on_hand for one in await stocks(shop.database, ["tea-1"])] == [5]
    other = StockOrder(sku="tea-1", kind="adjust", quantity=6, reason="delivery")
    with pytest.raises(Invalid) as problem:
        await change_stock(shop, other, "k", "staff:1")
    assert problem.value.code == "idempotency_key_reused"


async def test_a_count_never_goes_below_what_customers_hold(shop, goods):
    await goods.on_sale("tea")
    count = StockOrder(sku="tea-1", kind="count", quantity=5, reason="counted")
    await change_stock(shop, count, "a", "staff:1")
    hold = Hold(account=stock_account("tea-1"), amount=3, key="h", owner="o", expires_at=None)
    async with shop.database.transaction() as tx:
        await apply_one(tx, Group(operations=(hold,)), shop.clock.now())
    low = StockOrder(sku="tea-1", kind="count", quantity=2, reason="counted")
    with pytest.raises(NotEnoughStock):
        await change_stock(shop, low, "b", "staff:1")
    fits = StockOrder(sku="tea-1", kind="count", quantity=3, reason="counted")
    done = await change_stock(shop, fits, "c", "staff:1")
    assert (done.stock.on_hand, done.stock.held, done.stock.available) == (3, 3, 0)


async def test_a_category_moves_with_everything_inside_it(shop, goods):
    home = await create_category(shop, CategoryInput(handle="home", title="居家"))
    bed = await create_category(shop, CategoryInput(handle="bed", title="床品", parent=home.id))
    made = await goods.on_sale("sheet", category=bed.id)
    other = await create_category(shop, CategoryInput(handle="other", title="其他"))
    await replace_category(
        shop, bed.id, CategoryInput(handle="bed", title="卧室", parent=other.id)
    )
    found = (await sellables(shop.database, ["sheet-1"], "web"))["sheet-1"]
    assert found.category == (other.id, bed.id)
    tree = await category_tree(shop.database, "zh")
    assert [(one.handle, [child.handle for child in one.children]) for one in tree] == [
        ("home", []),
        ("other", ["bed"]),
    ]
    page = await list_products(
        shop.database, ProductQuery(q="卧室"), channel="web", locale="zh", location="main"
    )
    assert [card.id for card in page.items] == [made.id]
    with pytest.raises(Invalid):
        await replace_category(
            shop, other.id, CategoryInput(handle="other", title="其他", parent=bed.id)
        )


async def test_only_an_empty_category_can_be_removed(shop, goods):
    home = await create_category(shop, CategoryInput(handle="home", title="居家"))
    await goods.draft("sheet", category=home.id)
    with pytest.raises(CategoryInUse):
        await remove_category(shop, home.id)
    empty = await create_category(shop, CategoryInput(handle="empty", title="空"))
    await remove_category(shop, empty.id)
    with pytest.raises(TakenAlready):
        await create_category(shop, CategoryInput(handle="home", title="别的"))


async def test_a_new_channel_gets_the_products_that_are_sold_everywhere(shop, goods):
    await goods.on_sale("tea")
    async with shop.database.transaction() as tx:
        await tx.execute("DELETE FROM catalogue_publications WHERE channel = 'mini_program'")
    with pytest.raises(ProductNotFound):
        await show(shop, "tea", "mini_program")
    await refresh_publications(shop)
    assert (await show(shop, "tea", "mini_program")).handle == "tea"


async def test_a_product_that_waited_is_shown_after_a_persons_yes(shop, goods):
    made = await goods.draft("tea")
    told = Happened(
        name="subject.decided",
        subject=made.id,
        data={"kind": "product", "verdict": "approved"},
        key="k",
    )
    await follow_decision(shop, told)
    assert (await load_product(shop.database, made.id)).status == "on_sale"
