"""Flash sales for Jishi: a quota of its own, limits per member, a fair queue."""

from jishi_flash_sale.plugin import FlashSale

__all__ = ["FlashSale"]
