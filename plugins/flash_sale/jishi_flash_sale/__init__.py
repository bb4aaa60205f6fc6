"""Flash sales: a quota of its own, limits per member, a fair queue, a clock that cannot lie."""

from jishi_flash_sale.plugin import FlashSale
from jishi_flash_sale.settings import FlashSaleSettings

__all__ = ["FlashSale", "FlashSaleSettings"]
