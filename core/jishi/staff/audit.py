"""The audit log: appended in the transaction of what it tells of, chained, never changed.

Each entry carries a keyed hash over itself and the hash before it, so an entry that was altered,
removed or slipped in shows, even to somebody who writes the tables by hand but has not the shop's
secret. Only an end cut off together with a head row copied earlier cannot be seen from inside;
keep a copy of the newest hash elsewhere to see that as well.
"""

import hmac
from collections.abc import Mapping

import msgspec

from jishi.callers import Caller
from jishi.db import Reads, Transaction
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.structs import AuditEntry, AuditFault, AuditPage
from jishi.staff.tables import AuditTable

NOTHING_BEFORE = "0" * 64
_PAGE = 500
_COLUMNS = ("position", "entered_at", "actor", "action", "subject", "detail",
            "request_id", "address", "previous", "hash")  # fmt: skip

Detail = Mapping[str, object]


class _Head(msgspec.Struct, frozen=True):
    position: int
    hash: str


async def record(
    tx: Transaction,
    shop: Shop,
    caller: Caller,
    action: str,
    subject: str,
    detail: Detail = {},  # noqa: B006
) -> None:
    """Note who did what, in the same transaction as the deed.

    Call it last: from here to the commit nobody else can write to the log.

    Args:
        tx: The deed's transaction.
        shop: The shop.
        caller: Who did it.
        action: ``<subject>.<past tense>``: ``product.published``.
        subject: The id of what it was done to.
        detail: JSON-encodable members; never a secret or a password.
    """
    head = await tx.one_as(_Head, sql.LOCK_HEAD)
    if head is None:
        raise RuntimeError("the head of the audit log is gone; nothing is done without the log")
    entry = AuditEntry(
        position=head.position + 1,
        at=shop.clock.now(),
        actor=f"{caller.kind}:{caller.id}" if caller.id else caller.kind,
        action=action,
        subject=subject,
        detail=msgspec.json.encode(dict(detail), order="sorted").decode(),
        request_id=caller.request_id,
        address=caller.address,
        previous=head.hash,
        hash="",
    )
    signed = msgspec.structs.replace(entry, hash=_hash(shop, entry))
    await tx.insert(AuditTable, _COLUMNS, [msgspec.structs.astuple(signed)])
    await tx.execute(sql.MOVE_HEAD, signed.position, signed.hash)


async def list_audit(
    reader: Reads, cursor: int | None, limit: int, subject: str = ""
) -> AuditPage:
    """The log, newest first.

    Args:
        reader: The database.
        cursor: The ``next`` of the page before.
        limit: How many at most.
        subject: Only what was done to this one; empty: everything.
    """
    start = cursor or 2**62
    if subject:
        rows = await reader.fetch_as(AuditEntry, sql.AUDIT_OF, start, limit + 1, subject)
    else:
        rows = await reader.fetch_as(AuditEntry, sql.AUDIT_DOWN, start, limit + 1)
    items = tuple(rows[:limit])
    return AuditPage(items=items, next=str(items[-1].position) if len(rows) > limit else None)


async def verify_audit(shop: Shop) -> list[AuditFault]:
    """Walk the whole chain and report everything that is not as it was written.

    Returns:
        Faults in the order of their positions; none when the log is whole.
    """
    faults: list[AuditFault] = []
    head = await shop.database.one_as(_Head, sql.HEAD)
    last = _Head(position=0, hash=NOTHING_BEFORE)
    while page := await shop.database.fetch_as(AuditEntry, sql.AUDIT_UP, last.position, _PAGE):
        for entry in page:
            faults += _faults_of(shop, entry, last)
            last = _Head(position=entry.position, hash=entry.hash)
    if head is None:
        return [*faults, AuditFault(position=last.position, what="The head of the log is gone.")]
    if head.position > last.position:
        faults.append(AuditFault(position=head.position, what="The end of the log is missing."))
    return faults


def _faults_of(shop: Shop, entry: AuditEntry, last: _Head) -> list[AuditFault]:
    found = []
    if entry.position != last.position + 1:
        found.append("Entries before this one are missing.")
    if entry.previous != last.hash:
        found.append("It does not follow from the entry before.")
    if not hmac.compare_digest(entry.hash, _hash(shop, entry)):
        found.append("It is not as it was written.")
    return [AuditFault(position=entry.position, what=what) for what in found]


def _hash(shop: Shop, entry: AuditEntry) -> str:
    secret = shop.config.shop.secret.reveal().encode()
    members = msgspec.json.encode(msgspec.structs.astuple(entry)[:-1])
    return hmac.digest(secret, b"audit log\n" + members, "sha256").hex()
