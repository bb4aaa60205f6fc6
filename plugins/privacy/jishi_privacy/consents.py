"""Consents: written down once, never changed; the youngest word on a purpose counts."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi.callers import Caller
from jishi.db import Value
from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi.sealing import Sealing
from jishi_privacy import sql
from jishi_privacy.problems import GuardianMissing, NoSuchPurpose, TextChanged
from jishi_privacy.settings import PrivacySettings, Purpose
from jishi_privacy.tables import ConsentTable, GuardianTable

Verdict = Literal["given", "withdrawn"]
_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Guardian(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who consents for a child under 14.

    Attributes:
        name: The guardian's name.
        contact: His telephone number.
        relation: Who he is to the child.
    """

    name: _Words
    contact: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9][0-9 -]{3,18}[0-9]$")]
    relation: Annotated[str, msgspec.Meta(max_length=32)] = ""


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member says about a purpose.

    Attributes:
        purpose: Its code.
        version: Of the text that he read; to withdraw, any.
        verdict: ``given`` or ``withdrawn``.
        under_14: Whether he is a child under 14.
        guardian: Who consents for him then.
    """

    purpose: _Words
    version: Annotated[str, msgspec.Meta(max_length=32)] = ""
    verdict: Verdict
    under_14: Literal["no", "yes"] = "no"
    guardian: Guardian | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger.

    Attributes:
        id: Names it.
        purpose: What for.
        version: Of the text.
        verdict: ``given`` or ``withdrawn``.
        under_14: Whether a guardian consented.
        channel: Where it was said.
        store: In which store, if in one.
        actor: ``member``, or ``staff:<id>`` who wrote it down.
        entered_at: UTC.
    """

    id: str
    purpose: str
    version: str
    verdict: Verdict
    under_14: Literal["no", "yes"]
    channel: str
    store: str | None
    actor: str
    entered_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose and where a member stands.

    Attributes:
        purpose: What is asked.
        verdict: ``none`` when he never said; ``outdated`` when he agreed to an older text.
        version: The version that he spoke about last; empty for none.
        since_at: When he said it, UTC.
    """

    purpose: Purpose
    verdict: Literal["none", "given", "withdrawn", "outdated"] = "none"
    version: str = ""
    since_at: datetime | None = None


class _Row(msgspec.Struct):
    id: str
    purpose: str
    version: str
    verdict: Verdict
    under_14: Literal["no", "yes"]
    channel: str
    store: str | None
    actor: str
    entered_at: datetime


async def say(
    desk: Desk,
    settings: PrivacySettings,
    sealing: Sealing,
    caller: Caller,
    member: str,
    word: Word,
) -> Consent:
    """Write down what a member says.

    Args:
        desk: The plugin's.
        settings: The purposes.
        sealing: Seals the guardian's name and number.
        caller: Who says it: the member, or staff whom he told.
        member: About whom.
        word: What he says.

    Raises:
        NoSuchPurpose: It is not asked for; whoever agreed once may still withdraw.
        TextChanged: He agrees to a text that is not today's.
        GuardianMissing: He is under 14 and nobody consents for him.
    """
    version = await _checked(desk, settings, caller, member, word)
    now = desk.now()
    row = _Row(
        id=new_id(),
        purpose=word.purpose,
        version=version,
        verdict=word.verdict,
        under_14="yes" if word.guardian and word.verdict == "given" else word.under_14,
        channel=caller.channel,
        store=caller.store,
        actor="member" if caller.kind == "member" else f"staff:{caller.id}",
        entered_at=now,
    )

    async def work(w: Writing) -> None:
        fields = msgspec.structs.asdict(row) | {"member": member}
        await w.insert(ConsentTable, tuple(fields), [tuple(fields.values())])
        if word.guardian is not None and word.verdict == "given":
            await w.insert(*_guardian(sealing, row.id, member, word.guardian, now))

    await desk.atomically(work)
    return _shown(row)


async def history(desk: Desk, member_ids: tuple[str, ...]) -> list[Consent]:
    """Everything that somebody ever said, the oldest first."""
    rows = await desk.fetch_as(_Row, sql.CONSENTS, list(member_ids))
    return [_shown(row) for row in rows]


async def standings(
    desk: Desk, settings: PrivacySettings, member_ids: tuple[str, ...]
) -> list[Standing]:
    """Where a member stands with everything that is asked today."""
    last = {row.purpose: row for row in await history(desk, member_ids)}
    return [_standing(purpose, last.get(purpose.code)) for purpose in settings.purposes]


async def agreed(
    desk: Desk, settings: PrivacySettings, member_ids: tuple[str, ...], purpose: str
) -> bool:
    """Whether a member agrees to today's text of a purpose."""
    found = await standings(desk, settings, member_ids)
    return any(one.purpose.code == purpose and one.verdict == "given" for one in found)


async def _checked(
    desk: Desk, settings: PrivacySettings, caller: Caller, member: str, word: Word
) -> str:
    """The version that the word is about."""
    purpose = settings.purpose(word.purpose)
    said = await history(desk, (member,))
    if word.verdict == "withdrawn":
        last = [one for one in said if one.purpose == word.purpose]
        if purpose is None and not last:
            raise NoSuchPurpose(f"Nobody is asked about {word.purpose!r}.", field="purpose")
        return word.version or (last[-1].version if last else purpose.version if purpose else "")
    if purpose is None:
        raise NoSuchPurpose(
            f"Nobody is asked about {word.purpose!r}.",
            field="purpose",
            next_step="GET /privacy/purposes lists what is.",
        )
    if word.version != purpose.version:
        raise TextChanged(
            f"The text of {word.purpose} is at version {purpose.version}, not {word.version!r}.",
            field="version",
            next_step="Show the text of GET /privacy/purposes and ask again.",
            version=purpose.version,
        )
    # Who was a child does not grow up by saying so; staff may write it down.
    was_child = caller.kind == "member" and bool(said) and said[-1].under_14 == "yes"
    if (word.under_14 == "yes" or was_child) and word.guardian is None:
        raise GuardianMissing(
            "Somebody under 14 agrees through a guardian.",
            field="guardian",
            next_step="Send the guardian's name and telephone number as well.",
        )
    return purpose.version


def _guardian(
    sealing: Sealing, consent: str, member: str, guardian: Guardian, now: datetime
) -> tuple[type[GuardianTable], tuple[str, ...], list[list[Value]]]:
    key = new_id()
    name = sealing.seal(guardian.name, "privacy_guardians.name", key)
    contact = sealing.seal(guardian.contact, "privacy_guardians.contact", key)
    columns = ("id", "consent", "member", "name", "contact", "relation", "entered_at")
    return (
        GuardianTable,
        columns,
        [[key, consent, member, name, contact, guardian.relation, now]],
    )


def _shown(row: _Row) -> Consent:
    return Consent(**msgspec.structs.asdict(row))


def _standing(purpose: Purpose, last: Consent | None) -> Standing:
    if last is None:
        return Standing(purpose=purpose)
    outdated = last.verdict == "given" and last.version != purpose.version
    return Standing(
        purpose=purpose,
        verdict="outdated" if outdated else last.verdict,
        version=last.version,
        since_at=last.entered_at,
    )
