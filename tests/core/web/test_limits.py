"""Nesting is counted without decoding, and strings do not count."""

import time
from contextlib import suppress

import pytest

from jishi.web.limits import TooDeep, check_depth
from jishi.web.settings import JSON_DEPTH


@pytest.mark.parametrize(
    "body",
    [
        b"[" * JSON_DEPTH + b"]" * JSON_DEPTH,
        b'{"a": "' + b"[" * 1000 + b'"}',
        b'{"a": "\\"' + b"{" * 1000 + b'"}',
        b"[" + b"[]," * 1000 + b"[]]",
        b"",
    ],
)
def test_what_is_flat_enough_passes(body):
    check_depth(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (JSON_DEPTH + 1),
        b'{"a":' * (JSON_DEPTH + 1),
        b'["x", ' * (JSON_DEPTH + 1),
        b'["\\\\", ' * (JSON_DEPTH + 1),
    ],
)
def test_what_is_deeper_does_not(body):
    with pytest.raises(TooDeep):
        check_depth(body)


@pytest.mark.parametrize(
    "piece",
    [b'"\\', b'"', b'\\"', b'"",', b"[]", b"[", b"]", b"][", b"[[]", b'{"":[]},', b'"["'],
)
def test_no_body_of_ten_megabytes_takes_long(piece):
    body = b"[" * 70 + b"]" * 10 + piece * (10_000_000 // len(piece))
    begun = time.process_time()
    with suppress(TooDeep):
        check_depth(body)
    assert time.process_time() - begun < 5
