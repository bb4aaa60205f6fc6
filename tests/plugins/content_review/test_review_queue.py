"""In a shop: what is found waits with its explanation, a person decides, a new text is new."""

import pytest

from jishi.catalogue import (
    Listing,
    ProductChange,
    Sku,
    change_product,
    create_product,
    load_product,
    publish_product,
)
from jishi.compliance import Decision, decide, list_reviews
from jishi_content_review import ContentReview


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"content_review": ContentReview}


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {"plugins": {"enabled": ["content_review"]}}


@pytest.fixture
def tea(shop):
    async def publish(brief: str):
        listing = Listing(
            handle="tea", title="绿茶", brief=brief, skus=(Sku(code="tea", price=100),)
        )
        made = await create_product(shop, listing)
        return await publish_product(shop, made.product.id)

    return publish


async def test_a_harmless_listing_goes_on_sale(tea):
    assert (await tea("清香")).product.status == "on_sale"


async def test_a_questionable_one_waits_with_everything_that_a_person_needs(shop, tea):
    judged = await tea("全国第一的好茶")
    assert judged.product.status == "draft"
    (case,) = (await list_reviews(shop.database, "waiting", None, 10)).items
    (found,) = case.findings
    assert found.plugin == "content_review@0.1.0"
    assert (found.field, found.excerpt) == ("brief", "【全国第一】的好茶")
    assert found.source == "广告法第九条第三项"
    assert "请改成能够证明的具体事实" in found.message


async def test_what_is_surely_exempt_goes_on_sale_with_its_note(tea):
    judged = await tea("最佳食用期为开封后三天")
    assert judged.product.status == "on_sale"
    assert [one.severity for one in judged.review.findings] == ["note"]


async def test_a_person_approves_the_text_and_only_this_text(shop, tea):
    product = (await tea("全国第一的好茶")).product
    (case,) = (await list_reviews(shop.database, "waiting", None, 10)).items
    approved = Decision(verdict="approved", reason="有证书为证", digest=case.digest)
    async with shop.database.transaction() as tx:
        await decide(tx, shop, case.id, approved, "staff-1")
    assert (await publish_product(shop, product.id)).product.status == "on_sale"

    now = await load_product(shop.database, product.id)
    change = ProductChange(version=now.version, brief="世界第一的好茶")
    assert (await change_product(shop, product.id, change)).product.status == "draft"
    (case,) = (await list_reviews(shop.database, "waiting", None, 10)).items
    assert case.findings[0].excerpt == "【世界第一】的好茶"
