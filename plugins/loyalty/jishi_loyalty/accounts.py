"""The names of a member's accounts in the ledger; each lot has its own."""


def points(member: str, lot: str) -> str:
    """The account of points that can be spent, in points."""
    return f"points:{member}:{lot}"


def pending(member: str, lot: str) -> str:
    """The account of points that wait for the end of the time for returns, in points."""
    return f"points_pending:{member}:{lot}"


def debt(member: str, lot: str) -> str:
    """The account of points that were taken back but had been spent: what is owed, in points."""
    return f"points_debt:{member}:{lot}"
