"""Ids sort by time, numbers cannot be guessed."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

from jishi.identifiers import new_id, new_order_number, new_secret


def test_an_id_is_a_uuid_of_version_7() -> None:
    parsed = uuid.UUID(new_id())
    assert parsed.version == 7
    assert parsed.variant == uuid.RFC_4122


def test_ids_of_one_process_grow() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [
            each
            for part in pool.map(lambda _: [new_id() for _ in range(500)], range(8))
            for each in part
        ]
    assert len(set(ids)) == 4000


def test_an_order_number_fits_what_gateways_allow() -> None:
    numbers = {new_order_number() for _ in range(1000)}
    assert len(numbers) == 1000
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{20}", number) for number in numbers)


def test_a_secret_has_256_bits() -> None:
    assert len(new_secret()) == 43
