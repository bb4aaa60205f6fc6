"""Stored value: members' money at the shop, principal and gift apart, in the mall and at tills."""
