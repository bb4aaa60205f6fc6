"""Members: who they are, how they are recognised, how they log in."""

from jishi.membership.addresses import (
    add_address,
    change_address,
    list_addresses,
    load_address,
    remove_address,
)
from jishi.membership.aliases import (
    ids_in_sql,
    member_ids,
    survivor_in_sql,
    survivor_of,
    survivors_of,
)
from jishi.membership.attach_identity import (
    attach_identity,
    attach_proved,
    detach_identity,
    list_identities,
)
from jishi.membership.contacts import identity_as, identity_of
from jishi.membership.duplicates import (
    PairDecision,
    PairPage,
    SideBySide,
    decide_pair,
    list_pairs,
    load_pair,
)
from jishi.membership.find_matches import resolve
from jishi.membership.guests import guest_of, new_guest
from jishi.membership.join_by import Recognised, chosen_of, join_by
from jishi.membership.know_together import Also
from jishi.membership.known import finding, portrait_of
from jishi.membership.liken import liken
from jishi.membership.log_in import Adopter, enter, log_in
from jishi.membership.look_for_others import look_for_others
from jishi.membership.members import list_members, load_member, recognise, rename_member
from jishi.membership.merge_members import Why, merge_members, sweep, sweeping
from jishi.membership.pairs import Pair
from jishi.membership.part_members import part_member
from jishi.membership.people import Certainty, Evidence, Likeness, Match, Portrait, Said
from jishi.membership.problems import (
    BadContact,
    CodeNotSent,
    CodeRefused,
    CodesTooOften,
    IdentityTaken,
    LastIdentity,
    MembersBusy,
    NoCodeSender,
    NotMerged,
)
from jishi.membership.profile import load_file, load_me
from jishi.membership.prove import proof_code_fits, send_proof_code
from jishi.membership.send_code import send_attach_code, send_login_code
from jishi.membership.structs import (
    CodeSender,
    Guest,
    Identity,
    IdentityKind,
    KeptAddress,
    KeptIdentity,
    KeptMerge,
    KeptToken,
    LoggedIn,
    Me,
    Member,
    MemberAddress,
    MemberFile,
    MemberPage,
    Merge,
    ProfileLine,
    ProfileSection,
)
from jishi.membership.tokens import caller_from_token, end_token, list_tokens, log_out

__all__ = [
    "Adopter",
    "Also",
    "BadContact",
    "Certainty",
    "CodeNotSent",
    "CodeRefused",
    "CodeSender",
    "CodesTooOften",
    "Evidence",
    "Guest",
    "Identity",
    "IdentityKind",
    "IdentityTaken",
    "KeptAddress",
    "KeptIdentity",
    "KeptMerge",
    "KeptToken",
    "LastIdentity",
    "Likeness",
    "LoggedIn",
    "Match",
    "Me",
    "Member",
    "MemberAddress",
    "MemberFile",
    "MemberPage",
    "MembersBusy",
    "Merge",
    "NoCodeSender",
    "NotMerged",
    "Pair",
    "PairDecision",
    "PairPage",
    "Portrait",
    "ProfileLine",
    "ProfileSection",
    "Recognised",
    "Said",
    "SideBySide",
    "Why",
    "add_address",
    "attach_identity",
    "attach_proved",
    "caller_from_token",
    "change_address",
    "chosen_of",
    "decide_pair",
    "detach_identity",
    "end_token",
    "enter",
    "finding",
    "guest_of",
    "identity_as",
    "identity_of",
    "ids_in_sql",
    "join_by",
    "liken",
    "list_addresses",
    "list_identities",
    "list_members",
    "list_pairs",
    "list_tokens",
    "load_address",
    "load_file",
    "load_me",
    "load_member",
    "load_pair",
    "log_in",
    "log_out",
    "look_for_others",
    "member_ids",
    "merge_members",
    "new_guest",
    "part_member",
    "portrait_of",
    "proof_code_fits",
    "recognise",
    "remove_address",
    "rename_member",
    "resolve",
    "send_attach_code",
    "send_login_code",
    "send_proof_code",
    "survivor_in_sql",
    "survivor_of",
    "survivors_of",
    "sweep",
    "sweeping",
]
