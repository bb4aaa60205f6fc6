"""Members: who they are, how they are recognised, how they log in."""

from jishi.membership.structs import CodeSender, Identity, IdentityKind, Member

__all__ = ["CodeSender", "Identity", "IdentityKind", "Member"]
