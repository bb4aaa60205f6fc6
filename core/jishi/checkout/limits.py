"""What one customer may have at once, kept in the ledger like everything that can run out."""


def unpaid_account(owner: str) -> str:
    """The account of an owner's places for unpaid orders."""
    return f"unpaid:{owner}"


def limit_account(sku: str, owner: str) -> str:
    """The account of how many pieces of a SKU one customer may still buy."""
    return f"limit:{owner}:{sku}"
