"""Keep the rows that lists are made of: one per product on sale and channel."""

from collections.abc import Sequence

from jishi.catalogue.memory import bump
from jishi.config import Config
from jishi.db import Transaction
from jishi.shop import Shop

_WITHDRAW = "DELETE FROM catalogue_publications WHERE product = ANY($1)"
_PUBLISH = """
INSERT INTO catalogue_publications
  (channel, product, category, brand, price_list, price, sort_key)
SELECT CAST($1 AS TEXT), p.id, p.category, p.brand, CAST($2 AS TEXT),
       MIN(COALESCE(own.amount, base.amount)), p.sort_key
FROM catalogue_products p
JOIN catalogue_skus s ON s.product = p.id AND s.status = 'on_sale'
JOIN catalogue_prices base ON base.sku = s.code AND base.price_list = 'base'
LEFT JOIN catalogue_prices own ON own.sku = s.code AND own.price_list = $2
WHERE p.id = ANY($3) AND p.status = 'on_sale'
  AND (p.channels = '["*"]' OR p.channels LIKE $4 ESCAPE '\\')
GROUP BY p.id, p.category, p.brand, p.sort_key
"""
_ON_SALE = (
    "SELECT id FROM catalogue_products WHERE status = 'on_sale' AND id > $1 ORDER BY id LIMIT 500"
)
_STAND = "SELECT DISTINCT channel, price_list FROM catalogue_publications"


def channels_of(config: Config) -> dict[str, str]:
    """The price list of every channel; a shop that names none has the web."""
    lists = {code: channel.price_list for code, channel in config.channels.items()}
    return lists or {"web": "base"}


async def publish(tx: Transaction, config: Config, products: Sequence[str]) -> None:
    """Make the lists' rows of products anew, after anything about them has changed."""
    await tx.execute(_WITHDRAW, list(products))
    for channel, price_list in channels_of(config).items():
        quoted = channel.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        await tx.execute(_PUBLISH, channel, price_list, list(products), f'%"{quoted}"%')


async def refresh_publications(shop: Shop) -> None:
    """Follow the configuration: new channels get their products, changed price lists count.

    Called when the shop starts; does nothing when nothing has changed.
    """
    wanted = set(channels_of(shop.config).items())
    found = {(str(row[0]), str(row[1])) for row in await shop.database.fetch(_STAND)}
    known = await shop.database.fetch("SELECT 1 FROM catalogue_products LIMIT 1")
    if not known or (found >= wanted and not found - wanted):
        return
    last = ""
    while ids := await shop.database.fetch_as(str, _ON_SALE, last):
        async with shop.database.transaction() as tx:
            await bump(tx, shop.database)
            await publish(tx, shop.config, ids)
        last = ids[-1]
    await _forget_others(shop)


async def _forget_others(shop: Shop) -> None:
    """Channels that the merchant removed list nothing any more."""
    async with shop.database.transaction() as tx:
        await bump(tx, shop.database)
        await tx.execute(
            "DELETE FROM catalogue_publications WHERE channel <> ALL($1)",
            list(channels_of(shop.config)),
        )
