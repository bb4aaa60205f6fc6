"""Coupons come into the world: codes of the merchant's own, and batches nobody can guess."""

from datetime import datetime
from typing import Annotated

import msgspec

from jishi.idempotency import KeyReused
from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi_promotions import sql
from jishi_promotions.campaigns import Campaign, campaign_in, note
from jishi_promotions.codes import LETTERS, folded, is_right, new_codes, shown
from jishi_promotions.problems import BadCode, CampaignOver, NotForCoupons
from jishi_promotions.tables import BatchTable, CouponTable

MOST = 200_000
"""Codes of one batch."""

_CHUNK = 2000

COLUMNS = (
    "id", "code", "campaign", "batch", "member", "claimed_by", "state", "uses", "source",
    "valid_from_at", "expires_at", "claimed_at", "created_at",
)  # fmt: skip


class NewBatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes to be issued: each can be used once, by whoever has it.

    Attributes:
        size: How many.
        note: What they are for.
        expires_at: When they end, with its zone; None: with the campaign.
    """

    size: Annotated[int, msgspec.Meta(ge=1, le=MOST)]
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class NewCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code of the merchant's own, for everybody who knows it.

    Attributes:
        code: 3 to 40 letters, digits and hyphens.
        uses: How often it can be used in all; 0: as often as the campaign allows.
        expires_at: When it ends, with its zone; None: with the campaign.
    """

    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z\-]{3,40}$")]
    uses: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Codes that were issued together.

    Attributes:
        id: The batch's id.
        campaign: Whose they are.
        size: How many.
        note: What they are for.
        created_at: UTC.
    """

    id: str
    campaign: str
    size: int
    note: str
    created_at: datetime


async def issue_batch(desk: Desk, campaign: str, new: NewBatch, key: str, actor: str) -> Batch:
    """Issue codes; the same key again gives the same batch, and completes it if need be.

    They are written some thousands at a time, so a batch of a hundred thousand keeps nobody
    waiting; one that breaks off is completed by repeating the request.

    Args:
        desk: The plugin's.
        campaign: Whose.
        new: How many.
        key: Names the request.
        actor: Who issues them.

    Raises:
        Invalid: The same key came with something else.
    """
    batch = await _batch(desk, campaign, new, key, actor)
    if (batch.size, batch.note) != (new.size, new.note):
        raise KeyReused(key)
    done = int(str((await desk.fetch(sql.CODES_ISSUED, batch.id))[0][0]))
    for start in range(done - done % _CHUNK, batch.size, _CHUNK):
        await _issue(desk, batch, range(start, min(start + _CHUNK, batch.size)), new.expires_at)
    return batch


async def _batch(desk: Desk, campaign: str, new: NewBatch, key: str, actor: str) -> Batch:
    """The batch's own row, made once."""
    source, now = f"{campaign}:{key}", desk.now()
    row = (new_id(), campaign, new.size, new.note, source, actor, now)

    async def work(w: Writing) -> Batch:
        await for_coupons(w, campaign)
        if await w.insert(BatchTable, _BATCH_COLUMNS, [row]):
            await note(w, campaign, "codes_issued", actor, f"{new.size} codes: {new.note}", now)
        known = await w.fetch(sql.BATCH_OF_SOURCE, source)
        return Batch(**dict(zip(Batch.__struct_fields__, known[0], strict=True)))  # type: ignore[arg-type]

    return await desk.atomically(work)


async def _issue(desk: Desk, batch: Batch, places: range, expires_at: datetime | None) -> None:
    """Some codes of a batch; those that are there already stay as they are."""
    rows = [
        (new_id(), code, batch.campaign, batch.id, None, None, "open", 1,
         f"batch:{batch.id}:{place}", None, expires_at, None, batch.created_at)
        for place, code in zip(places, new_codes(len(places)), strict=True)
    ]  # fmt: skip

    async def work(w: Writing) -> None:
        await w.insert(CouponTable, COLUMNS, rows)

    await desk.atomically(work)


_BATCH_COLUMNS = ("id", "campaign", "size", "note", "source", "made_by", "created_at")


async def add_code(desk: Desk, campaign: str, new: NewCode, actor: str) -> str:
    """Add a code of the merchant's own; gives it as it will be shown.

    Raises:
        BadCode: It is taken, or it looks like an issued code with a typing error.
    """
    code, now = folded(new.code), desk.now()
    if not code or (len(code) == LETTERS and not is_right(code)):
        raise BadCode(
            f"A code of {LETTERS} letters looks like an issued one with a typing error.",
            field="code",
            next_step="Choose a shorter or longer word.",
        )

    async def work(w: Writing) -> None:
        await for_coupons(w, campaign)
        row = (new_id(), code, campaign, "", None, None, "open", new.uses, f"code:{code}",
               None, new.expires_at, None, now)  # fmt: skip
        if not await w.insert(CouponTable, COLUMNS, [row]):
            raise BadCode(f"The code {code} is taken.", field="code", next_step="Choose another.")
        await note(w, campaign, "code_added", actor, code, now)

    await desk.atomically(work)
    return shown(code)


async def void_batch(desk: Desk, campaign: str, batch: str, actor: str) -> int:
    """Make worthless the codes of a batch that nobody holds yet; gives how many."""
    now = desk.now()

    async def work(w: Writing) -> int:
        await campaign_in(w, campaign)
        count = await w.execute(sql.VOID_BATCH, batch, campaign)
        if count:
            await note(w, campaign, "codes_voided", actor, f"{count} codes of {batch}", now)
        return count

    return await desk.atomically(work)


async def codes_of(desk: Desk, batch: str, after: str, limit: int) -> list[tuple[str, str]]:
    """Ids and codes of a batch, in pages."""
    rows = await desk.fetch(sql.CODES, batch, after, limit)
    return [(str(one), shown(str(code))) for one, code in rows]


async def for_coupons(w: Desk | Writing, campaign: str) -> Campaign:
    """A campaign that has coupons and is not over.

    Raises:
        NotForCoupons: It is automatic.
        CampaignOver: It was stopped.
    """
    known = await campaign_in(w, campaign)
    if known.trigger != "coupon":
        raise NotForCoupons(
            "An automatic campaign has no coupons.",
            next_step='Make one with "trigger": "coupon".',
        )
    if known.status == "stopped":
        raise CampaignOver("It was stopped.", next_step="Make another campaign.")
    return known
