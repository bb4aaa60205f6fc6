"""Draws are fair, reproducible, and a changed entry is found; without a shop."""

import math
import subprocess
import sys
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jishi_live_stream.draws import (
    MILLION,
    Entry,
    Prize,
    Proof,
    Rain,
    commitment_of,
    digest_of,
    draw_lottery,
    seed_of,
    ticket_of,
    verify,
)

PRIZES = (Prize(title="金", quantity=1, odds=100), Prize(title="银", quantity=20, odds=20_000))


def entries_of(draw: str, many: int) -> tuple[Entry, ...]:
    return tuple(
        Entry(number, ticket_of(draw, f"m{number}"), f"弹幕 {number}")
        for number in range(1, many + 1)
    )


def proof_of(kind="lottery", many=500, draw="d1", beacon="8-14-21", top=0) -> Proof:
    seed = seed_of("secret", draw)
    entries = entries_of(draw, many)
    digest = digest_of(entries)
    if kind == "rain":
        winners = Rain(seed, PRIZES, top).play(entries)
    else:
        winners = draw_lottery(seed, beacon, digest, entries, PRIZES)
    return Proof(
        draw=draw, kind=kind, commitment=commitment_of(draw, seed), prizes=PRIZES,
        top_per_person=top, beacon_rule="双色球 第 2026130 期", beacon=beacon, seed=seed.hex(),
        digest=digest, entries=entries, winners=tuple(winners),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["lottery", "rain"])
def test_a_proof_is_reproduced(kind):
    assert verify(proof_of(kind)) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_changed_is_found(data):
    proof = proof_of(data.draw(st.sampled_from(["lottery", "rain"])), many=40)
    entries = list(proof.entries)
    at = data.draw(st.integers(0, len(entries) - 1))
    what = data.draw(st.sampled_from(["text", "ticket", "drop", "add", "swap", "seed", "winner"]))
    if what == "text":
        entries[at] = Entry(entries[at].number, entries[at].ticket, entries[at].said + "!")
    elif what == "ticket":
        entries[at] = Entry(entries[at].number, ticket_of("d1", "friend"), entries[at].said)
    elif what == "drop":
        del entries[at]
    elif what == "add":
        entries.append(Entry(len(entries) + 1, ticket_of("d1", "friend"), ""))
    elif what == "swap":
        other = (at + 1) % len(entries)
        entries[at], entries[other] = entries[other], entries[at]
    changed = msgspec.structs.replace(proof, entries=tuple(entries))
    if what == "seed":
        changed = msgspec.structs.replace(proof, seed=seed_of("other", "d1").hex())
    if what == "winner":
        changed = msgspec.structs.replace(proof, winners=(*proof.winners, (at + 1, 0)))
    assert verify(changed) != []


def test_a_beacon_nobody_knew_decides_too():
    assert proof_of(beacon="a").winners != proof_of(beacon="b").winners


def within_four_sigma(seen: int, trials: int, chance: float) -> bool:
    return abs(seen - trials * chance) <= 4 * math.sqrt(trials * chance * (1 - chance)) + 1


def test_a_thousand_lotteries_favour_nobody():
    wins: Counter[int] = Counter()
    for draw in range(1000):
        entries = entries_of(f"d{draw}", 100)
        seed = seed_of("secret", f"d{draw}")
        for number, _ in draw_lottery(seed, "", digest_of(entries), entries, PRIZES):
            wins[number] += 1
    assert sum(wins.values()) == 1000 * 21
    assert all(within_four_sigma(wins[number], 1000, 0.21) for number in range(1, 101))


def test_a_thousand_rains_keep_their_published_odds():
    endless = tuple(msgspec.structs.replace(each, quantity=10**9) for each in PRIZES)
    seen: Counter[int] = Counter()
    for draw in range(1000):
        entries = [Entry(number, f"t{number}") for number in range(1, 301)]
        rain = Rain(seed_of("secret", f"r{draw}"), endless)
        seen.update(place for _, place in rain.play(entries))
    for place, prize in enumerate(PRIZES):
        assert within_four_sigma(seen[place], 300_000, prize.odds / MILLION)


def test_no_more_is_won_than_there_is():
    prizes = (
        Prize(title="金", quantity=2, odds=500_000),
        Prize(title="银", quantity=3, odds=500_000),
    )
    entries = [Entry(number, "same") for number in range(1, 200)]
    won = Counter(place for _, place in Rain(b"seed", prizes).play(entries))
    assert won == {0: 2, 1: 3}
    once = Counter(place for _, place in Rain(b"seed", prizes, top_per_person=1).play(entries))
    assert once == {0: 1, 1: 3}


def test_anybody_can_check_a_file(tmp_path):
    path = tmp_path / "proof.json"
    command = [sys.executable, "-m", "jishi_live_stream.verify", str(path)]
    path.write_bytes(msgspec.json.encode(proof_of()))
    right = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (right.returncode, "all as promised" in right.stdout) == (0, True)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(proof_of(), beacon="x")))
    wrong = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (wrong.returncode, "WRONG" in wrong.stdout) == (1, True)
    path.write_text("nonsense")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
