"""Members: how well people are recognised, and how fast one of a hundred thousand is read."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from bench.figures import Row, at_least, at_most, figure
from bench.population import SEED, Rates, Visit, visits
from bench.recognising import recognise_all
from bench.stage import Stage
from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.identifiers import new_id
from jishi.ledger import balances
from jishi.membership import join_by, load_file, portrait_of, resolve
from jishi.membership.known import key_of, traits_of
from jishi.membership.tables import IdentityTable, MemberTable, TraitTable
from jishi.shop import Shop
from jishi.testing.purse import Purse, purse_of
from jishi.web import make_shop, require_tables

PART = "members"
_MEMBERS = 100_000
_READS = 1_000
T = TypeVar("T")
_SECRET = {"SECRET": "s" * 48}


def measure(stage: Stage) -> Iterator[Row]:
    """Recognition against the truth, then reads of a full shop."""
    yield from _recognition(stage)
    yield from asyncio.run(_reads(stage))


def _recognition(stage: Stage) -> Iterator[Row]:
    people = 3_000 if stage.pace.is_quick else 20_000
    rates = Rates()
    doubled = Rates(
        shares_phone=2 * rates.shares_phone,
        changed_phone=2 * rates.changed_phone,
        typo_phone=2 * rates.typo_phone,
        typo_birthday=2 * rates.typo_birthday,
        wrong_name=2 * rates.wrong_name,
        given_again=2 * rates.given_again,
    )
    for said, chosen, barred in (("", rates, "yes"), (", errors twice as often", doubled, "no")):
        came = visits(people, SEED, chosen)
        stage.say(f"{len(came):,} visits of {people:,} people{said}")
        begun = time.process_time()
        found = recognise_all(came)
        spent = 1e6 * (time.process_time() - begun) / len(came)
        what = f"{people:,} people in five channels{said}"
        yield Row(
            part=PART,
            what=f"precision, {what}",
            figure=figure([100 * found.precision], "%"),
            bar=at_least(99.0) if barred == "yes" else None,
            note=f"pairs of visits: {found.right:,} rightly one, {found.wrong:,} wrongly; "
            f"seed {SEED}; {_told(chosen)}",
        )
        yield Row(
            part=PART,
            what=f"recall, {what}",
            figure=figure([100 * found.recall], "%"),
            bar=at_least(92.0) if barred == "yes" else None,
            note=f"{found.missed:,} pairs missed; people were asked about {found.asked:,} pairs "
            f"of members, {found.asked_right:,} of them one person; {spent:.0f} µs a visit",
        )


def _told(rates: Rates) -> str:
    named = {
        "live together": rates.household,
        "of their visits with another's phone": rates.shares_phone,
        "changed their number": rates.changed_phone,
        "numbers with a slip": rates.typo_phone,
        "names incomplete": rates.short_name,
        "names wrong": rates.wrong_name,
    }
    return "of a thousand: " + ", ".join(f"{rate} {what}" for what, rate in named.items())


async def _reads(stage: Stage) -> list[Row]:
    """Reads in this process, one after the other, each of somebody else."""
    people = 10_000 if stage.pace.is_quick else _MEMBERS
    stage.say(f"{people:,} members are written")
    shop = await _full_shop(stage, people)
    try:
        ids = await shop.database.fetch_as(str, "SELECT id FROM membership_members ORDER BY id")
        dice = random.Random(SEED)  # noqa: S311 nothing secret
        some = dice.sample(ids, min(_READS, len(ids)))
        came = dice.sample(_some_visits(people), _READS)
        profile = await _timed(some, lambda member: load_file(shop, member))
        balance = await _timed(some, lambda member: balances(shop.database, [purse_of(member)]))
        asked = await _timed(came, lambda visit: resolve(shop, visit.said))
        met = await _timed(
            came[:200], lambda visit: join_by(shop, None, visit.said, visit.channel)
        )
    finally:
        await shop.database.stop()
    among = f"among {people:,} members, SQLite"
    return [
        _row(f"profile read, {among}, p99", profile, 5.0),
        _row(f"balance read, {among}, p99", balance, 5.0),
        _row(f"who may be meant, {among}, p99", asked, 5.0),
        _row(f"recognised and written down, {among}, p99", met, None),
    ]


class _Times(list[float]):
    """Milliseconds of the clock, one by one, and of the processor, on average."""

    processor: float = 0.0


def _row(what: str, times: _Times, bar: float | None) -> Row:
    ordered = sorted(times)
    return Row(
        part=PART,
        what=what,
        figure=figure([ordered[int(len(ordered) * 0.99)]], "ms"),
        bar=at_most(bar) if bar else None,
        note=f"median {ordered[len(ordered) // 2]:.2f} ms, highest {ordered[-1]:.2f} ms of "
        f"{len(ordered):,} in this process; processor {times.processor:.2f} ms each",
    )


async def _timed(many: Sequence[T], work: Callable[[T], Awaitable[object]]) -> _Times:
    for each in many[:20]:
        await work(each)
    times, spent = _Times(), time.process_time()
    for each in many:
        begun = time.perf_counter()
        await work(each)
        times.append(1e3 * (time.perf_counter() - begun))
    times.processor = 1e3 * (time.process_time() - spent) / len(many)
    return times


async def _full_shop(stage: Stage, people: int) -> Shop:
    """A shop on SQLite that knows so many members, each of one visit."""
    folder = stage.folder / "members"
    folder.mkdir(exist_ok=True)
    tables = {
        "shop": {"name": "量一量", "secret": {"env": "SECRET"}},
        "database": {"url": f"sqlite:///{folder / 'shop.db'}"},
        "channels": {"web": {"name": "网店"}},
    }
    config = read_config(Source(folder, tables=tables, environ=_SECRET))
    clock = FakeClock(datetime(2026, 3, 1, tzinfo=UTC))
    shop = make_shop(config, clock, also={"purse": Purse})
    await shop.database.start()
    await require_tables(shop, "upgrade")
    first = {each.person: each for each in reversed(_some_visits(people))}
    for start in range(0, len(first), 5_000):
        await _write(shop, list(first.values())[start : start + 5_000])
    return shop


def _some_visits(people: int) -> list[Visit]:
    return visits(people, SEED + 1)


async def _write(shop: Shop, came: Sequence[Visit]) -> None:
    now = shop.clock.now()
    ids = [new_id() for _ in came]
    known = [portrait_of(each.said) for each in came]
    identities = {
        (one.kind, one.value, one.issuer): (
            new_id(),
            member,
            now,
            now if one in p.proved else None,
        )
        for member, p in zip(ids, known, strict=True)
        for one in p.proved | p.claimed
    }
    async with shop.database.transaction() as tx:
        members = [(one, visit.said.name, now) for one, visit in zip(ids, came, strict=True)]
        await tx.insert(MemberTable, ("id", "name", "joined_at"), members)
        columns = ("kind", "value", "issuer", "id", "member_id", "added_at", "verified_at")
        rows = [(*what, *rest) for what, rest in identities.items()]
        await tx.insert(IdentityTable, columns, rows, on_conflict="ignore")
        traits = [
            (new_id(), member, kind, "" if kind == "mark" else value, key_of(shop, trait), now)
            for member, portrait in zip(ids, known, strict=True)
            for trait in traits_of(portrait)
            for kind, value in (trait,)
        ]
        named = ("id", "member_id", "kind", "value", "key", "seen_at")
        await tx.insert(TraitTable, named, traits, on_conflict="ignore")
