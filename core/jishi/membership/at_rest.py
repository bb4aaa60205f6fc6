"""How names and identities lie in the database: sealed where the build has keys, found anyhow.

Whoever is looked for by a number or an address is found by its fingerprint, with keys and without.
"""

from jishi.db import Reads, Transaction
from jishi.membership import sql
from jishi.membership.contacts import identity_as
from jishi.membership.problems import BadContact
from jishi.sealing import closed, opened
from jishi.shop import Shop

VALUE = "membership_identities.value"
NAME = "membership_members.name"
CODE = "membership_codes.value"
LIMIT = "membership_limits.key"
"""Places, as seals and fingerprints know them."""

BATCH = 500
"""Rows of one transaction."""


def print_of(reader: Reads, value: str) -> str | None:
    """What an identity's value is found by; None where the database is no shop's."""
    return reader.opener.fingerprint(value, VALUE) if reader.opener else None


def close_value(tx: Transaction, identity_id: str, value: str) -> str:
    """An identity's value as it is stored."""
    return closed(tx, value, VALUE, identity_id)


def open_value(reader: Reads, identity_id: str, stored: str) -> str:
    """An identity's value.

    Raises:
        SealBroken: It cannot be opened.
    """
    return opened(reader, stored, VALUE, identity_id)


def close_name(tx: Transaction, member_id: str, name: str) -> str:
    """A member's name as it is stored."""
    return closed(tx, name, NAME, member_id)


def open_name(reader: Reads, member_id: str, stored: str) -> str:
    """A member's name.

    Raises:
        SealBroken: It cannot be opened.
    """
    return opened(reader, stored, NAME, member_id)


def prints_meant(reader: Reads, words: str) -> list[str]:
    """Fingerprints of whatever identity somebody may mean by what he typed."""
    forms = {words, words.lower(), words.upper()}
    for typed in (words, f"+{words}"):  # our own form has the country code without a plus
        try:
            forms.add(identity_as("phone", typed).value)
        except BadContact:
            continue
    return sorted(each for each in (print_of(reader, form) for form in forms) if each)


async def fill_fingerprints(shop: Shop) -> None:
    """Give a fingerprint to the identities that were written before there were any.

    Some rows at a time; stopped at any moment, it goes on when it is called again.
    """

    async def work(tx: Transaction) -> int:
        rows = await tx.fetch(sql.UNPRINTED, BATCH)
        for key, stored in rows:
            value = open_value(tx, str(key), str(stored))
            await tx.execute(sql.PRINT, key, stored, print_of(tx, value))
        return len(rows)

    while await shop.database.atomically(work) == BATCH:
        pass
