"""What remote plugins may answer; a word that nobody knows is a mistake, not a decoration."""

from typing import TypeVar

import httpx
import msgspec

from jishi.compliance import Finding
from jishi.orders import Objection
from jishi.pricing import Lane, Offer
from jishi.remote.line import RemoteFailed

A = TypeVar("A", bound=msgspec.Struct)


class RemoteObjection(Objection, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An objection from elsewhere."""


class RemoteFinding(Finding, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding from elsewhere."""


class RemoteOffer(Offer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer from elsewhere; the core checks it as any other.

    Attributes:
        effects: None: who is elsewhere only says what things cost.
    """

    effects: tuple[()] = ()


class Objections(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to ``review_checkout``."""

    objections: tuple[RemoteObjection, ...]


class Findings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to ``review_subject``."""

    findings: tuple[RemoteFinding, ...]


class Offers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to ``adjust_price``: offers by lane."""

    offers: dict[Lane, tuple[RemoteOffer, ...]]


def read_answer(answer: httpx.Response, kind: type[A]) -> A:
    """The answer as a struct.

    Raises:
        RemoteFailed: It is something else; the sentence says where.
    """
    if answer.status_code != 200:
        raise RemoteFailed(f"answered {answer.status_code}; expected 200 and JSON")
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RemoteFailed(f"answered with JSON that cannot be used: {error}") from error
