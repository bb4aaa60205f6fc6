"""What a member keeps: identities, addresses, the places where he is logged in."""

from typing import Annotated

import msgspec
from litestar import Request, delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from jishi.callers import caller_of, require_member
from jishi.membership.addresses import (
    add_address,
    change_address,
    list_addresses,
    load_address,
    remove_address,
)
from jishi.membership.attach_identity import attach_identity, detach_identity, list_identities
from jishi.membership.contacts import Contact, Typed, identity_of
from jishi.membership.send_code import send_attach_code
from jishi.membership.structs import KeptAddress, KeptIdentity, KeptToken, MemberAddress
from jishi.membership.tokens import end_token, list_tokens
from jishi.shop import shop_of


class Attachment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identity and the code that was sent to it."""

    phone: Typed | None = None
    email: Typed | None = None
    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$")]


class Identities(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a member is recognised by."""

    items: list[KeptIdentity]


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a member keeps for deliveries."""

    items: list[KeptAddress]


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member is logged in."""

    items: list[KeptToken]


@get("/store/me/identities", operation_id="membership_identities", tags=["me"])
async def my_identities(request: Request[object, object, State]) -> Identities:
    """What I am recognised by."""
    return Identities(items=await list_identities(shop_of(request), _me(request)))


@post(
    "/store/me/identities/codes",
    operation_id="membership_send_attach_code",
    status_code=202,
    tags=["me"],
)
async def send_code_to_attach(
    request: Request[object, object, State], data: JSONBody[Contact]
) -> None:
    """Send a code to a phone number or e-mail address that is to become mine."""
    member, identity = _me(request), identity_of(data.phone, data.email)
    await send_attach_code(shop_of(request), member, identity, caller_of(request).address)


@post("/store/me/identities", operation_id="membership_attach", tags=["me"])
async def attach(
    request: Request[object, object, State], data: JSONBody[Attachment]
) -> Identities:
    """Be recognised by one more identity."""
    member, identity = _me(request), identity_of(data.phone, data.email)
    return Identities(items=await attach_identity(shop_of(request), member, identity, data.code))


@delete("/store/me/identities/{identity_id:str}", operation_id="membership_detach", tags=["me"])
async def detach(request: Request[object, object, State], identity_id: FromPath[str]) -> None:
    """No longer be recognised by an identity; the last one stays."""
    await detach_identity(shop_of(request), _me(request), identity_id)


@get("/store/me/addresses", operation_id="membership_addresses", tags=["me"])
async def my_addresses(request: Request[object, object, State]) -> Addresses:
    """My addresses."""
    return Addresses(items=await list_addresses(shop_of(request).database, _me(request)))


@post("/store/me/addresses", operation_id="membership_add_address", tags=["me"])
async def new_address(
    request: Request[object, object, State], data: JSONBody[MemberAddress]
) -> KeptAddress:
    """Keep an address."""
    return await add_address(shop_of(request), _me(request), data)


@get("/store/me/addresses/{address_id:str}", operation_id="membership_address", tags=["me"])
async def one_address(
    request: Request[object, object, State], address_id: FromPath[str]
) -> KeptAddress:
    """One of my addresses."""
    return await load_address(shop_of(request).database, _me(request), address_id)


@put("/store/me/addresses/{address_id:str}", operation_id="membership_set_address", tags=["me"])
async def set_address(
    request: Request[object, object, State],
    address_id: FromPath[str],
    data: JSONBody[MemberAddress],
) -> KeptAddress:
    """Write an address anew."""
    return await change_address(shop_of(request), _me(request), address_id, data)


@delete(
    "/store/me/addresses/{address_id:str}", operation_id="membership_drop_address", tags=["me"]
)
async def drop_address(request: Request[object, object, State], address_id: FromPath[str]) -> None:
    """Forget an address."""
    await remove_address(shop_of(request), _me(request), address_id)


@get("/store/me/tokens", operation_id="membership_tokens", tags=["me"])
async def my_tokens(request: Request[object, object, State]) -> Tokens:
    """Where I am logged in."""
    return Tokens(items=await list_tokens(shop_of(request), _me(request)))


@delete("/store/me/tokens/{token_id:str}", operation_id="membership_end_token", tags=["me"])
async def drop_token(request: Request[object, object, State], token_id: FromPath[str]) -> None:
    """Log out somewhere else."""
    await end_token(shop_of(request), _me(request), token_id)


def _me(request: Request[object, object, State]) -> str:
    return require_member(request).owner


ROUTES = (
    my_identities,
    send_code_to_attach,
    attach,
    detach,
    my_addresses,
    new_address,
    one_address,
    set_address,
    drop_address,
    my_tokens,
    drop_token,
)
"""The handlers below ``/store/me``."""
