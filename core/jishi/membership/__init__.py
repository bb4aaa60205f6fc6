"""Members: who they are, how they are recognised, how they log in."""

from jishi.membership.addresses import (
    add_address,
    change_address,
    list_addresses,
    load_address,
    remove_address,
)
from jishi.membership.attach_identity import attach_identity, detach_identity, list_identities
from jishi.membership.contacts import identity_of
from jishi.membership.guests import guest_of, new_guest
from jishi.membership.log_in import Adopter, enter, log_in
from jishi.membership.members import list_members, load_member, recognise, rename_member
from jishi.membership.problems import (
    BadContact,
    CodeNotSent,
    CodeRefused,
    CodesTooOften,
    IdentityTaken,
    LastIdentity,
    NoCodeSender,
)
from jishi.membership.send_code import send_attach_code, send_login_code
from jishi.membership.structs import (
    CodeSender,
    Guest,
    Identity,
    IdentityKind,
    KeptAddress,
    KeptIdentity,
    KeptToken,
    LoggedIn,
    Member,
    MemberAddress,
    MemberFile,
    MemberPage,
)
from jishi.membership.tokens import caller_from_token, end_token, list_tokens, log_out

__all__ = [
    "Adopter",
    "BadContact",
    "CodeNotSent",
    "CodeRefused",
    "CodeSender",
    "CodesTooOften",
    "Guest",
    "Identity",
    "IdentityKind",
    "IdentityTaken",
    "KeptAddress",
    "KeptIdentity",
    "KeptToken",
    "LastIdentity",
    "LoggedIn",
    "Member",
    "MemberAddress",
    "MemberFile",
    "MemberPage",
    "NoCodeSender",
    "add_address",
    "attach_identity",
    "caller_from_token",
    "change_address",
    "detach_identity",
    "end_token",
    "enter",
    "guest_of",
    "identity_of",
    "list_addresses",
    "list_identities",
    "list_members",
    "list_tokens",
    "load_address",
    "load_member",
    "log_in",
    "log_out",
    "new_guest",
    "recognise",
    "remove_address",
    "rename_member",
    "send_attach_code",
    "send_login_code",
]
