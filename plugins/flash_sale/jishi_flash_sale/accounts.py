"""The ledger's accounts of flash sales."""

from jishi.ledger import stock_account
from jishi_flash_sale.structs import Sale


def quota(sale: str, sku: str) -> str:
    """Pieces that a sale still has."""
    return f"flash_sale:{sale}:{sku}"


def share(sale: str, sku: str, member: str) -> str:
    """Pieces that a member may still have of a sale."""
    return f"flash_sale:{member}:{sale}:{sku}"


def shelf(sale: Sale, sku: str) -> str:
    """The stock that a sale takes its quota from."""
    return stock_account(sku, sale.location)
