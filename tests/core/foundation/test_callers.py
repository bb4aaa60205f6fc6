"""Who is asking decides what may be done; nobody is nobody."""

from types import SimpleNamespace

import pytest

from jishi.callers import (
    Caller,
    caller_of,
    must_own,
    require_member,
    require_shopper,
    require_staff,
)
from jishi.problems import Forbidden, NotFound, Unauthenticated


def asked_by(caller: Caller) -> SimpleNamespace:
    return SimpleNamespace(scope={"jishi.caller": caller})


GUEST = Caller(kind="guest", id="g1")
MEMBER = Caller(kind="member", id="m1")
NOBODY = Caller()
PACKER = Caller(kind="staff", id="s1", scopes=frozenset({"orders:ship", "stock:*"}))


def test_a_guest_and_a_member_shop() -> None:
    assert require_shopper(asked_by(GUEST)).owner == "g1"
    assert require_shopper(asked_by(MEMBER)).owner == "m1"
    assert caller_of(asked_by(NOBODY)) is NOBODY


@pytest.mark.parametrize("caller", [NOBODY, PACKER, Caller(kind="guest", id=None)])
def test_who_is_no_shopper_owns_nothing(caller: Caller) -> None:
    with pytest.raises(Unauthenticated):
        require_shopper(asked_by(caller))


def test_a_guest_is_no_member() -> None:
    with pytest.raises(Unauthenticated):
        require_member(asked_by(GUEST))


@pytest.mark.parametrize("scope", ["orders:ship", "stock:write"])
def test_a_role_allows_its_scopes(scope: str) -> None:
    assert require_staff(asked_by(PACKER), scope) is PACKER


def test_a_role_allows_nothing_else() -> None:
    with pytest.raises(Forbidden) as refused:
        require_staff(asked_by(PACKER), "orders:refund")
    assert refused.value.extra["scope"] == "orders:refund"
    with pytest.raises(Unauthenticated):
        require_staff(asked_by(MEMBER), "orders:refund")


def test_what_belongs_to_another_does_not_exist() -> None:
    must_own("m1", MEMBER)
    for owner in ("m2", ""):
        with pytest.raises(NotFound):
            must_own(owner, MEMBER)
