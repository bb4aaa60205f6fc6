"""The ledger's accounts of group buying: whatever can run out has one.

Accounts are opened at 0 with a floor below; what is taken counts down to the floor.
"""


def seats(team: str) -> str:
    """Seats (or pieces) of a team."""
    return f"group_buy:{team}:seats"


def regulars(team: str) -> str:
    """Seats of a team that old customers may have: the others are for new ones."""
    return f"group_buy:{team}:regulars"


def places(campaign: str) -> str:
    """Seats in all teams of a campaign; a campaign that is stopped has none left."""
    return f"group_buy:{campaign}:places"


def once(member: str, team: str) -> str:
    """One member sits in a team once."""
    return f"group_buy:{member}:{team}"


def share(member: str, campaign: str) -> str:
    """Seats that one member may have in a campaign."""
    return f"group_buy:{member}:{campaign}"


def newness(member: str) -> str:
    """A member is a new customer once."""
    return f"group_buy:{member}:new"
