"""Ask every plugin about a subject and remember what came out."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import cast

import msgspec

from jishi.compliance import sql
from jishi.compliance.structs import Finding, Review, Subject, Verdict
from jishi.compliance.tables import DecisionTable
from jishi.db import Database, Transaction
from jishi.hookspecs.compliance import review_subject
from jishi.identifiers import new_id
from jishi.plugins import Answer, HookFailed, Where
from jishi.shop import Shop

_AT_ONCE = 8
"""How many subjects are before the plugins at the same time."""


class Standing(msgspec.Struct, frozen=True):
    """How a subject stands, as it is stored."""

    kind: str
    subject_id: str
    id: str
    digest: str
    verdict: Verdict
    findings: str
    failed: int
    reason: str
    decided_by: str | None

    def review(self) -> Review:
        """The same for everybody else."""
        return Review(
            id=self.id,
            verdict=self.verdict,
            findings=msgspec.json.decode(self.findings, type=tuple[Finding, ...]),
            digest=self.digest,
            reason=self.reason,
            decided_by=self.decided_by,
        )


class _Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What plugins said about a subject."""

    subject: Subject
    digest: str
    findings: tuple[Finding, ...]
    failed: int

    @property
    def verdict(self) -> Verdict:
        # What failed left a doubt, so this never says "approved".
        return verdict_of(self.findings)


async def review(shop: Shop, subject: Subject) -> Review:
    """Have a subject reviewed; must not be called inside a transaction.

    Content that was reviewed before is not asked about again, unless a plugin failed then.

    Returns:
        How it stands. A plugin that failed makes it wait with a finding: this fails closed.
    """
    return (await review_many(shop, [subject]))[0]


async def review_many(shop: Shop, subjects: Sequence[Subject]) -> list[Review]:
    """Have many subjects reviewed and stored at once.

    Args:
        shop: The shop.
        subjects: Each ``(kind, id)`` at most once.

    Returns:
        How they stand, in the order of the subjects.
    """
    known = await _standings(shop.database, subjects)
    asked = [one for one in subjects if not _settled(known.get((one.kind, one.id)), one)]
    if asked:
        gate = asyncio.Semaphore(_AT_ONCE)
        heard = await asyncio.gather(*(_ask(shop, one, gate) for one in asked))
        async with shop.database.transaction() as tx:
            await _store(tx, shop, heard)
            known |= await _standings(tx, asked)
    return [known[one.kind, one.id].review() for one in subjects]


def digest_of(subject: Subject) -> str:
    """SHA-256 of everything about a subject that plugins can see, in hex."""
    return hashlib.sha256(msgspec.json.encode(subject, order="deterministic")).hexdigest()


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """What follows from findings: one that forbids refuses, one that doubts waits."""
    severities = {finding.severity for finding in findings}
    if "forbidden" in severities:
        return "refused"
    return "waiting" if "doubt" in severities else "approved"


def _settled(standing: Standing | None, subject: Subject) -> bool:
    return standing is not None and not standing.failed and standing.digest == digest_of(subject)


async def _standings(
    reader: Database | Transaction, subjects: Sequence[Subject]
) -> dict[tuple[str, str], Standing]:
    found: list[Standing] = []
    for kind in {subject.kind for subject in subjects}:
        ids = [subject.id for subject in subjects if subject.kind == kind]
        found += await reader.fetch_as(Standing, sql.STANDING, kind, ids)
    return {(one.kind, one.subject_id): one for one in found}


async def _ask(shop: Shop, subject: Subject, gate: asyncio.Semaphore) -> _Heard:
    failures: tuple[Finding, ...] = ()
    async with gate:
        try:
            answers = await shop.hooks.consult(review_subject, Where(), subject=subject)
        except HookFailed as error:
            answers = cast("list[Answer[Sequence[Finding]]]", list(error.answers))
            failures = (_failure(error.plugin),)
    findings = tuple(
        msgspec.structs.replace(finding, plugin=answer.plugin)
        for answer in answers
        for finding in answer.value or ()
    )
    return _Heard(
        subject=subject,
        digest=digest_of(subject),
        findings=findings + failures,
        failed=len(failures),
    )


def _failure(plugin: str) -> Finding:
    return Finding(
        rule="plugin_failed",
        severity="doubt",
        message="This plugin could not look at it. Publish again later, or decide yourself.",
        plugin=plugin,
    )


async def _store(tx: Transaction, shop: Shop, heard: Sequence[_Heard]) -> None:
    now = shop.clock.now()
    encode = msgspec.json.encode
    # In the order of their keys, so that two bulk reviews cannot block each other.
    heard = sorted(heard, key=lambda one: (one.subject.kind, one.subject.id))
    for one in heard:
        subject, findings = one.subject, encode(one.findings).decode()
        row = (new_id(), subject.kind, subject.id, subject.title, encode(subject).decode(),
               one.digest, findings, one.verdict, one.failed, now)  # fmt: skip
        await tx.execute(sql.STORE, *row)
    stored = await _standings(tx, [one.subject for one in heard])
    history = [
        (new_id(), stored[one.subject.kind, one.subject.id].id, one.digest, one.verdict,
         encode(one.findings).decode(), "", now)
        for one in heard
    ]  # fmt: skip
    columns = ("id", "review_id", "digest", "verdict", "findings", "reason", "decided_at")
    await tx.insert(DecisionTable, columns, history)
