"""Draws that anybody can check afterwards: pure, and without a shop.

Before the first entry the shop publishes the hash of a secret seed (the commitment). After the
draw it publishes the seed, the entries and the winners; `verify` works everything out again. Who
wins follows from the seed, an optional beacon (a public number that nobody knew before, said in
advance which one) and every entry: a changed, missing or added entry changes the digest, and a
changed seed does not fit the commitment (commit and reveal; Blum 1981).
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

MILLION = 1_000_000
Kind = Literal["lottery", "rain"]


class Prize(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be won; the prizes of a draw stand in order, the best first.

    Attributes:
        title: What people read.
        quantity: How many there are.
        odds: Of one bag in a rain, in parts per million; 0 in a lottery.
        gives: ``thing``, or what the shop gives by itself: ``coupon``, ``voucher``.
        coupon: The session's coupon that is won; empty otherwise.
    """

    title: str
    quantity: int
    odds: int = 0
    gives: Literal["thing", "coupon", "voucher"] = "thing"
    coupon: str = ""


class Entry(msgspec.Struct, frozen=True):
    """Somebody who takes part.

    Attributes:
        number: Its place, from 1, in the order in which the shop took entries.
        ticket: Who, for everybody but himself a meaningless number; see `ticket_of`.
        said: A digest of what he wrote, see `said_of`; empty in a rain.
    """

    number: int
    ticket: str
    said: str = ""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is published of a draw.

    Attributes:
        draw: The draw's id.
        kind: ``lottery`` draws once among all; ``rain`` decides bag by bag.
        commitment: Published before the first entry.
        prizes: In order, the best first.
        top_per_person: How often one person may win the best prize in a rain; 0: any number.
        beacon_rule: Where the beacon comes from, published before the first entry.
        beacon: What it was; may be empty.
        seed: Hexadecimal; published afterwards.
        digest: Of all entries, as published when the draw closed.
        entries: In order.
        winners: Entry's number and prize's place from 0, in order.
    """

    draw: str
    kind: Kind
    commitment: str
    prizes: tuple[Prize, ...]
    top_per_person: int
    beacon_rule: str
    beacon: str
    seed: str
    digest: str
    entries: tuple[Entry, ...]
    winners: tuple[tuple[int, int], ...]


def seed_of(secret: str, draw: str) -> bytes:
    """The seed of a draw: 32 bytes that nobody knows without the shop's secret."""
    return hmac.digest(secret.encode(), f"jishi live stream draw {draw}".encode(), "sha256")


def commitment_of(draw: str, seed: bytes) -> str:
    """What is published before the first entry."""
    return hashlib.sha256(b"commitment:" + draw.encode() + b":" + seed).hexdigest()


def ticket_of(draw: str, member: str) -> str:
    """A member's ticket: he can work it out himself, nobody else knows whose it is."""
    return hashlib.sha256(f"ticket:{draw}:{member}".encode()).hexdigest()[:24]


def said_of(draw: str, member: str, text: str) -> str:
    """What is kept and published of a comment: people write names and telephone numbers.

    The member can work it out himself; nobody else can try what he may have written, because
    nobody else knows his id.
    """
    return hashlib.sha256(f"said:{draw}:{member}:{text}".encode()).hexdigest()[:24]


def digest_of(entries: Iterable[Entry]) -> str:
    """One number for all entries and their order."""
    found = hashlib.sha256()
    for entry in entries:
        said = hashlib.sha256(entry.said.encode()).hexdigest()
        found.update(f"{entry.number}\t{entry.ticket}\t{said}\n".encode())
    return found.hexdigest()


def draw_lottery(
    seed: bytes, beacon: str, digest: str, entries: Sequence[Entry], prizes: Sequence[Prize]
) -> list[tuple[int, int]]:
    """The winners: entries in the order of their hashes, prizes from the best down.

    Args:
        seed: The draw's seed.
        beacon: The public number; may be empty.
        digest: Of all entries; it goes into the hash, so every entry counts.
        entries: Each person once.
        prizes: The best first.
    """
    mixed = hashlib.sha256(seed + beacon.encode() + digest.encode())
    order = sorted(entries, key=lambda entry: _hash(mixed, entry))
    places = [place for place, prize in enumerate(prizes) for _ in range(prize.quantity)]
    return [(entry.number, place) for entry, place in zip(order, places, strict=False)]


class Rain:
    """A rain of lucky bags: each bag is decided at once, by its number alone.

    Args:
        seed: The draw's seed.
        prizes: With their odds, the best first.
        top_per_person: How often one person may win the best prize; 0: any number.
    """

    def __init__(self, seed: bytes, prizes: Sequence[Prize], top_per_person: int = 0) -> None:
        self._mixed = hashlib.sha256(seed)
        self._prizes = prizes
        self._top = top_per_person

    def falls_on(self, entry: Entry) -> int | None:
        """The prize's place that a bag would hold, as long as there are any; None: nothing."""
        roll = int.from_bytes(_hash(self._mixed, entry)[:8], "big") * MILLION >> 64
        for place, prize in enumerate(self._prizes):
            if roll < prize.odds:
                return place
            roll -= prize.odds
        return None

    def play(self, entries: Iterable[Entry]) -> list[tuple[int, int]]:
        """All bags in their order, until the prizes are gone."""
        left = [prize.quantity for prize in self._prizes]
        tops: dict[str, int] = {}
        winners = []
        for entry in entries:
            place = self.falls_on(entry)
            if place is None or not left[place]:
                continue
            if place == 0 and self._top and tops.get(entry.ticket, 0) >= self._top:
                continue
            if place == 0:
                tops[entry.ticket] = tops.get(entry.ticket, 0) + 1
            left[place] -= 1
            winners.append((entry.number, place))
        return winners


def verify(proof: Proof) -> list[str]:
    """What is wrong with a published draw; nothing when it is as it was promised."""
    wrong = []
    try:
        seed = bytes.fromhex(proof.seed)
    except ValueError:
        return ["the seed is no hexadecimal number"]
    if commitment_of(proof.draw, seed) != proof.commitment:
        wrong.append("the seed does not fit the commitment: it was changed after the fact")
    if digest_of(proof.entries) != proof.digest:
        wrong.append("the entries do not fit their digest: one was changed, added or left out")
    if [entry.number for entry in proof.entries] != list(range(1, len(proof.entries) + 1)):
        wrong.append("the entries are not numbered from 1 without a gap")
    if list(proof.winners) != _winners(proof, seed):
        wrong.append("the winners are other ones than the seed and the entries give")
    return wrong


def _winners(proof: Proof, seed: bytes) -> list[tuple[int, int]]:
    if proof.kind == "rain":
        return Rain(seed, proof.prizes, proof.top_per_person).play(proof.entries)
    return draw_lottery(seed, proof.beacon, proof.digest, proof.entries, proof.prizes)


def _hash(mixed: "hashlib._Hash", entry: Entry) -> bytes:
    found = mixed.copy()
    found.update(f"{entry.number}:{entry.ticket}".encode())
    return found.digest()
