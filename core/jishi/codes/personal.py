"""Codes are about goods."""

from jishi.personal import impersonal

PERSONAL = (
    impersonal("codes_codes", "goods", key=("code", "issuer")),
    impersonal("codes_conflicts", "goods"),
)
"""Every table of the room."""
